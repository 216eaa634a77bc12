import { eventually } from '../../support/eventually.js';
import type { ErrorCode } from '../../../gateway/src/domain/error.js';
import { openBed, SECOND, type Bed } from './bed.js';

let bed: Bed;

beforeEach(async () => {
  bed = await openBed();
});

afterEach(() => bed.close());

/** Lets what waits for company in a commit go. */
async function receive(status: 'delivered' | 'read' | 'played', ...waIds: string[]): Promise<void> {
  const received = bed.outbox.receive('s1', { waIds, status });
  bed.clock.advance(20);
  await received;
}

const statusOf = async (id: string) => (await bed.store.messages.find(id))?.status;
const refused = (code: ErrorCode) => expect.objectContaining({ name: 'GatewayError', code }) as Error;

test('receipts move a message forward, never back, and each once', async () => {
  bed.outbox.own(bed.fence);
  const message = await bed.reaches(await bed.post(), 'sent');
  await receive('read', message.waId);
  await receive('delivered', message.waId);
  await receive('read', message.waId);
  expect(await statusOf(message.id)).toBe('read');
  await receive('played', message.waId);
  expect(await statusOf(message.id)).toBe('played');
  expect(bed.events.map(({ type, data }) => [type, data.status])).toEqual([
    ['message.queued', 'queued'],
    ['message.sent', 'sent'],
    ['message.read', 'read'],
    ['message.read', 'played'],
  ]);
});

test('a receipt that overtakes the acknowledgement proves the sending', async () => {
  const release = bed.sender.hold();
  bed.sender.next({ kind: 'unknown', reason: 'no_acknowledgement' });
  const message = await bed.post();
  bed.outbox.own(bed.fence);
  await eventually('the send', () => bed.sender.sent.length === 1);
  await receive('delivered', message.waId);
  release();
  await bed.outbox.stop();
  expect(await statusOf(message.id)).toBe('delivered');
  expect(bed.events.map(({ type }) => type)).toEqual(['message.queued', 'message.sent', 'message.delivered']);
  expect(bed.sender.sent).toHaveLength(1);
});

test('one receipt may be for many messages', async () => {
  bed.outbox.own(bed.fence);
  const messages = [await bed.post(), await bed.post(), await bed.post()];
  for (const message of messages) await bed.reaches(message, 'sent');
  await receive('read', ...messages.map(({ waId }) => waId));
  for (const message of messages) expect(await statusOf(message.id)).toBe('read');
});

test('receipts for what another session sent, or nobody here, change nothing', async () => {
  await bed.addSession('s2');
  const message = await bed.post({ sessionId: 's2' });
  await receive('read', message.waId, '3EB0UNKNOWN');
  expect(await statusOf(message.id)).toBe('queued');
});

test('a message that waits can be cancelled, and is not sent then', async () => {
  const message = await bed.post();
  expect((await bed.outbox.cancel(message.id)).status).toBe('canceled');
  bed.outbox.own(bed.fence);
  await bed.reaches(await bed.post(), 'sent');
  expect(bed.sender.sent).toHaveLength(1);
  await receive('read', message.waId);
  expect(await statusOf(message.id)).toBe('canceled');
});

test('a message in the hands of WhatsApp cannot be cancelled', async () => {
  const release = bed.sender.hold();
  const message = await bed.post();
  bed.outbox.own(bed.fence);
  await eventually('the send', () => bed.sender.sent.length === 1);
  await expect(bed.outbox.cancel(message.id)).rejects.toEqual(refused('invalid_state'));
  release();
  await bed.reaches(message, 'sent');
  await expect(bed.outbox.cancel(message.id)).rejects.toEqual(refused('invalid_state'));
  await expect(bed.outbox.cancel('msg_unknown')).rejects.toEqual(refused('message_not_found'));
});

test('of a cancel and a send at the same time exactly one wins', async () => {
  for (let round = 0; round < 10; round += 1) {
    const message = await bed.post();
    if (round === 0) bed.outbox.own(bed.fence);
    const cancelled = await bed.outbox.cancel(message.id).then(
      () => true,
      () => false,
    );
    await bed.reaches(message, cancelled ? 'canceled' : 'sent');
    expect(bed.sender.sent.some(({ id }) => id === message.id)).toBe(!cancelled);
  }
});

test('a failed message can be retried, under the same WhatsApp id', async () => {
  bed.sender.next({ kind: 'rejected', code: 'not_allowed', message: 'No.', retryable: false });
  bed.outbox.own(bed.fence);
  const failed = await bed.reaches(await bed.post(), 'failed');
  const again = await bed.outbox.retry(failed.id);
  expect(again).toMatchObject({ status: 'queued', attempts: 0, error: null, waId: failed.waId });
  await bed.reaches(failed, 'sent');
  await expect(bed.outbox.retry(failed.id)).rejects.toEqual(refused('invalid_state'));
});

test('waits until a status is reached', async () => {
  const message = await bed.post();
  const waiting = bed.outbox.waitFor(message.id, 'sent', 60 * SECOND);
  bed.outbox.own(bed.fence);
  expect((await waiting).status).toBe('sent');
});

test('lists the newest first, page by page', async () => {
  const ids = [];
  for (let index = 0; index < 5; index += 1) ids.unshift((await bed.post()).id);
  const first = await bed.outbox.list({ sessionIds: [], limit: 3 });
  const second = await bed.outbox.list({ sessionIds: [], limit: 3, cursor: first.nextCursor ?? '' });
  expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids);
  expect(second.nextCursor).toBeNull();
});

test('the state of a queue says how many wait and why', async () => {
  const fence = await bed.addSession('s2', { gapMs: { min: 6 * SECOND, max: 6 * SECOND } });
  bed.outbox.own(fence);
  await bed.reaches(await bed.post({ sessionId: 's2' }), 'sent');
  const next = await bed.post({ sessionId: 's2' });
  await bed.post({ sessionId: 's2' });
  const state = await eventually('the hold', async () => {
    const found = await bed.outbox.queueState('s2');
    return found.hold ? found : null;
  });
  expect(state).toMatchObject({
    size: 2,
    hold: { code: 'gap' },
    nextSendAt: bed.clock.now() + 6 * SECOND,
    messagesToday: 1,
  });
  expect(await bed.outbox.describe(await bed.outbox.get(next.id))).toMatchObject({
    estimatedSendAt: bed.clock.now() + 6 * SECOND,
  });
});
