/**
 * Waits when the gateway says "not now" (429 and 503 with a time), up to a limit that the user sets.
 * Used around requests that send; one patience is shared by all items of a node run.
 * Must not wait for anything that the gateway did not call retryable.
 */
import { sleep } from 'n8n-workflow';

import { failureOf } from './errors';

export interface Patience {
  /** Runs `request` again after each "not now", as long as time is left. */
  attempt<T>(request: () => Promise<T>): Promise<T>;
}

/** How long the gateway asks to wait, when waiting is of use. */
function pauseSeconds(error: unknown): number | undefined {
  const failure = failureOf(error);
  if (failure === undefined || (failure.status !== 429 && failure.status !== 503)) return undefined;
  return failure.retryAfterSeconds;
}

/** @param maxSeconds all waiting together; 0 shows the error, with the time to wait, at once */
export function createPatience(maxSeconds: number): Patience {
  let leftSeconds = maxSeconds;
  return {
    async attempt(request) {
      for (;;) {
        try {
          return await request();
        } catch (error) {
          // At least a tenth of a second, so that "retry after 0" cannot spin.
          const pause = Math.max(pauseSeconds(error) ?? Number.POSITIVE_INFINITY, 0.1);
          if (pause > leftSeconds) throw asThrown(error);
          leftSeconds -= pause;
          await sleep(pause * 1000);
        }
      }
    },
  };
}

/** The request's own error goes on unchanged: it already names cause and fix. */
const asThrown = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
