/**
 * What the drain loop does while the disk takes its time: it goes on, but hands nobody what a power cut could take back.
 */
import { eventually } from '../../support/eventually.js';
import { createHeldDisk, type HeldDisk } from '../../support/heldDisk.js';
import { openBed, text, type Bed } from './bed.js';

let disk: HeldDisk;
let bed: Bed;

beforeEach(async () => {
  disk = createHeldDisk();
  bed = await openBed({
    aroundSync: disk.aroundSync,
  });
});

afterEach(async () => {
  disk.release();
  await bed.close();
});

const statusOf = async (text: string): Promise<string | undefined> => {
  const messages = await bed.store.messages.list({ sessionIds: [], limit: 100 });
  return messages.find(({ content }) => content.type === 'text' && content.text.body === text)?.status;
};

test('a message that is not on the disk yet is not handed over', async () => {
  bed.outbox.own(bed.fence);
  disk.hold();
  const posted = bed.post(text('not yet'));
  await eventually('the sync', () => disk.waiting() === 1);
  // As another message's bell would, while this one is committed and its caller is still waiting.
  bed.bell.ring('outbox:s1');
  await eventually('the claim', async () => (await statusOf('not yet')) === 'sending');
  expect(bed.sender.sent).toHaveLength(0);
  disk.release();
  await bed.reaches(await posted, 'sent');
});

test('an accepted message goes while the disk is busy, and who is told of it can wait for the disk', async () => {
  const message = await bed.post(text('accepted'));
  const told: string[] = [];
  disk.hold();
  bed.bell.listen(`message:${message.id}`, () => {
    void bed.store.durable().then(() => told.push(message.id));
  });
  bed.outbox.own(bed.fence);
  await bed.reaches(message, 'sent');
  expect(bed.texts()).toEqual(['accepted']);
  await eventually('the sync', () => disk.waiting() === 1);
  expect(told).toEqual([]);
  disk.release();
  await eventually('the news', () => told.length > 0);
});

test('what nobody asks for does not hurry the disk, and is there within 50 ms', async () => {
  const message = await bed.post(text('unasked'));
  disk.hold();
  bed.outbox.own(bed.fence);
  await bed.reaches(message, 'sent');
  await eventually('the sync', () => disk.waiting() === 1);
  let kept = false;
  const receipt = bed.outbox
    .receive('s1', { waIds: [message.waId], status: 'delivered' })
    .then(() => (kept = true));
  await bed.reaches(message, 'delivered');
  expect(kept).toBe(false);
  disk.release();
  await receipt;
});

test('a message that counts for a cap waits until its count is on the disk', async () => {
  await bed.store.sessions.update('s1', { policy: { preset: 'unpaced', perDay: 10 } });
  const message = await bed.post(text('counted'));
  disk.hold();
  bed.outbox.own(bed.fence);
  await bed.reaches(message, 'sending');
  expect(bed.sender.sent).toHaveLength(0);
  disk.release();
  await bed.reaches(message, 'sent');
});
