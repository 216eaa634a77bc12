/**
 * A clock that stands still until a test moves it. Implements lib/clock's Clock.
 */
import type { Clock } from '../../gateway/src/lib/clock.js';

export interface FakeClock extends Clock {
  /** Moves the time, firing the timers that fall due on the way, each at its own time. */
  advance(ms: number): void;
  /** When the next timer falls due; null: none waits. */
  nextAt(): number | null;
  /** Timers that wait. */
  pending(): number;
}

interface Timer {
  at: number;
  order: number;
  callback: () => void;
}

export const FAKE_NOW = Date.UTC(2026, 0, 1);

export function createFakeClock(start = FAKE_NOW): FakeClock {
  const timers = new Set<Timer>();
  let now = start;
  let order = 0;

  const nextDue = (until: number): Timer | undefined =>
    [...timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];

  return {
    now: () => now,
    schedule(callback, delayMs) {
      const timer: Timer = { at: now + Math.max(0, delayMs), order: (order += 1), callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    advance(ms) {
      const until = now + ms;
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.callback();
      }
      now = until;
    },
    nextAt: () => nextDue(Infinity)?.at ?? null,
    pending: () => timers.size,
  };
}
