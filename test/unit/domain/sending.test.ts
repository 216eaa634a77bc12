/**
 * The rules of sending: policies and their presets, schedules of repeated tries, and a message's way forward.
 */
import fc from 'fast-check';
import {
  MESSAGE_STATUSES,
  hasReached,
  isFinal,
  receiptAdvances,
  type MessageStatus,
} from '../../../gateway/src/domain/message.js';
import { isUnpaced, mergePolicy, resolvePolicy } from '../../../gateway/src/domain/policy.js';
import {
  deliveryRetryDelayMs,
  reconnectDelayMs,
  sendRetryDelayMs,
} from '../../../gateway/src/domain/retry.js';

const zeroToOne = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a policy', () => {
  it('is standard when nothing is given, and overridden field by field', () => {
    expect(resolvePolicy(null)).toEqual(resolvePolicy({ preset: 'standard' }));
    expect(resolvePolicy(null).gapMs).toEqual({ min: 5_000, max: 9_000 });
    expect(resolvePolicy({ queueMax: 5 })).toEqual({ ...resolvePolicy(null), queueMax: 5 });
    expect(resolvePolicy({ preset: 'unpaced', queueMax: 5 })).toMatchObject({ gapMs: null, queueMax: 5 });
  });

  it('is changed field by field, and begins anew with a preset', () => {
    const before = { preset: 'bulk' as const, perDay: 10, warmUp: { firstDay: 5 } };
    expect(mergePolicy(before, { perHour: 3, warmUp: { growth: 2 } })).toEqual({
      ...before,
      perHour: 3,
      warmUp: { firstDay: 5, growth: 2 },
    });
    expect(mergePolicy(before, { perDay: null })).toEqual({ ...before, perDay: null });
    expect(mergePolicy({ typing: { minMs: 1 } }, { typing: { maxMs: 9 } })).toEqual({
      typing: { minMs: 1, maxMs: 9 },
    });
    expect(mergePolicy({ typing: { minMs: 1 } }, { typing: false })).toEqual({ typing: false });
    expect(mergePolicy(before, { preset: 'otp' })).toEqual({ preset: 'otp' });
    expect(mergePolicy(before, null)).toBeNull();
  });

  it('takes typing as yes, no or in parts', () => {
    const usual = resolvePolicy(null).typing;
    expect(resolvePolicy({ preset: 'otp', typing: true }).typing).toEqual(usual);
    expect(resolvePolicy({ typing: false }).typing).toBeNull();
    expect(resolvePolicy({ typing: { maxMs: 9_000 } }).typing).toEqual({ ...usual, maxMs: 9_000 });
  });

  it.each([
    [null, false],
    [{ preset: 'unpaced' as const }, true],
    [{ gapMs: null }, true],
    [{ gapMs: { min: 0, max: 0 } }, true],
    [{ gapMs: { min: 0, max: 1 } }, true],
    [{ preset: 'unpaced' as const, gapMs: { min: 1, max: 2 } }, true],
    [{ preset: 'unpaced' as const, gapMs: { min: 1_000, max: 2_000 } }, false],
    [{ preset: 'unpaced' as const, perMinute: 60 }, false],
    [{ preset: 'unpaced' as const, perMinute: 6_000 }, true],
    [{ preset: 'otp' as const }, false],
  ])('%j is unpaced: %s', (input, unpaced) => {
    expect(isUnpaced(input)).toBe(unpaced);
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
