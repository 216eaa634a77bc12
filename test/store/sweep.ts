/**
 * One whole sweep of what is deleted by age, with a clock that the test moves.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '../../gateway/src/lib/logger.js';
import { createRetention, type Keeping } from '../../gateway/src/retention.js';
import type { Store } from '../../gateway/src/store/index.js';
import { eventually } from '../support/eventually.js';
import type { FakeClock } from '../support/fakeClock.js';

/** How long things are kept in these tests. */
export const KEEPING: Keeping = {
  keepMediaDays: 10,
  keepEventsDays: 10,
  keepDeliveriesDays: 5,
  keepMessagesDays: 40,
};

interface Sweep {
  store: Store;
  clock: FakeClock;
  /** Where the files lie. */
  folder: string;
  keeping: Keeping;
}

/** Answers the errors that it met. */
export async function sweepOnce({ store, clock, folder, keeping }: Sweep): Promise<unknown[]> {
  const errors: unknown[] = [];
  const retention = createRetention({
    store,
    clock,
    logger: createLogger('silent'),
    keeping,
    removeFile: (path) => rm(join(folder, path), { force: true }),
    onError: (error) => errors.push(error),
  });
  let steps = 0;
  // Every step waits for the clock; a sweep of a small database has ended long before so many.
  while (steps < 60) {
    await eventually('the step to end', () => clock.pending() > 0);
    clock.advance(steps === 0 ? 60_000 : 25);
    steps += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  clock.advance(0);
  await retention.stop();
  return errors;
}
