/**
 * The keys of one session in front of the database: what may wait is kept in memory and written within 20 ms, many at
 * once; everything else is durable when `set` resolves. What a plaintext goes along with is committed then, and on the
 * disk before a receipt goes out (see decryptions). Reads see all of it.
 * Each write is one transaction, fenced by the session's lease. Used by the Keyv adapter only.
 */
import type { Fence } from '../domain/session.js';
import type { Clock } from '../lib/clock.js';
import type { Nouns, Store } from '../store/index.js';
import { createUnwritten, type Snapshot, type Unwritten } from './unwritten.js';

/** A value that serialises to this is deleted; Baileys sets keys and deletes others in one commit. */
export const TOMBSTONE = 'null';

const WRITE_WITHIN_MS = 20;

/**
 * Types whose newest value may be lost in a crash. rc14 itself writes a session only after the message has left, and a
 * recipient that meets a ratchet step twice asks for the message again; the others are found out anew.
 */
const MAY_WAIT = /^(session|device-list|lid-mapping|tctoken|identity-key):/;

/** Work that has to be durable together with the keys of the moment. */
export type Alongside = (tx: Nouns) => Promise<void>;

export interface WriteBehindDeps {
  store: Store;
  clock: Clock;
  fence: Fence;
  /** Null: nothing goes along. */
  alongside: () => Alongside | null;
  /** A write in the background failed: the memory is ahead of the database, and the socket must end. */
  onFailed: (error: unknown) => void;
}

/** Key and value, both serialised. */
export interface SerializedEntry {
  key: string;
  value: string;
}

export interface WriteBehind {
  get: (keys: string[]) => Promise<(string | undefined)[]>;
  /** @throws LeaseLostError; nothing of it was written then, and nothing of it is read */
  set: (entries: SerializedEntry[]) => Promise<void>;
  /** Writes what is still in memory only. @throws LeaseLostError */
  flush: () => Promise<void>;
}

/** Writes live values and deletes dead ones, in the transaction in hand. */
async function writeEntries(tx: Nouns, namespace: string, entries: Snapshot): Promise<void> {
  const live = entries.filter(([, { value }]) => value !== TOMBSTONE);
  const dead = entries.filter(([, { value }]) => value === TOMBSTONE).map(([key]) => key);
  if (live.length > 0) {
    const values = live.map(([key, { value }]) => ({ key, value: Buffer.from(value, 'utf8') }));
    await tx.keyValues.setMany(namespace, values);
  }
  if (dead.length > 0) await tx.keyValues.deleteMany(namespace, dead);
}

interface Newest {
  store: Store;
  namespace: string;
  unwritten: Unwritten;
}

/** Values from memory, or else from the database. */
async function readNewest(from: Newest, keys: string[]): Promise<(string | undefined)[]> {
  const { store, namespace, unwritten } = from;
  // Taken before the wait: what is written meanwhile leaves the memory, and would be found nowhere.
  const newest = new Map(keys.map((key) => [key, unwritten.get(key)]));
  const missing = keys.filter((key) => newest.get(key) === undefined);
  const found = await store.keyValues.getMany(namespace, missing);
  return keys.map((key) => {
    const value = newest.get(key) ?? found.get(key)?.toString('utf8');
    return value === TOMBSTONE ? undefined : value;
  });
}

export function createWriteBehind(deps: WriteBehindDeps): WriteBehind {
  const { store, clock, fence, alongside, onFailed } = deps;
  const namespace = fence.sessionId;
  /** An entry goes when the transaction that wrote it is committed, from when on the database shows it. */
  const unwritten = createUnwritten();
  /** What has to be durable with entries that are not written yet, by whichever write takes those. */
  const companions = new Set<Alongside>();
  let cancelTimer: (() => void) | null = null;
  /** One write at a time, or an older one could land on a newer. */
  let writing: Promise<void> = Promise.resolve();

  async function writeAll(): Promise<void> {
    cancelTimer?.();
    cancelTimer = null;
    const entries = unwritten.snapshot();
    const together = [...companions];
    if (entries.length === 0 && together.length === 0) return;
    await store.transactionEarly(async (tx) => {
      await tx.leases.assertOwned(fence);
      await writeEntries(tx, namespace, entries);
      for (const work of together) await work(tx);
    });
    unwritten.forget(entries);
    for (const work of together) companions.delete(work);
  }
  function commit(): Promise<void> {
    const written = writing.then(writeAll);
    writing = written.catch(() => undefined);
    return written;
  }
  async function flush(): Promise<void> {
    await commit();
    await store.durable();
  }
  function flushSoon(): void {
    cancelTimer ??= clock.schedule(() => {
      cancelTimer = null;
      // What may be lost need not be asked of the disk; it takes it with the next that must not.
      commit().catch(onFailed);
    }, WRITE_WITHIN_MS);
  }

  return {
    flush,

    get: (keys) => readNewest({ store, namespace, unwritten }, keys),

    async set(entries) {
      const takeBack = unwritten.set(entries);
      const together = alongside();
      // At once: a write that is queued already takes the entries, and must not take them without it.
      if (together) companions.add(together);
      if (!together && entries.every(({ key }) => MAY_WAIT.test(key))) {
        flushSoon();
        return;
      }
      try {
        await commit();
      } catch (error) {
        // The caller is told that nothing was written, so nothing of it may be read either.
        takeBack();
        if (together) companions.delete(together);
        // The others that this write would have taken along have no timer any more.
        if (unwritten.snapshot().length > 0) flushSoon();
        throw error;
      }
      if (!together) await store.durable();
    },
  };
}
