/**
 * A simulated week under all caps at once, with the gateway restarted again and again: no stretch of time ever exceeds a
 * cap, no chat is out of order, and nothing is idle while something may be sent. The drain loop, the line and the counts
 * are the real ones on a real database; only the clock and WhatsApp are not.
 */
import { DAY_MS } from '../../../gateway/src/domain/caps.js';
import type { Message } from '../../../gateway/src/domain/message.js';
import { resolvePolicy, type PolicyInput } from '../../../gateway/src/domain/policy.js';
import { quietUntil } from '../../../gateway/src/domain/quietHours.js';
import { eventually } from '../../support/eventually.js';
import { openBed, SECOND, text, type Bed } from './bed.js';

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const PEOPLE = 150;
const PER_PERSON = 6;
const RESTART_EVERY = 37;
/** What the loop may take to notice. */
const NOTICE_MS = 1;

const POLICY = {
  gapMs: { min: 20 * SECOND, max: 40 * SECOND },
  typing: false,
  cooldown: { afterMessages: 10, minMs: 2 * MINUTE, maxMs: 3 * MINUTE },
  perMinute: 2,
  perHour: 45,
  perDay: 150,
  perMonth: 700,
  newRecipientsPerDay: 40,
  recipientCooldownMs: 10 * MINUTE,
  warmUp: { enabled: true, firstDay: 30, growth: 2, days: 3 },
  quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' },
} satisfies PolicyInput;
const WHOLE = resolvePolicy(POLICY);

interface Sent {
  at: number;
  chat: string;
  body: string;
  isNew: boolean;
}

let bed: Bed;
beforeEach(async () => {
  bed = await openBed({ pollMs: 6 * HOUR });
});
afterEach(() => bed.close());

/** The largest number of times in any stretch of a length. */
function most(times: number[], perMs: number): number {
  let [largest, start] = [0, 0];
  for (let end = 0; end < times.length; end += 1) {
    while ((times[end] ?? 0) - (times[start] ?? 0) >= perMs) start += 1;
    largest = Math.max(largest, end - start + 1);
  }
  return largest;
}

const within = (sent: Sent[], at: number, perMs: number): number =>
  sent.filter((one) => one.at > at - perMs && one.at <= at).length;

/** Why nothing could be sent at the moment, by the plainest of models; null: something could. */
function reasonAt(before: Sent[], at: number): string | null {
  const [first, last] = [before[0], before.at(-1)];
  if (!first || !last) return null;
  const day = Math.floor((at - first.at) / DAY_MS);
  const allowed = day < WHOLE.warmUp.days ? WHOLE.warmUp.firstDay * WHOLE.warmUp.growth ** day : Infinity;
  if (at - last.at < POLICY.gapMs.max) return 'gap';
  const { afterMessages, minMs, maxMs } = POLICY.cooldown;
  const run = before.slice(-afterMessages);
  const inARow = run.every((one, index) => index === 0 || one.at - (run[index - 1]?.at ?? 0) < minMs);
  if (run.length === afterMessages && inARow && at - last.at < maxMs) return 'pause';
  if (WHOLE.quietHours && quietUntil(WHOLE.quietHours, at) !== null) return 'quiet hours';
  if (within(before, at, MINUTE) >= POLICY.perMinute) return 'minute';
  if (within(before, at, HOUR) >= POLICY.perHour) return 'hour';
  if (within(before, at, DAY_MS) >= Math.min(POLICY.perDay, allowed)) return 'day';
  if (within(before, at, 30 * DAY_MS) >= POLICY.perMonth) return 'month';
  const strangers = before.filter(({ isNew }) => isNew);
  if (within(strangers, at, DAY_MS) >= POLICY.newRecipientsPerDay) return 'new recipients';
  return null;
}

async function enqueueAll(): Promise<void> {
  for (let round = 0; round < PER_PERSON; round += 1) {
    for (let n = 0; n < PEOPLE; n += 1) {
      await bed.post({ to: `49151${String(10_000_000 + n)}`, ...text(String(round)) });
    }
  }
}

test('a week under all caps at once, restarted again and again', async () => {
  await bed.store.sessions.update('s1', { policy: POLICY });
  const sent: Sent[] = [];
  const known = new Set<string>();
  const send = bed.sender.send.bind(bed.sender);
  bed.sender.send = (fence, message: Message, how) => {
    const { chatJid: chat, content } = message;
    const body = content.type === 'text' ? content.text.body : '';
    sent.push({ at: bed.clock.now(), chat, body, isNew: !known.has(chat) });
    known.add(chat);
    return send(fence, message, how);
  };
  await enqueueAll();
  bed.outbox.own(bed.fence);
  const end = bed.clock.now() + 7 * DAY_MS;
  let restarted = 0;
  for (;;) {
    const at = await eventually('a loop that waits', () => bed.clock.nextAt());
    if (at > end) break;
    bed.clock.advance(at - bed.clock.now());
    if (sent.length >= (restarted + 1) * RESTART_EVERY) {
      restarted += 1;
      await bed.outbox.disown('s1');
      bed.outbox.own(bed.fence);
    }
  }
  expect(bed.errors).toEqual([]);
  expect(restarted).toBeGreaterThan(10);
  const times = sent.map(({ at }) => at);
  expect(most(times, MINUTE)).toBeLessThanOrEqual(POLICY.perMinute);
  expect(most(times, HOUR)).toBeLessThanOrEqual(POLICY.perHour);
  expect(most(times, DAY_MS)).toBeLessThanOrEqual(POLICY.perDay);
  expect(times.length).toBeLessThanOrEqual(POLICY.perMonth);
  const strangers = sent.filter(({ isNew }) => isNew).map(({ at }) => at);
  expect(most(strangers, DAY_MS)).toBeLessThanOrEqual(POLICY.newRecipientsPerDay);
  for (const [index, { at }] of sent.entries()) {
    const before = sent.slice(0, index);
    const last = before.at(-1);
    if (last) expect(at - last.at).toBeGreaterThanOrEqual(POLICY.gapMs.min);
    expect(WHOLE.quietHours && quietUntil(WHOLE.quietHours, at)).toBeNull();
    // It went as soon as it could.
    if (last) expect(reasonAt(before, at - NOTICE_MS)).not.toBeNull();
  }
  for (const chat of known) {
    const bodies = sent.filter((one) => one.chat === chat).map(({ body }) => body);
    expect(bodies).toEqual([...bodies].sort());
    const ofChat = sent.filter((one) => one.chat === chat).map(({ at }) => at);
    expect(most(ofChat, POLICY.recipientCooldownMs)).toBe(1);
  }
  // 30, 60 and 120 on the days of the warm-up, then 150 a day: as much as seven days allow, but for what the first
  // morning and the last evening cut off.
  expect(sent.length).toBeGreaterThan(600);
});
