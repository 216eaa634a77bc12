/**
 * Quiet hours: whether a moment lies in them and when they end, by the clock on the wall of their time zone.
 * Pure; Intl knows the time zones and their summer times.
 */
import type { QuietHours } from './policy.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** Whether Intl knows the time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function minuteOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

/** The minute of the day, from 0, that the wall clock shows. */
function localMinute(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  return minuteOf(format.format(at)) % DAY_MINUTES;
}

const distance = (from: number, to: number): number => (to - from + DAY_MINUTES) % DAY_MINUTES;

/**
 * When the quiet hours end that the moment lies in, milliseconds since 1970; null when it lies in none. Where the clock
 * is turned, the end is the first moment at which the wall clock has reached it.
 */
export function quietUntil({ from, to, timeZone }: QuietHours, at: number): number | null {
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  const isQuiet = (minute: number): boolean => distance(begin, minute) < distance(begin, end);
  const minute = localMinute(at, timeZone);
  if (!isQuiet(minute)) return null;
  const startOfMinute = at - (at % MINUTE_MS);
  let until = startOfMinute + distance(minute, end) * MINUTE_MS;
  const shown = localMinute(until, timeZone);
  // The clock was turned on the way: too early by the hour that was repeated, or too late by the one left out.
  if (isQuiet(shown)) until += distance(shown, end) * MINUTE_MS;
  else if (shown !== end) until -= distance(end, shown) * MINUTE_MS;
  return Math.max(until, startOfMinute + MINUTE_MS);
}
