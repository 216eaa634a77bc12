/**
 * A Keyv storage adapter over the gateway's own database: what one `setMany` holds is written in one transaction, fenced
 * by the session's lease, with deletions as tombstones among the writes. Used by whatsapp/authState only.
 *
 * Keys that a crash may set back by a moment are kept in memory first and written within 20 ms, many at once; reads see
 * them at once. Everything else, and every write that a receipt waits for, is durable when `setMany` resolves.
 */
import type { KeyvStoreAdapter } from 'keyv';
import type { Fence } from '../domain/session.js';
import type { Clock } from '../lib/clock.js';
import type { Nouns, Store } from '../store/index.js';

/** A value that serialises to this is deleted; Baileys sets keys and deletes others in one commit. */
export const TOMBSTONE = 'null';

const WRITE_WITHIN_MS = 20;

/**
 * Types whose newest value may be lost in a crash. rc14 itself writes a session only after the message has left, and a
 * recipient that meets a ratchet step twice asks for the message again; the others are found out anew.
 */
const MAY_WAIT = /^(session|device-list|lid-mapping|tctoken|identity-key):/;

export interface AdapterDeps {
  store: Store;
  clock: Clock;
  fence: Fence;
  /** Work that has to be durable together with the keys of the moment; null: there is none. */
  alongside: () => ((tx: Nouns) => Promise<void>) | null;
  /** A write in the background failed: the memory is ahead of the database, and the socket must end. */
  onFailed: (error: unknown) => void;
}

export interface KeysAdapter extends KeyvStoreAdapter {
  /** Writes what is still in memory only. @throws LeaseLostError */
  flush(): Promise<void>;
}

interface SerializedEntry {
  key: string;
  value: string;
}

/** Keys and values arrive serialised; the namespace is the session. */
export function createKeyvAdapter({ store, clock, fence, alongside, onFailed }: AdapterDeps): KeysAdapter {
  const namespace = fence.sessionId;
  /** Newer than the database. An entry goes when the transaction that wrote it is durable. */
  const dirty = new Map<string, string>();
  let cancelTimer: (() => void) | null = null;
  /** One write at a time, or an older one could land on a newer. */
  let writing: Promise<void> = Promise.resolve();

  async function writeDirty(together: ((tx: Nouns) => Promise<void>) | null): Promise<void> {
    cancelTimer?.();
    cancelTimer = null;
    const entries = [...dirty];
    if (entries.length === 0 && !together) return;
    const live = entries.filter(([, value]) => value !== TOMBSTONE);
    const dead = entries.filter(([, value]) => value === TOMBSTONE).map(([key]) => key);
    await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      if (live.length > 0) {
        const sealed = live.map(([key, value]) => ({ key, value: Buffer.from(value, 'utf8') }));
        await tx.keyValues.setMany(namespace, sealed);
      }
      if (dead.length > 0) await tx.keyValues.deleteMany(namespace, dead);
      await together?.(tx);
    });
    for (const [key, value] of entries) if (dirty.get(key) === value) dirty.delete(key);
  }

  function flush(together: ((tx: Nouns) => Promise<void>) | null = null): Promise<void> {
    const written = writing.then(() => writeDirty(together));
    writing = written.catch(() => undefined);
    return written;
  }

  function flushSoon(): void {
    cancelTimer ??= clock.schedule(() => {
      cancelTimer = null;
      flush().catch(onFailed);
    }, WRITE_WITHIN_MS);
  }

  async function setMany(entries: SerializedEntry[]): Promise<void> {
    const before = entries.map(({ key }) => [key, dirty.get(key)] as const);
    for (const { key, value } of entries) dirty.set(key, value);
    const together = alongside();
    if (!together && entries.every(({ key }) => MAY_WAIT.test(key))) {
      flushSoon();
      return;
    }
    try {
      await flush(together);
    } catch (error) {
      // The caller is told that nothing was written, so nothing of it may be read either.
      for (const [key, value] of before) {
        if (value === undefined) dirty.delete(key);
        else dirty.set(key, value);
      }
      throw error;
    }
  }

  async function getMany(keys: string[]): Promise<(string | undefined)[]> {
    const missing = keys.filter((key) => !dirty.has(key));
    const found =
      missing.length > 0 ? await store.keyValues.getMany(namespace, missing) : new Map<string, Buffer>();
    return keys.map((key) => {
      const value = dirty.get(key) ?? found.get(key)?.toString('utf8');
      return value === TOMBSTONE ? undefined : value;
    });
  }

  return {
    opts: {},
    flush: () => flush(),
    get: async <Value>(key: string) => (await getMany([key]))[0] as Value | undefined,
    getMany: async <Value>(keys: string[]) => (await getMany(keys)) as (Value | undefined)[],
    set: (key: string, value: string) => setMany([{ key, value }]),
    setMany,
    async delete(key) {
      await setMany([{ key, value: TOMBSTONE }]);
      return true;
    },
    async clear() {
      await flush();
      await store.transaction(async (tx) => {
        await tx.leases.assertOwned(fence);
        await tx.keyValues.clear(namespace);
      });
    },
    // Errors reach the caller as rejections (Keyv's throwOnErrors); there is nothing to emit.
    on() {
      return this;
    },
  };
}
