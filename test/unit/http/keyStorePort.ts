/**
 * The rows of API keys in memory, for tests of the HTTP side.
 */
import type { KeyStore, StoredKey } from '../../../gateway/src/http/keys.js';

export function fakeKeyStore(): KeyStore & { rows: Map<string, StoredKey>; touches: number[] } {
  const rows = new Map<string, StoredKey>();
  const touches: number[] = [];
  const change = (id: string, part: Partial<StoredKey>): Promise<void> => {
    const row = rows.get(id);
    if (row) rows.set(id, { ...row, ...part });
    return Promise.resolve();
  };
  return {
    rows,
    touches,
    insert: (key) => {
      rows.set(key.id, { ...key, revokedAt: null, lastUsedAt: null });
      return Promise.resolve();
    },
    find: (id) => Promise.resolve(rows.get(id) ?? null),
    findByHash: (hash) => Promise.resolve([...rows.values()].find((row) => row.hash === hash) ?? null),
    list: ({ limit, cursor }) =>
      Promise.resolve(
        [...rows.values()]
          .filter(({ revokedAt, id }) => revokedAt === null && (cursor === undefined || id > cursor))
          .slice(0, limit),
      ),
    hasAdmin: () =>
      Promise.resolve(
        [...rows.values()].some(({ role, revokedAt }) => role === 'admin' && revokedAt === null),
      ),
    revoke: (id, now) => change(id, { revokedAt: now }),
    setExpiry: (id, at) => change(id, { expiresAt: at }),
    touch: (id, now) => {
      touches.push(now);
      return change(id, { lastUsedAt: now });
    },
  };
}
