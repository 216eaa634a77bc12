/**
 * All messages of a campaign at once: counted, taken out of their lines while it is paused and put back, listed to be
 * cancelled. Part of the noun in campaigns.
 */
import { sql } from 'kysely';
import { CAMPAIGN_PAUSED, NEVER, type CampaignCounts } from '../domain/campaign.js';
import type { Message } from '../domain/message.js';
import type { StoreContext } from './index.js';
import { FOLLOWS, MESSAGE_COLUMNS, toMessage } from './messageRows.js';

function createCounts({ q, engine }: StoreContext) {
  const code = sql<
    string | null
  >`${sql.raw(engine === 'postgres' ? "messages.error::json->>'code'" : "json_extract(messages.error, '$.code')")}`;

  return {
    /** Messages by status, and by code those that failed or were never made. */
    async counts(id: string): Promise<CampaignCounts> {
      const messages = await q
        .selectFrom('messages')
        .select(['status', code.as('code')])
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('campaign_id', '=', id)
        .groupBy(['status', code])
        .execute();
      const refusals = await q
        .selectFrom('campaign_recipients')
        .select('error_code')
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('campaign_id', '=', id)
        .where('error_code', 'is not', null)
        .groupBy('error_code')
        .execute();
      const counts: CampaignCounts = { byStatus: {}, byFailure: {} };
      const add = (where: Record<string, number>, name: string, count: number): void => {
        where[name] = (where[name] ?? 0) + count;
      };
      for (const row of messages) {
        add(counts.byStatus, row.status, row.count);
        if (row.status === 'failed' && row.code !== null) add(counts.byFailure, row.code, row.count);
      }
      for (const { error_code, count } of refusals) {
        add(counts.byStatus, 'rejected', count);
        add(counts.byFailure, error_code ?? '', count);
      }
      return counts;
    },
  };
}

function createPausing({ q }: StoreContext) {
  async function sessionsOf(id: string): Promise<string[]> {
    const rows = await q
      .selectFrom('messages')
      .select('session_id')
      .distinct()
      .where('campaign_id', '=', id)
      .execute();
    return rows.map(({ session_id }) => session_id);
  }

  return {
    /** Takes what waits out of its line: nobody waits behind it, and nothing of it goes. */
    async pauseMessages(id: string): Promise<void> {
      await q
        .updateTable('messages')
        .set({
          status: 'scheduled',
          due_at: NEVER,
          held_until: null,
          retry_at: null,
          hold: JSON.stringify(CAMPAIGN_PAUSED),
        })
        .where('campaign_id', '=', id)
        .where((where) =>
          where.or([
            where('status', '=', 'queued'),
            where.and([where('status', '=', 'scheduled'), where('due_at', '<', NEVER)]),
          ]),
        )
        .execute();
      // Others may have waited behind one of them.
      for (const sessionId of await sessionsOf(id)) {
        await q
          .updateTable('messages')
          .set({ held_until: null })
          .where('session_id', '=', sessionId)
          .where(sql<boolean>`held_until is not null`)
          .where('held_until', '=', FOLLOWS)
          .execute();
      }
    },

    /** Puts what a pause held back: in line, or to its time when that is still to come. */
    async resumeMessages(id: string, sendAt: number | null, now: number): Promise<void> {
      const status = sendAt !== null && sendAt > now ? 'scheduled' : 'queued';
      await q
        .updateTable('messages')
        .set({ status, due_at: sendAt, hold: null })
        .where('campaign_id', '=', id)
        .where('status', '=', 'scheduled')
        .where('due_at', '=', NEVER)
        .execute();
    },
  };
}

function createLists({ q }: StoreContext) {
  return {
    /** Ids of messages that can still be cancelled. */
    async cancelable(id: string, limit: number): Promise<string[]> {
      const rows = await q
        .selectFrom('messages')
        .select('id')
        .where('campaign_id', '=', id)
        .where('status', 'in', ['queued', 'scheduled'])
        .limit(limit)
        .execute();
      return rows.map((row) => row.id);
    },

    /** In each session the last message that waits: when it goes, the campaign is through. */
    async lastWaiting(id: string): Promise<Message[]> {
      const last = q
        .selectFrom('messages')
        .select((select) => select.fn.max('position').as('position'))
        .where('campaign_id', '=', id)
        .where('status', 'in', ['queued', 'scheduled', 'sending'])
        .groupBy('session_id');
      const rows = await q
        .selectFrom('messages')
        .select(MESSAGE_COLUMNS)
        .where('position', 'in', last)
        .execute();
      return rows.map(toMessage);
    },

    /** The messages with these ids, in no order. */
    async messagesOf(ids: string[]): Promise<Message[]> {
      if (ids.length === 0) return [];
      const rows = await q.selectFrom('messages').select(MESSAGE_COLUMNS).where('id', 'in', ids).execute();
      return rows.map(toMessage);
    },
  };
}

export const createCampaignMessages = (context: StoreContext) => ({
  ...createCounts(context),
  ...createPausing(context),
  ...createLists(context),
});
