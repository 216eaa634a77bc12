/**
 * Group commit for the embedded database: transactions that wait at the same time share one commit, and so one fsync,
 * which is by far their largest cost. Each runs in a savepoint of its own: it fails alone, and it resolves only when the
 * shared commit is on the disk. Postgres does the same by itself and does not need this.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Clock } from '../../lib/clock.js';
import type { Schema } from './schema.js';

/** One commit takes at most so many, so that the first is not kept waiting for ever. */
const MAX_PER_COMMIT = 200;
/** How long one that may wait does wait for others to share a commit with, in milliseconds. */
const SOON_MS = 20;

export type Work<T> = (tx: Transaction<Schema>) => Promise<T>;

export interface GroupCommit {
  /** Runs `work` and resolves when it is durable. */
  run<T>(work: Work<T>): Promise<T>;
  /** The same, but `work` may wait a few milliseconds for a commit that happens anyway. */
  runSoon<T>(work: Work<T>): Promise<T>;
}

interface Job {
  work: Work<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** How one job ended, told to its caller once the shared commit is done. */
type Settled = () => void;

async function runInSavepoint(tx: Transaction<Schema>, job: Job): Promise<Settled> {
  await sql`savepoint job`.execute(tx);
  try {
    const value = await job.work(tx);
    await sql`release savepoint job`.execute(tx);
    return () => job.resolve(value);
  } catch (error) {
    await sql`rollback to savepoint job`.execute(tx);
    await sql`release savepoint job`.execute(tx);
    return () => job.reject(error);
  }
}

export function createGroupCommit(db: Kysely<Schema>, clock: Clock): GroupCommit {
  const waiting: Job[] = [];
  const patient: Job[] = [];
  let running = false;
  let cancelSoon: (() => void) | null = null;

  async function commitOnce(jobs: Job[]): Promise<void> {
    const begun: Job[] = [];
    const settled: Settled[] = [];
    try {
      await db.transaction().execute(async (tx) => {
        for (let job = jobs.shift() ?? waiting.shift(); job; job = jobs.shift() ?? waiting.shift()) {
          begun.push(job);
          settled.push(await runInSavepoint(tx, job));
          if (begun.length >= MAX_PER_COMMIT) break;
        }
      });
    } catch (error) {
      // The commit itself failed, or a savepoint could not be rolled back: nothing of this group is durable. When not
      // even the beginning succeeded, as on a closed database, trying the same jobs again would never end.
      const failed = begun.length > 0 ? begun : jobs.splice(0);
      for (const job of failed) job.reject(error);
      return;
    } finally {
      waiting.unshift(...jobs);
    }
    for (const tell of settled) tell();
  }

  async function pump(): Promise<void> {
    if (running) return;
    running = true;
    while (waiting.length > 0) {
      cancelSoon?.();
      cancelSoon = null;
      await commitOnce([...waiting.splice(0), ...patient.splice(0)]);
    }
    running = false;
    if (patient.length > 0) waitForCompany();
  }

  function waitForCompany(): void {
    cancelSoon ??= clock.schedule(() => {
      cancelSoon = null;
      waiting.push(...patient.splice(0));
      void pump();
    }, SOON_MS);
  }

  const enqueue = <T>(line: Job[], work: Work<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      line.push({ work, resolve: resolve as (value: unknown) => void, reject });
    });

  return {
    run(work) {
      const done = enqueue(waiting, work);
      void pump();
      return done;
    },
    runSoon(work) {
      const done = enqueue(patient, work);
      if (!running) waitForCompany();
      return done;
    },
  };
}
