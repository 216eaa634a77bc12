/**
 * Single values about this gateway as a whole, such as the proof that the encryption key is the right one.
 */
import type { Executor } from './database/index.js';
import type { StoreContext } from './index.js';
import { toBuffer } from './values.js';

/** Reads a value before there is a cipher, and so before there is a store. */
export async function readGatewayState(q: Executor, name: string): Promise<Buffer | null> {
  const row = await q.selectFrom('gateway_state').select('value').where('name', '=', name).executeTakeFirst();
  return row ? toBuffer(row.value) : null;
}

export function createGatewayStateStore({ q }: StoreContext) {
  return {
    get: (name: string) => readGatewayState(q, name),

    /** Stores the value unless there is one already. */
    async setOnce(name: string, value: Buffer): Promise<void> {
      await q
        .insertInto('gateway_state')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
    },
  };
}
