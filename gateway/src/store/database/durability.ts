/**
 * When committed transactions of the embedded database are on the disk. SQLite writes a commit into its log and goes on;
 * one fdatasync of the log, made by a thread beside ours, then covers everything that was committed before it began.
 * Whoever promises something to the outside waits here first. Used by sqlite.ts alone.
 */

import type { Clock } from '../../lib/clock.js';

/** Brings what was written to the log so far onto the disk. */
export type Sync = () => Promise<void>;

export interface Durability {
  /** Something was committed: it is synced as soon as somebody waits for it, or else within 50 ms. */
  committed: () => void;
  /** Resolves when everything committed until now is on the disk. @throws DurabilityError */
  reached: () => Promise<void>;
  /** The same, but asks for no sync of its own: it comes with the next that somebody asks for, or within 50 ms. */
  passed: () => Promise<void>;
  /** @throws DurabilityError when a sync has failed: from then on nothing can be promised */
  assertIntact: () => void;
}

/**
 * The disk refused to keep what was written. The system may then have thrown away pages that it still shows, so a second
 * try that succeeds proves nothing: only a restart, which reads what is there, can go on.
 */
export class DurabilityError extends Error {
  constructor(cause: unknown) {
    super(
      'The database could not be brought to the disk, so nothing is accepted any more. Check the disk for errors and free space, then restart the gateway.',
      { cause },
    );
    this.name = 'DurabilityError';
  }
}

/** How long a commit may go unsynced when nobody waits for it, in milliseconds. */
const UNASKED_MS = 50;

export interface DurabilityDeps {
  sync: Sync;
  clock: Pick<Clock, 'schedule'>;
  /** Hears once of a sync that failed. */
  onFailed: (error: Error) => void;
}

interface Waiter {
  commit: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Those who wait until a commit is on the disk. */
function createWaiters() {
  const waiters: Waiter[] = [];
  return {
    add: (commit: number): Promise<void> =>
      new Promise<void>((resolve, reject) => waiters.push({ commit, resolve, reject })),
    tell(durable: number): void {
      while (waiters[0] && waiters[0].commit <= durable) waiters.shift()?.resolve();
    },
    fail(error: Error): void {
      for (const waiter of waiters.splice(0)) waiter.reject(error);
    },
  };
}

export function createDurability({ sync, clock, onFailed }: DurabilityDeps): Durability {
  let committed = 0;
  let durable = 0;
  /** The last commit that somebody asked for. */
  let asked = 0;
  let running = false;
  let cancelUnasked: (() => void) | null = null;
  let failure: DurabilityError | null = null;
  const waiters = createWaiters();

  function fail(error: unknown): void {
    const broken = new DurabilityError(error);
    failure = broken;
    waiters.fail(broken);
    onFailed(broken);
  }

  /** Goes on for as long as somebody asks: a sync costs more than most commits, and covers all before it. */
  async function run(): Promise<void> {
    running = true;
    cancelUnasked?.();
    cancelUnasked = null;
    try {
      do {
        // What is committed after this line may be written after the sync has passed: it needs the next one.
        const covered = committed;
        await sync();
        durable = covered;
        waiters.tell(durable);
      } while (durable < asked);
    } catch (error) {
      fail(error);
    }
    running = false;
    if (durable < committed) syncUnasked();
  }

  function syncUnasked(): void {
    if (failure) return;
    cancelUnasked ??= clock.schedule(() => {
      cancelUnasked = null;
      if (!running) void run();
    }, UNASKED_MS);
  }

  function passed(): Promise<void> {
    if (failure) return Promise.reject(failure);
    if (durable === committed) return Promise.resolve();
    return waiters.add(committed);
  }

  return {
    committed() {
      committed += 1;
      if (!running) syncUnasked();
    },
    reached() {
      const onDisk = passed();
      asked = committed;
      if (!running && !failure && durable < committed) void run();
      return onDisk;
    },
    passed,
    assertIntact() {
      if (failure) throw failure;
    },
  };
}
