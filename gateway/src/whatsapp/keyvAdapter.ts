/**
 * A Keyv storage adapter over the gateway's own database: one `setMany` is one transaction, fenced by the session's
 * lease, with deletions as tombstones among the writes. Used by whatsapp/authState only.
 */
import type { KeyvStoreAdapter } from 'keyv';
import type { Fence } from '../domain/session.js';
import type { Nouns, Store } from '../store/index.js';

/** A value that serialises to this is deleted; Baileys sets keys and deletes others in one commit. */
export const TOMBSTONE = 'null';

export interface AdapterDeps {
  store: Store;
  fence: Fence;
  /** More work for the transaction of a write, so that both are durable or neither. */
  alongside: (tx: Nouns) => Promise<void>;
}

interface SerializedEntry {
  key: string;
  value: string;
}

/** Keys and values arrive serialised; the namespace is the session. */
export function createKeyvAdapter({ store, fence, alongside }: AdapterDeps): KeyvStoreAdapter {
  const namespace = fence.sessionId;

  const write = (work: (tx: Nouns) => Promise<void>): Promise<void> =>
    store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      await work(tx);
      await alongside(tx);
    });

  async function getMany(keys: string[]): Promise<(string | undefined)[]> {
    if (keys.length === 0) return [];
    const found = await store.keyValues.getMany(namespace, keys);
    return keys.map((key) => found.get(key)?.toString('utf8'));
  }

  async function setMany(entries: SerializedEntry[]): Promise<void> {
    const live = entries.filter(({ value }) => value !== TOMBSTONE);
    const dead = entries.filter(({ value }) => value === TOMBSTONE);
    await write(async (tx) => {
      if (live.length > 0) {
        await tx.keyValues.setMany(
          namespace,
          live.map(({ key, value }) => ({ key, value: Buffer.from(value, 'utf8') })),
        );
      }
      if (dead.length > 0)
        await tx.keyValues.deleteMany(
          namespace,
          dead.map(({ key }) => key),
        );
    });
  }

  return {
    opts: {},
    get: async <Value>(key: string) => (await getMany([key]))[0] as Value | undefined,
    getMany: async <Value>(keys: string[]) => (await getMany(keys)) as (Value | undefined)[],
    set: (key: string, value: string) => setMany([{ key, value }]),
    setMany,
    async delete(key) {
      await setMany([{ key, value: TOMBSTONE }]);
      return true;
    },
    clear: () => write((tx) => tx.keyValues.clear(namespace)),
    // Errors reach the caller as rejections (Keyv's throwOnErrors); there is nothing to emit.
    on() {
      return this;
    },
  };
}
