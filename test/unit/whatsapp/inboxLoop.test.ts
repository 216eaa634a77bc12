import { proto } from '@whiskeysockets/baileys';
import { createInboxLoop } from '../../../gateway/src/whatsapp/inboxLoop.js';
import { eventually } from '../../support/eventually.js';
import { openBed, type Bed } from './bed.js';

let bed: Bed;

beforeEach(async () => {
  bed = await openBed();
});

afterEach(() => bed.close());

const keep = (id: string, message: proto.IMessage, t = '1767225600') =>
  bed.store.inbox.insert({
    sessionId: 's1',
    stanza: { id, from: '4915112345678@s.whatsapp.net', t },
    ciphertextHash: id,
    plaintext: Buffer.concat([Buffer.from(proto.Message.encode(message).finish()), Buffer.from([1])]),
    receivedAt: bed.clock.now(),
  });

const texts = () => bed.events.map(({ data }) => data.text);

async function run(until: () => boolean): Promise<void> {
  const loop = createInboxLoop({ ...bed.deps, fence: bed.fence });
  await eventually('the events', until);
  await loop.stop();
}

test('what a crash left behind becomes events, in the order of arrival', async () => {
  for (let index = 0; index < 250; index += 1) await keep(String(index), { conversation: String(index) });
  await run(() => bed.events.length === 250);
  expect(texts()).toEqual(Array.from({ length: 250 }, (_, index) => String(index)));
  expect(await bed.store.inbox.pending('s1', 10)).toEqual([]);
});

test('a message that no date can hold the time of does not keep the next ones back', async () => {
  await keep('A', { conversation: 'first' }, '99999999999999999999');
  await keep('B', { conversation: 'second' });
  await run(() => bed.events.length === 2);
  expect(texts()).toEqual(['first', 'second']);
});

test('messages for the protocol become nothing, and are done', async () => {
  await keep('A', { senderKeyDistributionMessage: { groupId: '1@g.us' } });
  await keep('B', { conversation: 'second' });
  await run(() => bed.events.length === 1);
  expect(await bed.store.inbox.pending('s1', 10)).toEqual([]);
});

test('nothing is published for a session that another process owns', async () => {
  await keep('A', { conversation: 'first' });
  await bed.store.leases.releaseAll();
  const loop = createInboxLoop({ ...bed.deps, fence: bed.fence });
  await eventually('the step to end', () => bed.clock.pending() > 0);
  await loop.stop();
  expect(bed.events).toEqual([]);
  expect(bed.errors).toEqual([]);
  expect(await bed.store.inbox.pending('s1', 10)).toHaveLength(1);
});
