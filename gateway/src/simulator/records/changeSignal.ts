/**
 * Lets waiters re-check a condition whenever anything was recorded: the heart of the long-polling control calls.
 */
export interface ChangeSignal {
  notify(): void;
  /** Calls back on every notification. */
  subscribe(listener: () => void): void;
  /** The first defined result of `check`, or undefined after the time. */
  waitFor<T>(check: () => T | undefined, timeoutMs: number): Promise<T | undefined>;
}

/** Waiters get a tenth of the process's time at most: each looks through all records, and there may be many of both. */
const REST_FACTOR = 9;
const MAX_REST_MS = 250;

/** A signal without waiters. */
export function createChangeSignal(): ChangeSignal {
  const waiters = new Set<() => void>();
  const listeners: (() => void)[] = [];
  let isScheduled = false;
  let restUntil = 0;
  const wakeAll = (): void => {
    const begun = performance.now();
    isScheduled = false;
    for (const wake of [...waiters]) wake();
    for (const listener of listeners) listener();
    const now = performance.now();
    restUntil = now + Math.min((now - begun) * REST_FACTOR, MAX_REST_MS);
  };
  return {
    notify() {
      // Once per turn of the event loop at most: stanzas come in bursts.
      if (isScheduled) return;
      isScheduled = true;
      const restMs = restUntil - performance.now();
      if (restMs < 1) setImmediate(wakeAll);
      else setTimeout(wakeAll, restMs);
    },
    subscribe: (listener) => void listeners.push(listener),
    waitFor<T>(check: () => T | undefined, timeoutMs: number) {
      const now = check();
      if (now !== undefined || timeoutMs <= 0) return Promise.resolve(now);
      return new Promise<T | undefined>((resolve) => {
        const finish = (result: T | undefined): void => {
          clearTimeout(timer);
          waiters.delete(wake);
          resolve(result);
        };
        const wake = (): void => {
          const result = check();
          if (result !== undefined) finish(result);
        };
        const timer = setTimeout(() => finish(check()), timeoutMs);
        timer.unref();
        waiters.add(wake);
      });
    },
  };
}
