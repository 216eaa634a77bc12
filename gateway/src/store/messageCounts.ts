/**
 * How many messages there are, over all sessions or since a time: for metrics and for what a session shows of its day.
 */
import type { StoreContext } from './index.js';
import { WAITING } from './messageRows.js';

export function createMessageCounts({ q }: Pick<StoreContext, 'q'>) {
  return {
    /** Messages waiting in all lines together. */
    async countAllWaiting(): Promise<number> {
      const row = await q
        .selectFrom('messages')
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('status', 'in', WAITING)
        .executeTakeFirstOrThrow();
      return row.count;
    },

    /** Messages that WhatsApp acknowledged before the time and nobody has received. */
    async countUndelivered(sentBefore: number): Promise<number> {
      const row = await q
        .selectFrom('messages')
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('status', '=', 'sent')
        .where('sent_at', '<', sentBefore)
        .executeTakeFirstOrThrow();
      return row.count;
    },

    /** Messages of the session accepted since the time and not failed. */
    async countSince(sessionId: string, since: number): Promise<number> {
      const row = await q
        .selectFrom('messages')
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('session_id', '=', sessionId)
        .where('created_at', '>=', since)
        .where('status', 'in', ['sent', 'delivered', 'read', 'played'])
        .executeTakeFirstOrThrow();
      return row.count;
    },
  };
}
