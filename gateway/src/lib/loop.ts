/**
 * A worker that runs a step, waits until there is more to do, and can be woken and stopped.
 * Used by the outbox (one per session), the inbox and the webhook dispatcher; it knows nothing of what a step does.
 */
import type { Clock } from './clock.js';

export interface Loop {
  /** Runs the step soon; cheap to call often. */
  wake: () => void;
  /** Ends the loop after the step in hand; resolves when it has ended. */
  stop: () => Promise<void>;
}

export interface LoopOptions {
  clock: Clock;
  /**
   * Does one piece of work. Answers how long to wait before the next, in milliseconds (0: at once), at most
   * `idleMs`; a wake ends the wait early. Must not keep running once `signal` is aborted.
   */
  step: (signal: AbortSignal) => Promise<number>;
  /** Longest wait between two steps: rows written by another process are seen after this time at the latest. */
  idleMs: number;
  /** Told of a step that threw; the loop goes on after `idleMs`. */
  onError: (error: unknown) => void;
}

export function createLoop({ clock, step, idleMs, onError }: LoopOptions): Loop {
  const abort = new AbortController();
  let woken = false;
  let interrupt: (() => void) | null = null;

  // Functions, because both change while the step runs, and a narrowed variable would hide that.
  const isStopped = (): boolean => abort.signal.aborted;
  const isHurried = (): boolean => woken || isStopped();

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.schedule(done, ms);
      function done(): void {
        cancel();
        interrupt = null;
        resolve();
      }
      interrupt = done;
    });

  async function run(): Promise<void> {
    while (!isStopped()) {
      woken = false;
      let waitMs = idleMs;
      try {
        waitMs = Math.min(idleMs, await step(abort.signal));
      } catch (error) {
        onError(error);
      }
      if (waitMs > 0 && !isHurried()) await wait(waitMs);
    }
  }

  const ended = run();

  return {
    wake() {
      woken = true;
      interrupt?.();
    },
    async stop() {
      abort.abort();
      interrupt?.();
      await ended;
    },
  };
}
