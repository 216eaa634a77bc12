/**
 * Waiting for something to be committed, without missing what is committed between a look and the wait.
 * Used by readers of the event log.
 */
import type { Clock } from '../lib/clock.js';

export interface News {
  ring(): void;
  /** The number of rings so far; take it before looking. */
  count(): number;
  /** Resolves at the first ring after `since`, after `ms`, or when the signal is aborted. */
  wait(since: number, ms: number, signal?: AbortSignal): Promise<void>;
}

export function createNews(clock: Clock): News {
  const waiters = new Set<() => void>();
  let rings = 0;
  return {
    ring() {
      rings += 1;
      for (const resolve of [...waiters]) resolve();
    },
    count: () => rings,
    wait: (since, ms, signal) =>
      new Promise((resolve) => {
        if (rings !== since || ms <= 0 || signal?.aborted === true) {
          resolve();
          return;
        }
        const cancel = clock.schedule(done, ms);
        function done(): void {
          cancel();
          waiters.delete(done);
          signal?.removeEventListener('abort', done);
          resolve();
        }
        waiters.add(done);
        signal?.addEventListener('abort', done, { once: true });
      }),
  };
}
