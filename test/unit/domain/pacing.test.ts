/**
 * Pacing over whole sequences of sends, under every cap at once. Each reason to wait by itself is in holds.test.
 */
import fc from 'fast-check';
import { capsOf, DAY_MS, type CapUse } from '../../../gateway/src/domain/caps.js';
import { decide, isReply, NOTHING_SENT, type PacingDecision } from '../../../gateway/src/domain/pacing.js';
import { resolvePolicy, type Policy, type PolicyInput } from '../../../gateway/src/domain/policy.js';
import { quietUntil } from '../../../gateway/src/domain/quietHours.js';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const zeroToOne = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

interface Sent {
  at: number;
  unprompted: boolean;
  isNew: boolean;
}

/** What the store says of a history, computed in the plainest way. */
function usesOf(policy: Policy, sent: Sent[], now: number): CapUse[] {
  return capsOf(policy, sent[0]?.at ?? null, now).map((cap) => {
    const counted = sent.filter(({ unprompted, isNew }) =>
      cap.track === 'all' ? true : cap.track === 'new' ? isNew : unprompted,
    );
    const used = counted.filter(({ at }) => at > now - cap.perMs);
    const oldest = used.length < cap.max ? undefined : used[used.length - cap.max];
    return { ...cap, used: used.length, freesAt: oldest ? oldest.at + cap.perMs : null };
  });
}

/** The largest number of times in any stretch of a length. */
function most(times: number[], perMs: number): number {
  let [largest, start] = [0, 0];
  for (let end = 0; end < times.length; end += 1) {
    while ((times[end] ?? 0) - (times[start] ?? 0) >= perMs) start += 1;
    largest = Math.max(largest, end - start + 1);
  }
  return largest;
}

const holdOf = (decision: PacingDecision) => (decision.send ? null : decision.hold);

describe('a sequence of sends', () => {
  const cap = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: null });
  const policies = fc.record({
    gap: fc.option(fc.tuple(fc.nat(20_000), fc.nat(20_000)), { nil: null }),
    cooldown: fc.option(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat(300_000)), { nil: null }),
    perMinute: cap(10),
    perHour: cap(60),
    perDay: cap(200),
    newRecipientsPerDay: cap(30),
    warmUp: fc.option(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3 })), {
      nil: null,
    }),
    quiet: fc.option(fc.tuple(fc.nat(23), fc.nat(22)), { nil: null }),
    reply: fc.boolean(),
  });
  type Drawn = typeof policies extends fc.Arbitrary<infer T> ? T : never;

  const toPolicy = ({ gap, cooldown, quiet, warmUp, reply, ...caps }: Drawn): Policy =>
    resolvePolicy({
      ...caps,
      gapMs: gap && { min: gap[0], max: gap[0] + gap[1] },
      cooldown: cooldown && { afterMessages: cooldown[0], minMs: cooldown[1], maxMs: cooldown[1] + 30_000 },
      warmUp: warmUp
        ? { enabled: true, firstDay: warmUp[0], growth: 2, days: warmUp[1] }
        : { enabled: false },
      quietHours: quiet && {
        from: `${String(quiet[0]).padStart(2, '0')}:00`,
        to: `${String((quiet[0] + 1 + quiet[1]) % 24).padStart(2, '0')}:30`,
        timeZone: 'America/Sao_Paulo',
      },
      replyGapMs: reply ? { min: 1_000, max: 3_000 } : null,
    } satisfies PolicyInput);

  it('never exceeds a cap in any stretch of time, waits only for a reason, and always goes on', () => {
    const messages = fc.array(fc.record({ fresh: fc.boolean(), wrote: fc.boolean(), random: zeroToOne }), {
      minLength: 40,
      maxLength: 90,
    });
    fc.assert(
      fc.property(policies, messages, (drawn, line) => {
        const policy = toPolicy(drawn);
        const sent: Sent[] = [];
        let now = NOW;
        let run = 0;
        for (const { fresh, wrote, random } of line) {
          const recipient = {
            isNew: fresh,
            isRefused: false,
            lastSentAt: null,
            lastReceivedAt: wrote ? now - 1 : null,
          };
          for (let waits = 0; ; waits += 1) {
            // Nothing starves: a handful of reasons, each with an end, is all that one message meets.
            if (waits > 60) throw new Error('a message waited without end');
            const caps = usesOf(policy, sent, now);
            const history = { ...NOTHING_SENT, caps, sinceCooldown: run };
            history.lastSentAt = sent.at(-1)?.at ?? null;
            history.warmUpSince = sent[0]?.at ?? null;
            const who = wrote ? { ...recipient, lastReceivedAt: now - 1 } : recipient;
            const decision = decide({ policy, history, recipient: who, now, random });
            if (decision.send) {
              const { cooldown } = policy;
              run = cooldown && run >= cooldown.afterMessages && !(wrote && policy.replyGapMs) ? 1 : run + 1;
              sent.push({ at: now, unprompted: !isReply(who, now), isNew: fresh });
              break;
            }
            expect(decision.hold.until).toBeGreaterThan(now);
            expect(decision.hold.message).toMatch(/^held \d+ (s|min|h|d)( \d+ (min|h))?: .+/);
            now = decision.hold.until;
          }
        }
        const times = (of: (one: Sent) => boolean) => sent.filter(of).map(({ at }) => at);
        const all = times(() => true);
        expect(most(all, MINUTE)).toBeLessThanOrEqual(policy.perMinute ?? Infinity);
        expect(most(all, HOUR)).toBeLessThanOrEqual(policy.perHour ?? Infinity);
        expect(most(all, DAY_MS)).toBeLessThanOrEqual(policy.perDay ?? Infinity);
        const fresh = times(({ isNew }) => isNew);
        expect(most(fresh, DAY_MS)).toBeLessThanOrEqual(policy.newRecipientsPerDay ?? Infinity);
        for (const at of all) expect(policy.quietHours && quietUntil(policy.quietHours, at)).toBeNull();
        if (policy.warmUp.enabled) {
          const unprompted = times((one) => one.unprompted);
          const firstDay = unprompted.filter((at) => at < (all[0] ?? 0) + DAY_MS);
          expect(firstDay.length).toBeLessThanOrEqual(policy.warmUp.firstDay);
        }
        for (const [index, at] of all.entries()) {
          const before = all[index - 1];
          const smallest = Math.min(policy.gapMs?.min ?? 0, policy.replyGapMs?.min ?? Infinity);
          if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(smallest);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('goes at the time that was named, and not a millisecond before', () => {
    fc.assert(
      fc.property(fc.nat(600_000), fc.nat(600_000), zeroToOne, (min, spread, random) => {
        const policy = resolvePolicy({
          gapMs: { min: min + 1, max: min + 1 + spread },
          warmUp: { enabled: false },
        });
        const question = { policy, history: { ...NOTHING_SENT, lastSentAt: NOW }, recipient: null, random };
        const { until } = holdOf(decide({ ...question, now: NOW })) ?? { until: NaN };
        expect(until).toBeGreaterThanOrEqual(NOW + min + 1);
        expect(until).toBeLessThanOrEqual(NOW + min + 1 + spread);
        expect(decide({ ...question, now: until }).send).toBe(true);
        expect(decide({ ...question, now: until - 1 })).toMatchObject({ hold: { until } });
        // Typing is part of the gap.
        expect(decide({ ...question, now: until - 1, leadMs: 1 }).send).toBe(true);
      }),
    );
  });
});
