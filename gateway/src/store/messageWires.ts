/**
 * What WhatsApp was sent for a message whose file was uploaded: a resend must carry the same. Large, and so not read
 * with the message.
 */
import type { StoreContext } from './index.js';
import { toBuffer } from './values.js';

export function createMessageWires({ q }: Pick<StoreContext, 'q'>) {
  return {
    /** The encoded protobuf of a message whose file was uploaded before. */
    async wire(id: string): Promise<Buffer | null> {
      const row = await q.selectFrom('messages').select('wire').where('id', '=', id).executeTakeFirst();
      return row?.wire ? toBuffer(row.wire) : null;
    },

    async setWire(id: string, wire: Buffer): Promise<void> {
      await q.updateTable('messages').set({ wire }).where('id', '=', id).execute();
    },
  };
}
