/**
 * Deleting campaigns by age, part of retention: first the campaign, which is gone at once, then its recipients page by
 * page; its messages go with the others that are old. One of which something may still be sent stays.
 */
import { sql, type SqlBool } from 'kysely';
import { WAITING } from '../domain/message.js';
import type { Executor } from './database/index.js';
import type { StoreContext } from './index.js';
import type { SweepPage } from './retention.js';
import { affected } from './values.js';

/** Of the campaigns that these messages belong to, those that are still there. */
export async function keptCampaigns(
  q: Executor,
  messages: { campaign_id: string | null }[],
): Promise<Set<string>> {
  const ids = [...new Set(messages.flatMap(({ campaign_id }) => campaign_id ?? []))];
  if (ids.length === 0) return new Set();
  const rows = await q.selectFrom('campaigns').select('id').where('id', 'in', ids).execute();
  return new Set(rows.map(({ id }) => id));
}

const OVER = sql<SqlBool>`campaigns.canceling = 0
  and (campaigns.state = 'canceled' or campaigns.next_row >= campaigns.total)`;

export const createCampaignRetention = ({ q }: Pick<StoreContext, 'q'>) => ({
  /** Campaigns made before the time of which nothing waits. */
  async deleteCampaigns(before: number, limit: number): Promise<number> {
    const rows = await q
      .selectFrom('campaigns')
      .select('id')
      .where('created_at', '<', before)
      .where(OVER)
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('messages')
              .select('messages.id')
              .whereRef('messages.campaign_id', '=', 'campaigns.id')
              .where('messages.status', 'in', WAITING),
          ),
        ),
      )
      .orderBy('id')
      .limit(limit)
      .execute();
    const ids = rows.map(({ id }) => id);
    return ids.length === 0
      ? 0
      : affected(await q.deleteFrom('campaigns').where('id', 'in', ids).where(OVER).execute());
  },

  /** Recipients of one campaign that is gone; `after`: the last campaign that was looked at. */
  async deleteRecipients(after: string, limit: number): Promise<SweepPage<string>> {
    const next = await q
      .selectFrom('campaign_recipients')
      .select('campaign_id as id')
      .where('campaign_id', '>', after)
      .orderBy('campaign_id')
      .limit(1)
      .executeTakeFirst();
    if (!next) return { deleted: 0, next: null };
    const kept = await keptCampaigns(q, [{ campaign_id: next.id }]);
    if (kept.size > 0) return { deleted: 0, next: next.id };
    const numbers = q
      .selectFrom('campaign_recipients')
      .select('n')
      .where('campaign_id', '=', next.id)
      .orderBy('n')
      .limit(limit);
    const deleted = affected(
      await q
        .deleteFrom('campaign_recipients')
        .where('campaign_id', '=', next.id)
        .where('n', 'in', numbers)
        .execute(),
    );
    return { deleted, next: deleted < limit ? next.id : after };
  },
});
