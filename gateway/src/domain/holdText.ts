/**
 * How a wait is put into words: `held 38 s: warm-up day 2, 14 of 36 used`. Pure.
 */
import type { Range } from './policy.js';

/** A duration as a person says it: `38 s`, `12 min`, `5 h 20 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 120) return `${String(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return withRest([Math.floor(hours / 24), 'd'], [hours % 24, 'h']);
  return withRest([hours, 'h'], [minutes % 60, 'min']);
}

const withRest = ([whole, unit]: [number, string], [rest, smaller]: [number, string]): string =>
  rest === 0 ? `${String(whole)} ${unit}` : `${String(whole)} ${unit} ${String(rest)} ${smaller}`;

/** A range of durations; `5 s to 9 s`. */
export const range = ({ min, max }: Range): string =>
  min === max ? duration(min) : `${duration(min)} to ${duration(max)}`;

export const heldFor = (ms: number, reasons: string[]): string =>
  `held ${duration(ms)}: ${reasons.join('; ')}`;
