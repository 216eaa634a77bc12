/**
 * What each member of a group received of a message of ours: one row per member, each time written once.
 * Written by outbox/receive; a message to one person has its times in its own timeline.
 */
import { sql } from 'kysely';
import type { StoreContext } from './index.js';

export interface MessageReceipt {
  /** JID as the group names the person. */
  participant: string;
  /** Milliseconds since 1970, as are the others. */
  deliveredAt: number;
  readAt: number | null;
  playedAt: number | null;
}

export interface NewReceipt {
  messageId: string;
  participant: string;
  status: 'delivered' | 'read' | 'played';
  at: number;
}

export function createMessageReceiptsStore({ q }: StoreContext) {
  return {
    /** Notes a receipt; who has read has received, and the first time of each counts. */
    async record({ messageId, participant, status, at }: NewReceipt): Promise<void> {
      await q
        .insertInto('message_receipts')
        .values({
          message_id: messageId,
          participant,
          delivered_at: at,
          read_at: status === 'delivered' ? null : at,
          played_at: status === 'played' ? at : null,
        })
        .onConflict((conflict) =>
          conflict.columns(['message_id', 'participant']).doUpdateSet({
            read_at: sql`coalesce(message_receipts.read_at, excluded.read_at)`,
            played_at: sql`coalesce(message_receipts.played_at, excluded.played_at)`,
          }),
        )
        .execute();
    },

    async list(messageId: string): Promise<MessageReceipt[]> {
      const rows = await q
        .selectFrom('message_receipts')
        .selectAll()
        .where('message_id', '=', messageId)
        .orderBy('delivered_at')
        .orderBy('participant')
        .execute();
      return rows.map((row) => ({
        participant: row.participant,
        deliveredAt: row.delivered_at,
        readAt: row.read_at,
        playedAt: row.played_at,
      }));
    },
  };
}
