/**
 * The line under a policy: who goes before whom, what holds a chat and what holds everybody, what is refused when posted,
 * and what an incoming message changes. On a real embedded database, with a clock that stands still.
 */
import type { PolicyInput } from '../../../gateway/src/domain/policy.js';
import { eventually } from '../../support/eventually.js';
import { LIVE, openBed, SECOND, TEST, type Bed } from './bed.js';
import { peopleOf, person, to } from './people.js';

const HOUR = 3_600_000;
const LOOSE: PolicyInput = { preset: 'unpaced' };

let bed: Bed;
beforeEach(async () => {
  bed = await openBed();
});
afterEach(() => bed.close());

const { use, held, cameFrom, receive } = peopleOf(() => bed);

test('a recipient that was just written to holds its own chat, in order, and nobody else', async () => {
  await use({ ...LOOSE, recipientCooldownMs: 60 * SECOND });
  const posted = [];
  for (const body of ['a1', 'a2', 'a3']) posted.push(await bed.post(to(1, body)));
  posted.push(await bed.post(to(2, 'b1')));
  bed.outbox.own(bed.fence);
  await eventually('both chats', () => bed.texts().length === 2);
  expect(bed.texts()).toEqual(['a1', 'b1']);
  const [, second] = posted;
  if (!second) throw new Error('no message');
  const hold = await held(second, 'recipient_cooldown');
  expect(hold).toEqual({
    code: 'recipient_cooldown',
    message: 'held 60 s: this recipient is written to once in 60 s',
    until: bed.clock.now() + 60 * SECOND,
  });
  await eventually('all', () => {
    bed.clock.advance(5 * SECOND);
    return bed.texts().length === 4;
  });
  expect(bed.texts()).toEqual(['a1', 'b1', 'a2', 'a3']);
});

test('a retry holds its chat and lets others by', async () => {
  bed.sender.next({ kind: 'unknown', reason: 'no_acknowledgement' });
  await bed.post(to(1, 'a1'));
  await bed.post(to(1, 'a2'));
  await bed.post(to(2, 'b1'));
  bed.outbox.own(bed.fence);
  await eventually('the other chat', () => bed.texts().includes('b1'));
  expect(bed.texts()).toEqual(['a1', 'b1']);
  await eventually('all', () => {
    bed.clock.advance(5 * SECOND);
    return bed.texts().length === 4;
  });
  expect(bed.texts()).toEqual(['a1', 'b1', 'a1', 'a2']);
});

test('priority comes before age between chats, and never within one', async () => {
  await bed.post(to(1, 'a1'));
  await bed.post({ ...to(1, 'a2'), priority: 9 });
  await bed.post({ ...to(2, 'b1'), priority: 5 });
  await bed.post({ ...to(3, 'c1'), priority: -1 });
  bed.outbox.own(bed.fence);
  await eventually('all', () => bed.texts().length === 4);
  expect(bed.texts()).toEqual(['a1', 'a2', 'b1', 'c1']);
});

test('replies go ahead of bulk, with a gap of their own', async () => {
  await use({ ...LOOSE, gapMs: { min: HOUR, max: HOUR }, replyGapMs: { min: SECOND, max: SECOND } });
  await bed.post(to(1, 'bulk 1'));
  await bed.post(to(2, 'bulk 2'));
  bed.outbox.own(bed.fence);
  await eventually('the first', () => bed.texts().length === 1);
  await receive(cameFrom(3, 'Is it open?'));
  const reply = await bed.post(to(3, 'Yes'));
  expect((await held(reply, 'gap')).message).toMatch(/gap/);
  await eventually('the reply', () => {
    bed.clock.advance(SECOND);
    return bed.texts().length === 2;
  });
  expect(bed.texts()).toEqual(['bulk 1', 'Yes']);
});

test('the cap of new recipients lets those through who are known, and who write meanwhile', async () => {
  await use({ ...LOOSE, newRecipientsPerDay: 1 });
  await receive(cameFrom(9, 'Hello'));
  const waiting = [];
  for (const n of [1, 2, 3]) waiting.push(await bed.post(to(n)));
  await bed.post(to(1, 'again'));
  await bed.post(to(9, 'known'));
  bed.outbox.own(bed.fence);
  await eventually('three', () => bed.texts().length === 3);
  expect(bed.texts().sort()).toEqual(['1', 'again', 'known']);
  const [, second, third] = waiting;
  if (!second || !third) throw new Error('no message');
  expect((await held(second, 'new_recipients_limit')).message).toMatch(/1 of 1 new recipients a day used/);
  await receive(cameFrom(3, 'Me too'));
  bed.bell.ring('outbox:s1');
  await bed.reaches(third, 'sent');
  bed.clock.advance(24 * HOUR);
  await bed.reaches(second, 'sent');
});

