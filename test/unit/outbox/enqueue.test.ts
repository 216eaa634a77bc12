import type { ErrorCode } from '../../../gateway/src/domain/error.js';
import { eventually } from '../../support/eventually.js';
import { BOB, LIVE, openBed, TEST, text, type Bed } from './bed.js';

let bed: Bed;

beforeEach(async () => {
  bed = await openBed();
});

afterEach(() => bed.close());

const key = (name: string, bodyHash = 'hash') => ({ key: name, bodyHash });
const count = async (): Promise<number> =>
  (await bed.outbox.list({ sessionIds: [], limit: 100 })).data.length;
const refused = (code: ErrorCode) => expect.objectContaining({ name: 'GatewayError', code }) as Error;

test('stores a message with its WhatsApp id, its normalised recipient and its event', async () => {
  const message = await bed.post({ to: '+49 151 12345678', reference: 'order 7' });
  expect(message).toMatchObject({
    status: 'queued',
    to: BOB,
    chatJid: `${BOB}@s.whatsapp.net`,
    reference: 'order 7',
    attempts: 0,
  });
  expect(message.waId).toMatch(/^3EB0[0-9A-F]{18}$/);
  expect(await bed.outbox.get(message.id)).toEqual(message);
  expect(await bed.outbox.get(message.waId)).toEqual(message);
  expect(bed.events.map(({ type }) => type)).toEqual(['message.queued']);
});

test('fifty parallel posts with one key make one message', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => bed.enqueue(LIVE, {}, key('order-1'))));
  expect(new Set(answers.map(({ message }) => message.id)).size).toBe(1);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(await count()).toBe(1);
  expect(bed.events).toHaveLength(1);
});

test('a key used for another body is refused, one after the other and in parallel', async () => {
  await bed.post({}, key('order-1'));
  await expect(bed.post(text('other'), key('order-1', 'other'))).rejects.toEqual(
    refused('idempotency_key_reused'),
  );
  const answers = await Promise.allSettled([
    bed.post({}, key('order-2', 'one')),
    bed.post(text('other'), key('order-2', 'two')),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(answers.find((answer) => answer.status === 'rejected')?.reason).toEqual(
    refused('idempotency_key_reused'),
  );
});

test('two callers may use the same key', async () => {
  const live = await bed.enqueue(LIVE, {}, key('order-1'));
  const other = await bed.enqueue(TEST, {}, key('order-1'));
  expect(other.message.id).not.toBe(live.message.id);
});

test('the key of a message that went with its session can be used again', async () => {
  await bed.post({}, key('order-1'));
  await bed.store.messages.removeWaiting('s1');
  const { message, replayed } = await bed.enqueue(LIVE, {}, key('order-1'));
  expect(replayed).toBe(false);
  expect(await bed.outbox.get(message.id)).toEqual(message);
});

test('a dry run checks everything and stores nothing', async () => {
  const message = await bed.post({ dryRun: true }, key('order-1'));
  expect(message).toMatchObject({ status: 'queued', to: BOB });
  expect([await count(), bed.events.length]).toEqual([0, 0]);
  expect((await bed.enqueue(LIVE, {}, key('order-1'))).replayed).toBe(false);
  await expect(bed.post({ to: 'nobody', dryRun: true })).rejects.toEqual(refused('recipient_invalid'));
});

test('a full queue takes no more', async () => {
  await bed.addSession('small', { queueMax: 2 });
  await bed.post({ sessionId: 'small' });
  await bed.post({ sessionId: 'small' });
  await expect(bed.post({ sessionId: 'small' })).rejects.toEqual(refused('queue_full'));
  await bed.post();
});

test('a number that WhatsApp does not know is refused; one that nobody can ask about is taken', async () => {
  bed.recipients.lookUp = () => Promise.resolve({ exists: false, jid: null });
  await expect(bed.post()).rejects.toEqual(refused('recipient_not_on_whatsapp'));
  bed.recipients.lookUp = () => Promise.resolve(null);
  expect((await bed.post()).chatJid).toBe(`${BOB}@s.whatsapp.net`);
  bed.recipients.lookUp = () => Promise.resolve({ exists: true, jid: '77@lid' });
  expect((await bed.post()).chatJid).toBe('77@lid');
});

test('a test key asks nobody', async () => {
  bed.recipients.lookUp = () => Promise.reject(new Error('it was asked'));
  expect((await bed.enqueue(TEST)).message.test).toBe(true);
});

test('without a session id the connected session with the shortest queue is chosen', async () => {
  await bed.addSession('s2');
  await bed.addSession('s3');
  await bed.store.sessions.setStatus('s3', { status: 'disconnected', reason: null, since: 0 });
  await bed.post();
  expect((await bed.post({ sessionId: undefined })).sessionId).toBe('s2');
});

test('messages of a batch without a session id go to one session, chosen once for all of them', async () => {
  await bed.addSession('s2');
  await bed.post();
  const looked: string[] = [];
  const countWaiting = bed.store.messages.countWaiting.bind(bed.store.messages);
  bed.store.messages.countWaiting = (id) => {
    looked.push(id);
    return countWaiting(id);
  };
  const submissions = Array.from({ length: 20 }, () => ({
    message: { to: BOB, ...text('Hello') },
    idempotency: null,
  }));
  const verdicts = await bed.outbox.enqueueMany(LIVE, submissions);
  const chosen = verdicts.map((verdict) => (verdict instanceof Error ? verdict : verdict.message.sessionId));
  expect(chosen).toEqual(submissions.map(() => 's2'));
  // Two sessions to choose from, and once for the room in the queue that was chosen.
  expect(looked).toEqual(['s1', 's2', 's2']);
});

test('a key sees only the sessions that it covers', async () => {
  const caller = { ...LIVE, sessionIds: ['s2'] };
  await expect(bed.enqueue(caller)).rejects.toEqual(refused('forbidden'));
  await expect(bed.enqueue(caller, { sessionId: undefined })).rejects.toEqual(refused('no_session'));
  await expect(bed.post({ sessionId: 'nowhere' })).rejects.toEqual(refused('session_not_found'));
});

test('a session that is removed while its recipient is asked about takes no message', async () => {
  bed.recipients.lookUp = async () => {
    await bed.store.sessions.remove('s1');
    return null;
  };
  await expect(bed.post()).rejects.toEqual(refused('session_not_found'));
  expect(await count()).toBe(0);
});

test('a new message wakes its drain', async () => {
  bed.outbox.own(bed.fence);
  await eventually('an idle drain', () => bed.clock.pending() > 0);
  await bed.reaches(await bed.post(), 'sent');
});
