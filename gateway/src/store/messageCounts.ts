/**
 * How many messages there are, over all sessions or since a time: for metrics and for what a session shows of its day.
 */
import { WAITING, type Message, type Standing } from '../domain/message.js';
import type { StoreContext } from './index.js';
import { inLane, type Lane } from './messageLine.js';
import { IN_LINE, NOT_HELD, SCHEDULED, toStanding } from './messageRows.js';

function createLineCounts({ q }: Pick<StoreContext, 'q'>) {
  const inLine = (sessionId: string) =>
    q.selectFrom('messages').where('session_id', '=', sessionId).where(IN_LINE);
  const ofLane = (lane: Lane) => inLane(q, lane);

  return {
    /** Messages that are queued and not on their way, at most `limit`: counted no further, since a queue may be long. */
    async countQueued(
      lane: Lane,
      { limit, standing, chatJid }: { limit: number; standing?: Standing; chatJid?: string },
    ): Promise<number> {
      let query = ofLane(lane).where('status', '=', 'queued').select('id').limit(limit);
      if (standing !== undefined) query = query.where('standing', '=', toStanding(standing));
      if (chatJid !== undefined) query = query.where('chat_jid', '=', chatJid);
      const row = await q
        .selectFrom(query.as('counted'))
        .select((select) => select.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return row.count;
    },

    /** Messages waiting in the session, scheduled ones included. */
    async countWaiting(sessionId: string): Promise<number> {
      const scheduled = q.selectFrom('messages').where('session_id', '=', sessionId).where(SCHEDULED);
      const count = async (query: typeof scheduled): Promise<number> =>
        (await query.select((select) => select.fn.countAll<number>().as('count')).executeTakeFirstOrThrow())
          .count;
      return (await count(inLine(sessionId))) + (await count(scheduled));
    },

    /** Messages in line that go before this one, at most `limit`; those that are held for themselves do not count. */
    async countAhead(message: Message, limit: number): Promise<number> {
      const { sessionId, test, priority, position } = message;
      const ahead = ofLane({ sessionId, test })
        .where(NOT_HELD)
        .where((where) =>
          where.or([
            where('priority', '>', priority),
            where.and([where('priority', '=', priority), where('position', '<', position)]),
          ]),
        )
        .select('id')
        .limit(limit);
      const row = await q
        .selectFrom(ahead.as('ahead'))
        .select((select) => select.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return row.count;
    },
  };
}

function createTotals({ q }: Pick<StoreContext, 'q'>) {
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

export const createMessageCounts = (context: Pick<StoreContext, 'q'>) => ({
  ...createLineCounts(context),
  ...createTotals(context),
});
