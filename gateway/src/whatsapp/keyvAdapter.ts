/**
 * A Keyv storage adapter over the gateway's own database: what one `setMany` holds is written in one transaction, with
 * deletions as tombstones among the writes. The face that Keyv wants; when and how is written is writeBehind's business.
 */
import type { KeyvStoreAdapter } from 'keyv';
import { createWriteBehind, TOMBSTONE, type WriteBehindDeps } from './writeBehind.js';

export interface KeysAdapter extends KeyvStoreAdapter {
  /** Writes what is still in memory only. @throws LeaseLostError */
  flush: () => Promise<void>;
}

/** Keys and values arrive serialised; the namespace is the session. */
export function createKeyvAdapter(deps: WriteBehindDeps): KeysAdapter {
  const { store, fence } = deps;
  const values = createWriteBehind(deps);
  return {
    opts: {},
    flush: () => values.flush(),
    get: async <Value>(key: string) => (await values.get([key]))[0] as Value | undefined,
    getMany: async <Value>(keys: string[]) => (await values.get(keys)) as (Value | undefined)[],
    set: (key: string, value: string) => values.set([{ key, value }]),
    setMany: (entries: { key: string; value: string }[]) => values.set(entries),
    async delete(key) {
      await values.set([{ key, value: TOMBSTONE }]);
      return true;
    },
    async clear() {
      await values.flush();
      await store.transaction(async (tx) => {
        await tx.leases.assertOwned(fence);
        await tx.keyValues.clear(fence.sessionId);
      });
    },
    // Errors reach the caller as rejections (Keyv's throwOnErrors); there is nothing to emit.
    on() {
      return this;
    },
  };
}
