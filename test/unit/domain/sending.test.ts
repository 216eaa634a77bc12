/**
 * The rules of sending: policies and their presets, pacing, schedules of repeated tries, and a message's way forward.
 */
import fc from 'fast-check';
import {
  MESSAGE_STATUSES,
  hasReached,
  isFinal,
  receiptAdvances,
  type MessageStatus,
} from '../../../gateway/src/domain/message.js';
import { decide, meanGapMs } from '../../../gateway/src/domain/pacing.js';
import { isUnpaced, resolvePolicy } from '../../../gateway/src/domain/policy.js';
import {
  deliveryRetryDelayMs,
  reconnectDelayMs,
  sendRetryDelayMs,
} from '../../../gateway/src/domain/retry.js';

const NOW = Date.UTC(2026, 0, 1);
const zeroToOne = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a policy', () => {
  it('is standard when nothing is given, and overridden field by field', () => {
    expect(resolvePolicy(null)).toEqual(resolvePolicy({ preset: 'standard' }));
    expect(resolvePolicy(null).gapMs).toEqual({ min: 5_000, max: 9_000 });
    expect(resolvePolicy({ queueMax: 5 })).toEqual({ ...resolvePolicy(null), queueMax: 5 });
    expect(resolvePolicy({ preset: 'unpaced', queueMax: 5 })).toMatchObject({ gapMs: null, queueMax: 5 });
  });

  it.each([
    [null, false],
    [{ preset: 'unpaced' as const }, true],
    [{ gapMs: null }, true],
    [{ gapMs: { min: 0, max: 0 } }, true],
    [{ gapMs: { min: 0, max: 1 } }, false],
    [{ preset: 'unpaced' as const, gapMs: { min: 1, max: 2 } }, false],
  ])('%j is unpaced: %s', (input, unpaced) => {
    expect(isUnpaced(input)).toBe(unpaced);
  });
});

describe('pacing', () => {
  const question = fc.record({
    min: fc.nat(600_000),
    spread: fc.nat(600_000),
    ago: fc.nat(2_000_000),
    random: zeroToOne,
  });

  it('never sends before the smallest gap, and never holds beyond the largest', () => {
    fc.assert(
      fc.property(question, ({ min, spread, ago, random }) => {
        const policy = resolvePolicy({ gapMs: { min, max: min + spread } });
        const lastSentAt = NOW - ago;
        const decision = decide({ policy, history: { lastSentAt }, now: NOW, random });
        if (decision.send) {
          expect(ago).toBeGreaterThanOrEqual(min);
          return;
        }
        expect(decision.hold.until).toBeGreaterThan(NOW);
        expect(decision.hold.until).toBeGreaterThanOrEqual(lastSentAt + min);
        expect(decision.hold.until).toBeLessThanOrEqual(lastSentAt + min + spread);
      }),
    );
  });

  it('sends at the time that it named, and not a millisecond before', () => {
    fc.assert(
      fc.property(question, ({ min, spread, random }) => {
        const policy = resolvePolicy({ gapMs: { min: min + 1, max: min + 1 + spread } });
        const history = { lastSentAt: NOW };
        const held = decide({ policy, history, now: NOW, random });
        if (held.send) throw new Error('sent without a gap');
        const { until } = held.hold;
        expect(decide({ policy, history, now: until, random }).send).toBe(true);
        expect(decide({ policy, history, now: until - 1, random })).toMatchObject({ hold: { until } });
      }),
    );
  });

  it('says why in words', () => {
    const decision = decide({
      policy: resolvePolicy(null),
      history: { lastSentAt: NOW - 1_000 },
      now: NOW,
      random: 0,
    });
    expect(decision).toEqual({
      send: false,
      hold: {
        code: 'gap',
        message: 'held 4 s: gap of 5 s to 9 s between two messages',
        until: NOW + 4_000,
      },
    });
  });

  it('sends at once without a gap or a history', () => {
    const unpaced = resolvePolicy({ preset: 'unpaced' });
    expect(decide({ policy: unpaced, history: { lastSentAt: NOW }, now: NOW, random: 0 }).send).toBe(true);
    const first = { policy: resolvePolicy(null), history: { lastSentAt: null }, now: NOW, random: 0.9 };
    expect(decide(first).send).toBe(true);
    expect(meanGapMs(resolvePolicy(null))).toBe(7_000);
    expect(meanGapMs(unpaced)).toBe(0);
  });
});

describe('repeated tries', () => {
  it.each([
    { what: 'reconnects', delayMs: reconnectDelayMs, first: 500, longest: 60_000 },
    { what: 'sends', delayMs: sendRetryDelayMs, first: 1_000, longest: 120_000 },
  ])('$what wait longer each time, within their limits', ({ delayMs, first, longest }) => {
    expect(delayMs(1, 0)).toBe(first);
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 5_000 }), zeroToOne, (attempt, random) => {
        const wait = delayMs(attempt, random);
        expect(wait).toBeGreaterThanOrEqual(first);
        expect(wait).toBeLessThanOrEqual(longest);
        expect(delayMs(attempt + 1, random)).toBeGreaterThanOrEqual(wait);
      }),
    );
    expect(delayMs(100, 0)).toBe(longest / 2);
  });

  it('deliveries wait a second first, and never more than six minutes unless the receiver asks for it', () => {
    expect(deliveryRetryDelayMs(1, 0)).toBe(1_000);
    expect(deliveryRetryDelayMs(7, 0)).toBe(300_000);
    expect(deliveryRetryDelayMs(1, 0, 90_000)).toBe(90_000);
    expect(deliveryRetryDelayMs(9, 0, 10)).toBe(300_000);
    expect(deliveryRetryDelayMs(1, 0, 86_400_000)).toBe(3_600_000);
    fc.assert(
      fc.property(fc.nat(10_000), zeroToOne, (failures, random) => {
        const wait = deliveryRetryDelayMs(failures, random);
        expect(wait).toBeGreaterThanOrEqual(1_000);
        expect(wait).toBeLessThanOrEqual(360_000);
      }),
    );
  });
});

describe('a message', () => {
  const receipts = ['delivered', 'read', 'played'] as const;

  it('only goes forward, in whatever order receipts come', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...receipts), { minLength: 1 }), (arriving) => {
        let status: MessageStatus = 'sent';
        for (const receipt of arriving) if (receiptAdvances(status, receipt)) status = receipt;
        const furthest = [...receipts].reverse().find((receipt) => arriving.includes(receipt));
        expect(status).toBe(furthest);
      }),
    );
  });

  it.each(['failed', 'canceled', 'expired'] as const)('that is %s stays so', (status) => {
    for (const receipt of receipts) expect(receiptAdvances(status, receipt)).toBe(false);
    expect(isFinal(status)).toBe(true);
  });

  it('is final once it was sent, and not before', () => {
    expect(MESSAGE_STATUSES.filter((status) => !isFinal(status))).toEqual(['scheduled', 'queued', 'sending']);
  });

  it('has reached what it passed, and every end counts as reached', () => {
    expect(hasReached('read', 'sent')).toBe(true);
    expect(hasReached('sent', 'sent')).toBe(true);
    expect(hasReached('sending', 'sent')).toBe(false);
    expect(hasReached('failed', 'read')).toBe(true);
  });
});
