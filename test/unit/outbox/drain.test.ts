import type { SendOutcome } from '../../../gateway/src/domain/message.js';
import { eventually } from '../../support/eventually.js';
import { openBed, SECOND, TEST, text, type Bed } from './bed.js';

const unknown = (reason: Extract<SendOutcome, { kind: 'unknown' }>['reason']): SendOutcome => ({
  kind: 'unknown',
  reason,
});
const rejected = (retryable: boolean): SendOutcome => ({
  kind: 'rejected',
  code: 'not_allowed',
  message: 'No.',
  retryable,
});

let bed: Bed;

beforeEach(async () => {
  bed = await openBed();
});

afterEach(() => bed.close());

const typesOf = (messageId: string): string[] =>
  bed.events.filter(({ data }) => data.messageId === messageId).map(({ type }) => type);

test('sends the messages of a session in the order of acceptance, one at a time', async () => {
  const bodies = Array.from({ length: 20 }, (_, index) => String(index));
  const messages = [];
  for (const body of bodies) messages.push(await bed.post(text(body)));
  bed.outbox.own(bed.fence);
  for (const message of messages) await bed.reaches(message, 'sent');
  expect(bed.texts()).toEqual(bodies);
});

test('a session does not wait for another one', async () => {
  const other = await bed.addSession('s2');
  const release = bed.sender.hold();
  bed.outbox.own(bed.fence);
  bed.outbox.own(other);
  await bed.post(text('first of s1'));
  await bed.post({ ...text('first of s2'), sessionId: 's2' });
  await eventually('both to be handed over', () => bed.sender.sent.length === 2);
  expect(bed.texts().sort()).toEqual(['first of s1', 'first of s2']);
  release();
});

test('an accepted message is sent once, with its events', async () => {
  bed.outbox.own(bed.fence);
  const message = await bed.reaches(await bed.post(), 'sent');
  expect(message).toMatchObject({ attempts: 1, error: null, hold: null });
  expect(message.timeline.map(({ status }) => status)).toEqual(['queued', 'sending', 'sent']);
  expect(typesOf(message.id)).toEqual(['message.queued', 'message.sent']);
});

test('an unknown outcome repeats the message under the same WhatsApp id, and holds the line', async () => {
  bed.sender.next(unknown('no_acknowledgement'));
  const first = await bed.post(text('first'));
  const second = await bed.post(text('second'));
  bed.outbox.own(bed.fence);
  const waiting = await eventually('the hold', async () => {
    const found = await bed.store.messages.find(first.id);
    return found?.retryAt != null ? found : null;
  });
  expect(waiting).toMatchObject({ status: 'queued', hold: { code: 'retry' } });
  expect(bed.texts()).toEqual(['first']);
  bed.clock.advance(10 * SECOND);
  await bed.reaches(second, 'sent');
  expect(bed.texts()).toEqual(['first', 'first', 'second']);
  expect(new Set(bed.sender.sent.slice(0, 2).map(({ waId }) => waId)).size).toBe(1);
});

test('a send that throws is repeated too', async () => {
  bed.sender.next(new Error('a bug'));
  const message = await bed.post();
  bed.outbox.own(bed.fence);
  await eventually('the error', () => bed.errors.length === 1);
  await eventually('the hold', async () => (await bed.store.messages.find(message.id))?.retryAt);
  bed.clock.advance(10 * SECOND);
  await bed.reaches(message, 'sent');
});

test('a message that fails again and again is given up after eight tries', async () => {
  bed.sender.next(...Array.from({ length: 20 }, () => unknown('no_acknowledgement')));
  const message = await bed.post();
  bed.outbox.own(bed.fence);
  const failed = await eventually('failed', async () => {
    bed.clock.advance(200 * SECOND);
    const found = await bed.store.messages.find(message.id);
    return found?.status === 'failed' ? found : null;
  });
  expect(failed.error).toMatchObject({ code: 'no_acknowledgement', retryable: true });
  expect(bed.sender.sent).toHaveLength(8);
  expect(typesOf(message.id)).toEqual(['message.queued', 'message.failed']);
});

test('a lost link repeats without end, and does not use up the tries', async () => {
  bed.sender.next(
    ...Array.from({ length: 12 }, () => unknown('disconnected')),
    unknown('no_acknowledgement'),
  );
  const message = await bed.post();
  bed.outbox.own(bed.fence);
  const waiting = await eventually('the hold', async () => {
    const found = await bed.store.messages.find(message.id);
    return found?.retryAt != null || found?.status === 'failed' ? found : null;
  });
  expect(waiting).toMatchObject({ status: 'queued', attempts: 1 });
  bed.clock.advance(10 * SECOND);
  await bed.reaches(message, 'sent');
});

test('a rejection that may pass is tried again', async () => {
  bed.sender.next(rejected(true));
  const message = await bed.post();
  bed.outbox.own(bed.fence);
  await eventually('the hold', async () => (await bed.store.messages.find(message.id))?.retryAt);
  bed.clock.advance(10 * SECOND);
  await bed.reaches(message, 'sent');
});

test('a rejection for good fails the message and lets the next one go', async () => {
  bed.sender.next(rejected(false));
  const first = await bed.post();
  const second = await bed.post();
  bed.outbox.own(bed.fence);
  const failed = await bed.reaches(first, 'failed');
  expect(Object.values(failed.error ?? {}).join()).toMatch(/^not_allowed,No\. .+ off your list\.,false$/);
  await bed.reaches(second, 'sent');
});

