/**
 * The caps of a policy: how many messages may go in any stretch of a length, and what is counted for each. Pure.
 */
import type { Policy, WarmUp } from './policy.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** What is counted: all messages, those to people who did not write before, or first messages to new recipients. */
export const TRACKS = ['all', 'unprompted', 'new'] as const;
export type Track = (typeof TRACKS)[number];

export type CapName = 'minute' | 'hour' | 'day' | 'month' | 'warmUp' | 'newRecipients';

/** At most `max` messages of the track in any stretch of `perMs`. */
export interface Cap {
  name: CapName;
  track: Track;
  max: number;
  perMs: number;
}

export interface WarmUpDay {
  /** From 1. */
  day: number;
  allowance: number;
  endsAt: number;
}

/**
 * The day of its warm-up that a number is on; null when that is over, or switched off.
 * @param since when it sent its first message; null: not yet
 */
export function warmUpDay(warmUp: WarmUp, since: number | null, now: number): WarmUpDay | null {
  if (!warmUp.enabled) return null;
  const begun = since ?? now;
  const day = Math.max(0, Math.floor((now - begun) / DAY_MS)) + 1;
  if (day > warmUp.days) return null;
  return {
    day,
    allowance: Math.round(warmUp.firstDay * warmUp.growth ** (day - 1)),
    endsAt: begun + day * DAY_MS,
  };
}

/** The caps that stand at the moment. */
export function capsOf(policy: Policy, warmUpSince: number | null, now: number): Cap[] {
  const today = warmUpDay(policy.warmUp, warmUpSince, now);
  const caps: [CapName, Track, number | null, number][] = [
    ['minute', 'all', policy.perMinute, MINUTE_MS],
    ['hour', 'all', policy.perHour, HOUR_MS],
    ['day', 'all', policy.perDay, DAY_MS],
    ['month', 'all', policy.perMonth, 30 * DAY_MS],
    ['warmUp', 'unprompted', today?.allowance ?? null, DAY_MS],
    ['newRecipients', 'new', policy.newRecipientsPerDay, DAY_MS],
  ];
  return caps.flatMap(([name, track, max, perMs]) => (max === null ? [] : [{ name, track, max, perMs }]));
}

/** How much of a cap is used. */
export interface CapUse extends Cap {
  used: number;
  /** When the next message fits under it; null: now. */
  freesAt: number | null;
}