test('a cap of new recipients that comes later counts those who were written to under another limit', async () => {
  await use({ ...LOOSE, perDay: 100 });
  await receive(cameFrom(9, 'Hello'));
  bed.outbox.own(bed.fence);
  for (const n of [1, 2, 9]) await bed.reaches(await bed.post(to(n)), 'sent');
  await use({ ...LOOSE, perDay: 100, newRecipientsPerDay: 2 });
  bed.bell.ring('session:s1');
  const hold = await held(await bed.post(to(3)), 'new_recipients_limit');
  expect(hold.message).toMatch(/2 of 2 new recipients a day used/);
  await bed.reaches(await bed.post(to(1, 'again')), 'sent');
});

test('a policy that is changed judges anew what waits', async () => {
  await use({ ...LOOSE, recipientCooldownMs: HOUR });
  bed.outbox.own(bed.fence);
  await bed.reaches(await bed.post(to(1)), 'sent');
  const waiting = await bed.post(to(1, 'more'));
  await held(waiting, 'recipient_cooldown');
  await use(LOOSE);
  bed.bell.ring('session:s1');
  await bed.reaches(waiting, 'sent');
});

describe('a policy that rejects', () => {
  const code = (wanted: string) => expect.objectContaining({ code: wanted }) as unknown;

  test('refuses at its caps with the time to wait, counting what waits', async () => {
    await use({ ...LOOSE, onLimit: 'reject', perMinute: 2, gapMs: { min: 1, max: 1 } });
    const answers = await Promise.allSettled([1, 2, 3, 4, 5].map((n) => bed.post(to(n))));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    await expect(bed.post(to(6))).rejects.toEqual(code('minute_limit_reached'));
    await expect(bed.post(to(6))).rejects.toMatchObject({ retryAfterSeconds: 60 });
    const test = await bed.enqueue(TEST, to(6));
    expect(test.message.status).toBe('queued');
  });

  test('refuses a second message to one recipient, in a batch item by item, and gives the key back', async () => {
    await use({ preset: 'otp' });
    const idempotency = { key: 'k', bodyHash: 'h' };
    const verdicts = await bed.outbox.enqueueMany(LIVE, [
      { message: { sessionId: 's1', ...to(1) }, idempotency: null },
      { message: { sessionId: 's1', ...to(1, 'again') }, idempotency },
      { message: { sessionId: 's1', ...to(2) }, idempotency: null },
    ]);
    expect(verdicts.map((verdict) => verdict instanceof Error)).toEqual([false, true, false]);
    expect(verdicts[1]).toEqual(code('recipient_cooldown'));
    expect(await bed.store.idempotency.find(LIVE.keyId, 'k')).toBeNull();
  });

  test.each<[string, PolicyInput]>([
    ['daily_limit_reached', { perDay: 1 }],
    ['quota_exceeded', { perHour: 1 }],
    ['quota_exceeded', { perMonth: 1 }],
    ['quota_exceeded', { newRecipientsPerDay: 1 }],
    ['daily_limit_reached', { warmUp: { enabled: true, firstDay: 1 } }],
  ])('%s for %j', async (wanted, cap) => {
    await use({ ...LOOSE, onLimit: 'reject', ...cap });
    await bed.post(to(1));
    await expect(bed.post(to(2))).rejects.toEqual(code(wanted));
  });
});

describe('an opt-out', () => {
  test('refuses new messages, and those that wait fail when their turn comes', async () => {
    const waiting = await bed.post(to(1));
    const { created } = await bed.outbox.optOuts.put(`+${person(1)}`);
    expect(created).toBe(true);
    await expect(bed.post(to(1))).rejects.toMatchObject({ code: 'recipient_opted_out' });
    const after = await bed.post(to(2));
    bed.outbox.own(bed.fence);
    expect((await bed.reaches(waiting, 'failed')).error).toMatchObject({ code: 'recipient_opted_out' });
    await bed.reaches(after, 'sent');
    await bed.outbox.optOuts.remove(person(1));
    await bed.reaches(await bed.post(to(1)), 'sent');
  });

  test('by a keyword is told once, answered once, and refuses by number and by LID', async () => {
    await use({ ...LOOSE, optOut: { answer: 'You will not hear from us again.' } });
    await receive(cameFrom(1, 'please stop the music'));
    expect(bed.events).toEqual([]);
    await receive(cameFrom(1, ' ¡Stop! '));
    await receive(cameFrom(1, 'STOP'));
    const told = bed.events.filter(({ type }) => type === 'recipient.opted_out');
    expect(told).toMatchObject([{ data: { phone: person(1), keyword: 'stop', messageId: 'IN1' } }]);
    await expect(bed.post(to(1))).rejects.toMatchObject({ code: 'recipient_opted_out' });
    await expect(bed.post({ ...to(1), to: '77001@lid' })).rejects.toMatchObject({
      code: 'recipient_opted_out',
    });
    bed.outbox.own(bed.fence);
    await eventually('the answer', () => bed.texts().length === 1);
    expect(bed.texts()).toEqual(['You will not hear from us again.']);
  });

  test('is not what somebody says in a group', async () => {
    await receive(cameFrom(1, 'stop', { chat: { jid: '123-456@g.us', kind: 'group' } }));
    expect((await bed.outbox.optOuts.list({ limit: 10 })).data).toEqual([]);
  });
});
