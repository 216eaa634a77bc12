/**
 * What the drain loop does while the disk takes its time: it goes on, but hands nobody what a power cut could take back.
 */
import { eventually } from '../../support/eventually.js';
import { openBed, text, type Bed } from './bed.js';

let held: (() => void)[] | null = null;
let bed: Bed;

const release = (): void => {
  const waiting = held ?? [];
  held = null;
  for (const go of waiting) go();
};

beforeEach(async () => {
  bed = await openBed({
    aroundSync: (sync) => async () => {
      if (held) await new Promise<void>((resolve) => held?.push(resolve));
      await sync();
    },
  });
});

afterEach(async () => {
  release();
  await bed.close();
});

const statusOf = async (text: string): Promise<string | undefined> => {
  const messages = await bed.store.messages.list({ sessionIds: [], limit: 100 });
  return messages.find(({ content }) => content.type === 'text' && content.text.body === text)?.status;
};

test('a message that is not on the disk yet is not handed over', async () => {
  bed.outbox.own(bed.fence);
  held = [];
  const posted = bed.post(text('not yet'));
  await eventually('the sync', () => held?.length === 1);
  // As another message's bell would, while this one is committed and its caller is still waiting.
  bed.bell.ring('outbox:s1');
  await eventually('the claim', async () => (await statusOf('not yet')) === 'sending');
  expect(bed.sender.sent).toHaveLength(0);
  release();
  await bed.reaches(await posted, 'sent');
});

test('an accepted message goes while the disk is busy, and who is told of it can wait for the disk', async () => {
  const message = await bed.post(text('accepted'));
  const told: string[] = [];
  held = [];
  bed.bell.listen(`message:${message.id}`, () => {
    void bed.store.durable().then(() => told.push(message.id));
  });
  bed.outbox.own(bed.fence);
  await bed.reaches(message, 'sent');
  expect(bed.texts()).toEqual(['accepted']);
  await eventually('the sync', () => held?.length === 1);
  expect(told).toEqual([]);
  release();
  await eventually('the news', () => told.length > 0);
});

test('what nobody asks for does not hurry the disk, and is there within 50 ms', async () => {
  const message = await bed.post(text('unasked'));
  held = [];
  bed.outbox.own(bed.fence);
  await bed.reaches(message, 'sent');
  await eventually('the sync', () => held?.length === 1);
  let kept = false;
  const receipt = bed.outbox
    .receive('s1', { waIds: [message.waId], status: 'delivered' })
    .then(() => (kept = true));
  await bed.reaches(message, 'delivered');
  expect(kept).toBe(false);
  release();
  await receipt;
});

test('a message that counts for a cap waits until its count is on the disk', async () => {
  await bed.store.sessions.update('s1', { policy: { preset: 'unpaced', perDay: 10 } });
  const message = await bed.post(text('counted'));
  held = [];
  bed.outbox.own(bed.fence);
  await bed.reaches(message, 'sending');
  expect(bed.sender.sent).toHaveLength(0);
  release();
  await bed.reaches(message, 'sent');
});
