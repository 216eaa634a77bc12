/**
 * Encrypted key-value pairs by namespace, written many at once: under Keyv they hold Baileys' auth state.
 * The Keyv adapter over this is in whatsapp/authState, because what is written together there is decided there.
 */
import { statement, type Statement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { affected, toBuffer } from './values.js';

/** Rows per statement: Postgres takes 65,535 parameters, SQLite 32,766; three per row. */
const ROWS_PER_STATEMENT = 1_000;
/** Statements for up to so many rows stay compiled. */
const COMPILED_ROWS = 8;

export interface Entry {
  key: string;
  value: Buffer;
}

type Parameters = Record<string, unknown>;

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index)}`);

/** The statement for so many rows; a busy session touches one to three at a time. */
function perCount<R>(
  make: (count: number) => Statement<Parameters, R>,
): (count: number) => Statement<Parameters, R> {
  const known = new Map<number, Statement<Parameters, R>>();
  return (count) => {
    const statement = known.get(count) ?? make(count);
    if (count <= COMPILED_ROWS) known.set(count, statement);
    return statement;
  };
}

const selectOf = perCount((count) =>
  statement((q, values: Parameters) =>
    q
      .selectFrom('key_values')
      .select(['key', 'value'])
      .where('namespace', '=', values.namespace as string)
      .where(
        'key',
        'in',
        names('key', count).map((name) => values[name] as string),
      ),
  ),
);

const upsertOf = perCount((count) =>
  statement((q, values: Parameters) =>
    q
      .insertInto('key_values')
      .values(
        names('', count).map((index) => ({
          namespace: values.namespace as string,
          key: values[`key${index}`] as string,
          value: values[`value${index}`] as Buffer,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['namespace', 'key']).doUpdateSet((set) => ({ value: set.ref('excluded.value') })),
      ),
  ),
);

/** Values under numbered names, as the statements above want them. */
const numbered = (prefix: string, values: readonly unknown[]): Parameters =>
  Object.fromEntries(values.map((value, index) => [`${prefix}${String(index)}`, value]));

export function createKeyValuesStore(context: StoreContext) {
  const { q, cipher } = context;
  return {
    /** The values found, by key. @throws Error when a value was sealed with another encryption key */
    async getMany(namespace: string, keys: readonly string[]): Promise<Map<string, Buffer>> {
      // Postgres refuses an empty list, which SQLite takes.
      if (keys.length === 0) return new Map();
      const { rows } = await selectOf(keys.length)(context, { namespace, ...numbered('key', keys) });
      return new Map(rows.map((row) => [row.key, cipher.open(toBuffer(row.value))]));
    },

    /** Inserts or replaces. Call it in a transaction: it is several statements when there are many entries. */
    async setMany(namespace: string, entries: readonly Entry[]): Promise<void> {
      for (let start = 0; start < entries.length; start += ROWS_PER_STATEMENT) {
        const rows = entries.slice(start, start + ROWS_PER_STATEMENT);
        await upsertOf(rows.length)(context, {
          namespace,
          ...numbered(
            'key',
            rows.map(({ key }) => key),
          ),
          ...numbered(
            'value',
            rows.map(({ value }) => cipher.seal(value)),
          ),
        });
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
