/**
 * Deleting by age: what is old and finished, one small page at a time, so that nothing else waits for it.
 * Used by retention.ts alone. What is still to be sent, delivered or fetched is never deleted, however old it is.
 */
import { sql } from 'kysely';
import { WAITING } from '../domain/message.js';
import { createCampaignRetention, keptCampaigns } from './campaignRetention.js';
import type { StoreContext } from './index.js';
import { affected } from './values.js';

/** How far a sweep over a table has come; null: it has seen all that is old enough. */
export interface SweepPage<Place> {
  deleted: number;
  next: Place | null;
}

export interface LogPlace {
  at: number;
  id: string;
}

export interface OldMedia {
  id: string;
  path: string;
}

const ends = (rows: unknown[], limit: number): boolean => rows.length < limit;

export function createRetentionStore(context: StoreContext) {
  return {
    ...log(context),
    ...messages(context),
    ...media(context),
    ...rest(context),
    ...createCampaignRetention(context),
  };
}

const log = ({ q }: Pick<StoreContext, 'q'>) => ({
  /** Events stored before the time that no webhook is still to get. Numbers go on as if they were there. */
  async deleteEvents(before: number, after: LogPlace | null, limit: number): Promise<SweepPage<LogPlace>> {
    let query = q
      .selectFrom('events')
      .select(['id', 'session_id', 'seq', 'created_at'])
      .where('created_at', '<', before);
    if (after) query = query.where(sql<boolean>`(created_at, id) > (${after.at}, ${after.id})`);
    const rows = await query.orderBy('created_at').orderBy('id').limit(limit).execute();
    const last = rows.at(-1);
    if (!last) return { deleted: 0, next: null };
    const results = await q
      .deleteFrom('events')
      .where(
        'id',
        'in',
        rows.map(({ id }) => id),
      )
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('webhooks as webhook')
              .innerJoin('deliveries as delivery', 'delivery.webhook_id', 'webhook.id')
              .select('delivery.id')
              .whereRef('delivery.session_id', '=', 'events.session_id')
              .whereRef('delivery.seq', '=', 'events.seq')
              .where('delivery.state', '=', sql.lit('pending')),
          ),
        ),
      )
      .execute();
    return {
      deleted: affected(results),
      next: ends(rows, limit) ? null : { at: last.created_at, id: last.id },
    };
  },

  /** Deliveries that were delivered or given up before the time, with their attempts. */
  async deleteDeliveries(before: number, limit: number): Promise<number> {
    const rows = await q
      .selectFrom('deliveries')
      .select('id')
      .where('finished_at', '<', before)
      .orderBy('finished_at')
      .limit(limit)
      .execute();
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => id);
    return affected(
      // Redelivered meanwhile: it is wanted again.
      await q.deleteFrom('deliveries').where('id', 'in', ids).where('finished_at', '<', before).execute(),
    );
  },
});

const messages = ({ q }: Pick<StoreContext, 'q'>) => ({
  /**
   * Messages accepted before the time that are sent, failed, canceled or expired; those of a campaign go after it, so that
   * its counts stay true. `after` is a position.
   */
  async deleteMessages(before: number, after: number, limit: number): Promise<SweepPage<number>> {
    // By position, in which they were accepted: a look by time would read the whole table for its last page.
    const rows = await q
      .selectFrom('messages')
      .select(['position', 'id', 'status', 'created_at', 'campaign_id'])
      .where('position', '>', after)
      .orderBy('position')
      .limit(limit)
      .execute();
    const waiting: readonly string[] = WAITING;
    const old = rows.filter((row) => row.created_at < before && !waiting.includes(row.status));
    const kept = await keptCampaigns(q, old);
    const ids = old.filter(({ campaign_id }) => !kept.has(campaign_id ?? '')).map(({ id }) => id);
    if (ids.length > 0) {
      await q.deleteFrom('message_receipts').where('message_id', 'in', ids).execute();
      await q.deleteFrom('messages').where('id', 'in', ids).execute();
    }
    const last = rows.at(-1);
    const isOver = !last || ends(rows, limit) || last.created_at >= before;
    return { deleted: ids.length, next: isOver ? null : last.position };
  },
});

const media = ({ q }: Pick<StoreContext, 'q'>) => ({
  /** Files stored before the time that no waiting message carries. `after` is the place of the page before. */
  async oldMedia(
    before: number,
    after: LogPlace | null,
    limit: number,
  ): Promise<{ files: OldMedia[]; next: LogPlace | null }> {
    let query = q.selectFrom('media').select(['id', 'path', 'created_at']).where('created_at', '<', before);
    if (after) query = query.where(sql<boolean>`(created_at, id) > (${after.at}, ${after.id})`);
    const rows = await query.orderBy('created_at').orderBy('id').limit(limit).execute();
    const last = rows.at(-1);
    if (!last) return { files: [], next: null };
    const waiting = await q
      .selectFrom('messages')
      .select('content')
      .distinct()
      .where('status', 'in', WAITING)
      .where('content', 'like', '%"mediaId":"med%')
      .execute();
    // Messages of a campaign are still to be made, as long as it is paused for example.
    const templates = await q
      .selectFrom('campaigns')
      .select('template as content')
      .where('state', '<>', 'canceled')
      .whereRef('next_row', '<', 'total')
      .execute();
    const carried = [...waiting, ...templates].map(({ content }) => content).join('\n');
    const files = rows.filter(({ id }) => !carried.includes(id)).map(({ id, path }) => ({ id, path }));
    return { files, next: ends(rows, limit) ? null : { at: last.created_at, id: last.id } };
  },

  async deleteMedia(ids: string[]): Promise<void> {
    if (ids.length > 0) await q.deleteFrom('media').where('id', 'in', ids).execute();
  },

  /** Downloads of files that ended before the time. */
  async deleteDownloads(before: number, limit: number): Promise<number> {
    const rows = await q
      .selectFrom('media_downloads')
      .select('id')
      .where('created_at', '<', before)
      .where('finished_at', '<', before)
      .orderBy('created_at')
      .limit(limit)
      .execute();
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0) await q.deleteFrom('media_downloads').where('id', 'in', ids).execute();
    return ids.length;
  },
});

const rest = ({ q }: Pick<StoreContext, 'q'>) => ({
  /** Received plaintexts that became events before the time, and whose file is not on its way any more. */
  async deleteInbox(before: number, limit: number): Promise<number> {
    const rows = await q
      .selectFrom('inbox')
      .select('position')
      .where('processed_at', '<', before)
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('media_downloads')
              .select('media_downloads.id')
              .whereRef('media_downloads.inbox_position', '=', 'inbox.position')
              .where('media_downloads.state', '=', sql.lit('pending')),
          ),
        ),
      )
      .orderBy('processed_at')
      .limit(limit)
      .execute();
    const positions = rows.map(({ position }) => position);
    if (positions.length > 0) await q.deleteFrom('inbox').where('position', 'in', positions).execute();
    return positions.length;
  },

  /** Idempotency keys used before the time. */
  async deleteIdempotencyKeys(before: number, limit: number): Promise<number> {
    const rows = await q
      .selectFrom('idempotency_keys')
      .select(['scope', 'key'])
      .where('created_at', '<', before)
      .orderBy('created_at')
      .limit(limit)
      .execute();
    for (const { scope, key } of rows) {
      await q.deleteFrom('idempotency_keys').where('scope', '=', scope).where('key', '=', key).execute();
    }
    return rows.length;
  },
});