test('while the session is not connected nothing goes but test messages', async () => {
  bed.sender.ready = false;
  const live = await bed.post();
  const { message: test } = await bed.enqueue(TEST);
  bed.outbox.own(bed.fence);
  await bed.reaches(test, 'delivered');
  expect((await bed.store.messages.find(live.id))?.status).toBe('queued');
  bed.sender.ready = true;
  bed.bell.ring('outbox:s1');
  await bed.reaches(live, 'sent');
});

test('a test message reaches delivered without being handed to the sender', async () => {
  bed.outbox.own(bed.fence);
  const { message } = await bed.enqueue(TEST);
  const delivered = await bed.reaches(message, 'delivered');
  expect(delivered.timeline.map(({ status }) => status)).toEqual(['queued', 'sending', 'sent', 'delivered']);
  expect(bed.sender.sent).toEqual([]);
  expect(typesOf(message.id)).toEqual(['message.queued', 'message.sent', 'message.delivered']);
});

test('a scheduled message is skipped until it is due', async () => {
  const scheduled = await bed.post({ ...text('later'), sendAt: bed.clock.now() + 60 * SECOND });
  const now = await bed.post(text('now'));
  expect(scheduled.status).toBe('scheduled');
  bed.outbox.own(bed.fence);
  await bed.reaches(now, 'sent');
  expect((await bed.store.messages.find(scheduled.id))?.status).toBe('scheduled');
  await eventually('sent', async () => {
    bed.clock.advance(30 * SECOND);
    return (await bed.store.messages.find(scheduled.id))?.status === 'sent';
  });
  expect(bed.texts()).toEqual(['now', 'later']);
});

test('a message whose time has run out is not sent', async () => {
  bed.sender.ready = false;
  const expiring = await bed.post({ ...text('too late'), expiresAt: bed.clock.now() + SECOND });
  const next = await bed.post(text('next'));
  bed.clock.advance(2 * SECOND);
  bed.sender.ready = true;
  bed.outbox.own(bed.fence);
  const expired = await bed.reaches(expiring, 'expired');
  expect(expired.error?.code).toBe('expired');
  await bed.reaches(next, 'sent');
  expect(bed.texts()).toEqual(['next']);
  expect(typesOf(expiring.id)).toEqual(['message.queued', 'message.failed']);
});

test('a paused queue sends nothing until it goes on', async () => {
  await bed.store.sessions.update('s1', { queuePaused: true });
  const message = await bed.post();
  const other = await bed.addSession('s2');
  bed.outbox.own(bed.fence);
  bed.outbox.own(other);
  await bed.reaches(await bed.post({ sessionId: 's2' }), 'sent');
  expect((await bed.store.messages.find(message.id))?.status).toBe('queued');
  await bed.store.sessions.update('s1', { queuePaused: false });
  bed.bell.ring('session:s1');
  await bed.reaches(message, 'sent');
});

test('a paced session keeps its gap and says why a message waits', async () => {
  const fence = await bed.addSession('s2', { gapMs: { min: 5 * SECOND, max: 5 * SECOND } });
  bed.outbox.own(fence);
  const first = await bed.post({ sessionId: 's2' });
  const second = await bed.post({ sessionId: 's2' });
  await bed.reaches(first, 'sent');
  const held = await eventually('the hold', async () => {
    const found = await bed.store.messages.find(second.id);
    return found?.hold ? found : null;
  });
  expect(held.hold).toMatchObject({ code: 'gap', until: bed.clock.now() + 5 * SECOND });
  bed.clock.advance(5 * SECOND);
  await bed.reaches(second, 'sent');
});

test('stopping waits for the send in hand and writes what became of it', async () => {
  const release = bed.sender.hold();
  const first = await bed.post();
  const second = await bed.post();
  bed.outbox.own(bed.fence);
  await eventually('the send', () => bed.sender.sent.length === 1);
  const stopped = bed.outbox.stop();
  release();
  await stopped;
  expect((await bed.store.messages.find(first.id))?.status).toBe('sent');
  expect((await bed.store.messages.find(second.id))?.status).toBe('queued');
});

test('after a crash a message that was being sent is sent again under the same WhatsApp id', async () => {
  const message = await bed.post();
  await bed.store.messages.update(message.id, ['queued'], { status: 'sending', attempts: 1 });
  bed.outbox.own(bed.fence);
  expect(await bed.reaches(message, 'sent')).toMatchObject({ waId: message.waId, attempts: 2 });
});

test('a session removed while its message is being sent ends without an error', async () => {
  const release = bed.sender.hold();
  await bed.post();
  bed.outbox.own(bed.fence);
  await eventually('the send', () => bed.sender.sent.length === 1);
  await bed.store.transaction(async (tx) => {
    await tx.messages.removeWaiting('s1');
    await tx.sessions.remove('s1');
  });
  const stopped = bed.outbox.disown('s1');
  release();
  await stopped;
  expect(bed.errors).toEqual([]);
});

test('a session that is taken while the outbox stops is not worked on', async () => {
  await bed.post();
  await bed.outbox.stop();
  bed.outbox.own(bed.fence);
  await bed.outbox.disown('s1');
  expect(bed.sender.sent).toEqual([]);
});
