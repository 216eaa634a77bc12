/**
 * Deliveries: one row per webhook and event, and a row per attempt. Their order and claims are in store/deliveryLanes.
 * Added in the transaction of the event, settled in one transaction with the lane.
 */
import type { StoredEvent } from '../domain/event.js';
import { createDeliveryAttempts } from './deliveryAttempts.js';
import {
  addOne,
  eventsAhead,
  headOf,
  newRows,
  toRow,
  type DeliveryRow,
  type EventsAhead,
  type NewDeliveries,
} from './deliveryRows.js';
import { toEvent } from './events.js';
import type { StoreContext } from './index.js';

export type { DeliveryRow };

export interface DeliveryPage {
  webhookId: string;
  state?: DeliveryRow['state'] | undefined;
  limit: number;
  /** Id of the last delivery of the page before. */
  before?: string | undefined;
}

export function createDeliveriesStore(context: StoreContext) {
  const { q } = context;

  return {
    /** Adds a pending delivery per webhook and event; one that exists already is made pending again (replay). */
    async add(deliveries: NewDeliveries): Promise<void> {
      const rows = newRows(deliveries);
      const [first] = rows;
      if (!first) return;
      if (rows.length === 1) {
        await addOne(context, first);
        return;
      }
      await q
        .insertInto('deliveries')
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .columns(['webhook_id', 'session_id', 'seq'])
            .doUpdateSet({ state: 'pending', expires_at: deliveries.expiresAt, finished_at: null }),
        )
        .execute();
    },

    /** Makes one pending again, delivered or dead as it may be. */
    async reopen(id: string, expiresAt: number): Promise<void> {
      await q
        .updateTable('deliveries')
        .set({ state: 'pending', expires_at: expiresAt, finished_at: null })
        .where('id', '=', id)
        .execute();
    },

    ...createFinding({ q }),

    /** The delivery whose turn it is in a lane: the pending one with the smallest number, or the first behind `afterSeq`. */
    async head(webhookId: string, sessionId: string, afterSeq = 0): Promise<DeliveryRow | null> {
      const row = (await headOf(context, { webhookId, sessionId, afterSeq })).rows[0];
      return row ? toRow(row) : null;
    },

    /** Events of the pending deliveries of a lane, from the one with this number on. */
    async eventsFrom({ webhookId, sessionId, fromSeq, limit }: EventsAhead): Promise<StoredEvent[]> {
      const { rows } = await eventsAhead(context, { webhookId, sessionId, fromSeq, limit });
      return rows.map(toEvent);
    },

    /** Newest first. */
    async list({ webhookId, state, limit, before }: DeliveryPage): Promise<DeliveryRow[]> {
      let query = q.selectFrom('deliveries').selectAll().where('webhook_id', '=', webhookId);
      if (state !== undefined) query = query.where('state', '=', state);
      if (before !== undefined) query = query.where('id', '<', before);
      return (await query.orderBy('id', 'desc').limit(limit).execute()).map(toRow);
    },

    ...createDeliveryAttempts(context),
  };
}

const createFinding = ({ q }: Pick<StoreContext, 'q'>) => ({
  async find(id: string): Promise<DeliveryRow | null> {
    const row = await q.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toRow(row) : null;
  },

  async findByEvent(
    webhookId: string,
    event: Pick<StoredEvent, 'sessionId' | 'seq'>,
  ): Promise<DeliveryRow | null> {
    const row = await q
      .selectFrom('deliveries')
      .selectAll()
      .where('webhook_id', '=', webhookId)
      .where('session_id', '=', event.sessionId)
      .where('seq', '=', event.seq)
      .executeTakeFirst();
    return row ? toRow(row) : null;
  },
});
