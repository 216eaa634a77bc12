/**
 * A limit on how long something is waited for. Used where the gateway stops.
 */
import type { Clock } from './clock.js';

/** Waits for the work, but no longer than the time. */
export async function atMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  let cancel = (): void => undefined;
  const timeUp = new Promise<void>((resolve) => {
    cancel = clock.schedule(resolve, ms);
  });
  await Promise.race([work, timeUp]);
  cancel();
}
