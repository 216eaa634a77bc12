/**
 * Times of the clock on the wall: quiet hours, and when a message that waits will probably go.
 */
import { DAY_MS, type CapUse } from '../../../gateway/src/domain/caps.js';
import { forecast, meanGapMs } from '../../../gateway/src/domain/forecast.js';
import { NOTHING_SENT, type SendingHistory } from '../../../gateway/src/domain/pacing.js';
import { resolvePolicy, type PolicyInput } from '../../../gateway/src/domain/policy.js';
import { quietUntil } from '../../../gateway/src/domain/quietHours.js';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

describe('quiet hours', () => {
  const at = (text: string): number => Date.parse(text);
  it.each([
    ['2026-01-10T21:59:00Z', null],
    ['2026-01-10T22:00:00Z', '2026-01-11T07:30:00Z'],
    ['2026-01-11T03:00:30Z', '2026-01-11T07:30:00Z'],
    ['2026-01-11T07:30:00Z', null],
  ])('over midnight: %s', (now, until) => {
    const quiet = { from: '22:00', to: '07:30', timeZone: 'UTC' };
    expect(quietUntil(quiet, at(now))).toBe(until === null ? null : at(until));
  });

  it.each([
    ['2026-03-28T23:30:00Z', '2026-03-29T05:00:00Z'],
    ['2026-10-24T23:30:00Z', '2026-10-25T06:00:00Z'],
    ['2026-06-10T12:30:00Z', null],
  ])('end by the clock on the wall, also in the night when it is turned: %s', (now, until) => {
    const quiet = { from: '23:00', to: '07:00', timeZone: 'Europe/Berlin' };
    expect(quietUntil(quiet, at(now))).toBe(until === null ? null : at(until));
  });
});

describe('a forecast', () => {
  const from = NOW + 1_000;
  const guess = (input: PolicyInput, ahead: number, history: Partial<SendingHistory> = {}) => {
    const policy = resolvePolicy({ preset: 'unpaced', ...input });
    return forecast({ policy, history: { ...NOTHING_SENT, ...history }, ahead, from, now: NOW });
  };

  it('counts gaps and pauses of all that is ahead', () => {
    expect(meanGapMs(resolvePolicy({ preset: 'unpaced' }))).toBe(0);
    expect(meanGapMs(resolvePolicy(null))).toBe(7_000 + 38_000 / 20);
    expect(guess({ gapMs: { min: 5_000, max: 9_000 } }, 10)).toBe(from + 70_000);
  });

  it('goes over days when a cap is small', () => {
    const day = (used: number, freesAt: number | null): CapUse[] => [
      { name: 'day', track: 'all', max: 100, perMs: DAY_MS, used, freesAt },
    ];
    expect(guess({ perDay: 100 }, 10, { caps: day(0, null) })).toBe(from);
    expect(guess({ perDay: 100 }, 250, { caps: day(100, NOW + HOUR) })).toBe(NOW + HOUR + 2 * DAY_MS);
  });

  it('knows that a warm-up allows more each day, and that nothing goes in quiet hours', () => {
    const warmUp = { enabled: true, firstDay: 20, growth: 1.8, days: 6 };
    const caps: CapUse[] = [
      { name: 'warmUp', track: 'unprompted', max: 20, perMs: DAY_MS, used: 20, freesAt: NOW },
    ];
    expect(guess({ warmUp }, 0, { caps, warmUpSince: NOW })).toBe(NOW + DAY_MS);
    expect(guess({ warmUp }, 40, { caps, warmUpSince: NOW })).toBe(NOW + 2 * DAY_MS);
    const quietHours = { from: '23:00', to: '09:00', timeZone: 'UTC' };
    expect(guess({ quietHours }, 0)).toBe(NOW + 9 * HOUR);
  });
});
