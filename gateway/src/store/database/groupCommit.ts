/**
 * Group commit for the embedded database: transactions that wait at the same time share one commit. The first of a group
 * runs by itself, the others in savepoints of their own, so each fails alone. The next group does not wait for the disk:
 * commits go on while the sync of the former runs, and one sync covers all that came before it (see durability).
 * Postgres does the same by itself and does not need this.
 */
import { CompiledQuery } from 'kysely';
import type { Clock } from '../../lib/clock.js';
import type { Database } from './index.js';
import type { Direct } from './sqliteDriver.js';
import type { RunCompiled } from './statement.js';

/** One commit takes at most so many, so that the first is not kept waiting for ever. */
const MAX_PER_COMMIT = 200;
/** How long one that may wait does wait for others to share a commit with, in milliseconds. */
const SOON_MS = 20;

/** Runs in the transaction that holds the connection (see sqliteDriver's `inside`). */
export type Work<T> = () => Promise<T>;

/** A transaction that every later one sees. */
export interface Committed<T> {
  value: T;
  /** Resolves when it is on the disk; nothing may be told to anybody outside before. @throws DurabilityError */
  durable: () => Promise<void>;
}

export interface GroupCommit {
  /** Runs `work` and resolves when it is durable. */
  run<T>(work: Work<T>): Promise<T>;
  /**
   * For what nobody waits for: `work` may wait a few milliseconds for a commit that happens anyway, and `durable` then
   * waits for a sync that happens anyway.
   */
  runSoon<T>(work: Work<T>): Promise<Committed<T>>;
  /** Runs `work` and resolves when it is committed, which is before it is durable. */
  runEarly<T>(work: Work<T>): Promise<Committed<T>>;
}

interface Job {
  work: Work<unknown>;
  resolve: (committed: Committed<unknown>) => void;
  reject: (error: unknown) => void;
}

/** How one job ended, told to its caller once the shared commit is done. */
type Settled = (durable: Committed<unknown>['durable']) => void;

/** Without a savepoint: when it fails, the transaction, in which nothing else has run yet, is rolled back. */
async function runFirst(job: Job): Promise<Settled> {
  const value = await job.work();
  return (durable) => job.resolve({ value, durable });
}

const SAVEPOINT = CompiledQuery.raw('savepoint job');
const RELEASE = CompiledQuery.raw('release savepoint job');
const ROLLBACK_TO = CompiledQuery.raw('rollback to savepoint job');

async function runInSavepoint(run: RunCompiled, job: Job): Promise<Settled> {
  await run(SAVEPOINT);
  try {
    const value = await job.work();
    await run(RELEASE);
    return (durable) => job.resolve({ value, durable });
  } catch (error) {
    await run(ROLLBACK_TO);
    await run(RELEASE);
    return () => job.reject(error);
  }
}

interface Group {
  /** Those whose work was begun: they share the fate of the commit. */
  begun: Job[];
  settled: Settled[];
}

/** Runs one job after another in one transaction, until none waits. */
async function runGroup(run: RunCompiled, take: () => Job | undefined, group: Group): Promise<void> {
  for (let job = take(); job; job = take()) {
    group.begun.push(job);
    group.settled.push(await (group.begun.length === 1 ? runFirst(job) : runInSavepoint(run, job)));
    if (group.begun.length >= MAX_PER_COMMIT) return;
  }
}

async function whenDurable<T>(committing: Promise<Committed<T>>): Promise<T> {
  const { value, durable } = await committing;
  await durable();
  return value;
}

const enqueue = <T>(line: Job[], work: Work<T>): Promise<Committed<T>> =>
  new Promise<Committed<T>>((resolve, reject) => {
    line.push({ work, resolve: resolve as Job['resolve'], reject });
  });

export function createGroupCommit(
  { transact, within }: Pick<Direct, 'transact' | 'within'>,
  { durable, durableSoon }: Pick<Database, 'durable' | 'durableSoon'>,
  clock: Clock,
): GroupCommit {
  const waiting: Job[] = [];
  const patient: Job[] = [];
  let running = false;
  let cancelSoon: (() => void) | null = null;

  async function commitOnce(jobs: Job[]): Promise<void> {
    const group: Group = { begun: [], settled: [] };
    const take = (): Job | undefined => jobs.shift() ?? waiting.shift();
    try {
      await transact(() => runGroup(within, take, group));
    } catch (error) {
      // The first of the group has failed alone; or the commit itself, or a savepoint could not be rolled back: nothing of
      // this group is there then. When not even the beginning succeeded, as on a closed database, trying the same jobs
      // again would never end.
      const failed = group.begun.length > 0 ? group.begun : jobs.splice(0);
      for (const job of failed) job.reject(error);
      return;
    } finally {
      waiting.unshift(...jobs);
    }
    for (const tell of group.settled) tell(durable);
  }

  async function commitNow(): Promise<void> {
    cancelSoon?.();
    cancelSoon = null;
    await commitOnce([...waiting.splice(0), ...patient.splice(0)]);
    running = false;
    if (waiting.length > 0) begin();
    else if (patient.length > 0) waitForCompany();
  }

  /**
   * Begins once everything that has arrived has been looked at: requests that came together share a commit, and whoever
   * makes one transaction after the other does not keep everybody else from being heard.
   */
  function begin(): void {
    if (running) return;
    running = true;
    setImmediate(() => void commitNow());
  }

  function waitForCompany(): void {
    cancelSoon ??= clock.schedule(() => {
      cancelSoon = null;
      waiting.push(...patient.splice(0));
      begin();
    }, SOON_MS);
  }

  const runEarly: GroupCommit['runEarly'] = (work) => {
    const done = enqueue(waiting, work);
    begin();
    return done;
  };

  return {
    runEarly,
    run: (work) => whenDurable(runEarly(work)),
    runSoon(work) {
      const done = enqueue(patient, work);
      if (!running) waitForCompany();
      return done.then(({ value }) => ({ value, durable: durableSoon }));
    },
  };
}
