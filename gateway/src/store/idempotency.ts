/**
 * Idempotency keys: which message a key made, per API key. The unique key decides between parallel requests.
 */
import type { StoreContext } from './index.js';

export interface IdempotencyRecord {
  /** The API key that used it: two callers may use the same text. */
  scope: string;
  key: string;
  bodyHash: string;
  messageId: string;
  now: number;
}

export function createIdempotencyStore({ q }: StoreContext) {
  return {
    async find(scope: string, key: string): Promise<{ bodyHash: string; messageId: string } | null> {
      const row = await q
        .selectFrom('idempotency_keys')
        .select(['body_hash', 'message_id'])
        .where('scope', '=', scope)
        .where('key', '=', key)
        .executeTakeFirst();
      return row ? { bodyHash: row.body_hash, messageId: row.message_id } : null;
    },

    /** False when the key is taken; on Postgres this waits for a transaction that is taking it. */
    async insert({ scope, key, bodyHash, messageId, now }: IdempotencyRecord): Promise<boolean> {
      const row = await q
        .insertInto('idempotency_keys')
        .values({ scope, key, body_hash: bodyHash, message_id: messageId, created_at: now })
        .onConflict((conflict) => conflict.columns(['scope', 'key']).doNothing())
        .returning('key')
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Gives a key back whose message was refused. */
    async remove(scope: string, key: string): Promise<void> {
      await q.deleteFrom('idempotency_keys').where('scope', '=', scope).where('key', '=', key).execute();
    },
  };
}
