/**
 * Encrypted key-value pairs by namespace, written many at once: under Keyv they hold Baileys' auth state.
 * The Keyv adapter over this is in whatsapp/authState, because what is written together there is decided there.
 */
import type { StoreContext } from './index.js';
import { affected, toBuffer } from './values.js';

/** Rows per statement: Postgres takes 65,535 parameters, SQLite 32,766; three per row. */
const ROWS_PER_STATEMENT = 1_000;

export interface Entry {
  key: string;
  value: Buffer;
}

export function createKeyValuesStore({ q, cipher }: StoreContext) {
  return {
    /** The values found, by key. @throws Error when a value was sealed with another encryption key */
    async getMany(namespace: string, keys: readonly string[]): Promise<Map<string, Buffer>> {
      // Postgres refuses an empty list, which SQLite takes.
      if (keys.length === 0) return new Map();
      const rows = await q
        .selectFrom('key_values')
        .select(['key', 'value'])
        .where('namespace', '=', namespace)
        .where('key', 'in', keys)
        .execute();
      return new Map(rows.map((row) => [row.key, cipher.open(toBuffer(row.value))]));
    },

    /** Inserts or replaces. Call it in a transaction: it is several statements when there are many entries. */
    async setMany(namespace: string, entries: readonly Entry[]): Promise<void> {
      for (let start = 0; start < entries.length; start += ROWS_PER_STATEMENT) {
        const rows = entries
          .slice(start, start + ROWS_PER_STATEMENT)
          .map(({ key, value }) => ({ namespace, key, value: cipher.seal(value) }));
        await q
          .insertInto('key_values')
          .values(rows)
          .onConflict((conflict) =>
            conflict
              .columns(['namespace', 'key'])
              .doUpdateSet((set) => ({ value: set.ref('excluded.value') })),
          )
          .execute();
      }
    },

    async deleteMany(namespace: string, keys: readonly string[]): Promise<number> {
      if (keys.length === 0) return 0;
      const results = await q
        .deleteFrom('key_values')
        .where('namespace', '=', namespace)
        .where('key', 'in', keys)
        .execute();
      return affected(results);
    },

    async clear(namespace: string): Promise<void> {
      await q.deleteFrom('key_values').where('namespace', '=', namespace).execute();
    },
  };
}
