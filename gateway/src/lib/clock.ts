/**
 * The time, injected wherever code asks for it, so that tests can move it.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back after the time; returns a function that cancels. Never keeps the process alive on its own. */
  schedule(callback: () => void, delayMs: number): () => void;
}

const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
