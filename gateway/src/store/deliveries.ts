/**
 * Deliveries: one row per webhook and event, and a row per attempt. Their order and claims are in store/deliveryLanes.
 * Added in the transaction of the event, settled in one transaction with the lane.
 */
import { sql } from 'kysely';
import type { EventType, StoredEvent } from '../domain/event.js';
import { newId } from '../lib/ids.js';
import type { StoreContext } from './index.js';
import { affected } from './values.js';

export interface DeliveryRow {
  id: string;
  webhookId: string;
  sessionId: string;
  seq: number;
  eventId: string;
  eventType: EventType;
  state: 'pending' | 'delivered' | 'dead';
  attempts: number;
  createdAt: number;
  expiresAt: number;
  finishedAt: number | null;
}

export interface AttemptRow {
  attempt: number;
  at: number;
  status: number | null;
  durationMs: number;
  response: string | null;
  error: string | null;
}

/** Who gets which events, from when, and how long they are tried. */
export interface NewDeliveries {
  webhookIds: string[];
  events: StoredEvent[];
  now: number;
  expiresAt: number;
}

export interface DeliveryPage {
  webhookId: string;
  state?: DeliveryRow['state'] | undefined;
  limit: number;
  /** Id of the last delivery of the page before. */
  before?: string | undefined;
}

const toRow = (row: {
  id: string;
  webhook_id: string;
  session_id: string;
  seq: number;
  event_id: string;
  event_type: string;
  state: string;
  attempts: number;
  created_at: number;
  expires_at: number;
  finished_at: number | null;
}): DeliveryRow => ({
  id: row.id,
  webhookId: row.webhook_id,
  sessionId: row.session_id,
  seq: row.seq,
  eventId: row.event_id,
  eventType: row.event_type as EventType,
  state: row.state as DeliveryRow['state'],
  attempts: row.attempts,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  finishedAt: row.finished_at,
});

const newRows = ({ webhookIds, events, now, expiresAt }: NewDeliveries) =>
  webhookIds.flatMap((webhookId) =>
    events.map((event) => ({
      id: newId('dlv'),
      webhook_id: webhookId,
      session_id: event.sessionId,
      seq: event.seq,
      event_id: event.id,
      event_type: event.type,
      state: 'pending',
      attempts: 0,
      created_at: now,
      expires_at: expiresAt,
    })),
  );

export function createDeliveriesStore({ q }: StoreContext) {
  return {
    /** Adds a pending delivery per webhook and event; one that exists already is made pending again (replay). */
    async add(deliveries: NewDeliveries): Promise<void> {
      if (deliveries.webhookIds.length === 0 || deliveries.events.length === 0) return;
      await q
        .insertInto('deliveries')
        .values(newRows(deliveries))
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

    /** The delivery whose turn it is in a lane: the pending one with the smallest number, or the first behind `afterSeq`. */
    async head(webhookId: string, sessionId: string, afterSeq?: number): Promise<DeliveryRow | null> {
      let query = q
        .selectFrom('deliveries')
        .selectAll()
        .where('webhook_id', '=', webhookId)
        .where('session_id', '=', sessionId)
        .where('state', '=', sql.lit('pending'));
      if (afterSeq !== undefined) query = query.where('seq', '>', afterSeq);
      const row = await query.orderBy('seq').limit(1).executeTakeFirst();
      return row ? toRow(row) : null;
    },

    /** Newest first. */
    async list({ webhookId, state, limit, before }: DeliveryPage): Promise<DeliveryRow[]> {
      let query = q.selectFrom('deliveries').selectAll().where('webhook_id', '=', webhookId);
      if (state !== undefined) query = query.where('state', '=', state);
      if (before !== undefined) query = query.where('id', '<', before);
      return (await query.orderBy('id', 'desc').limit(limit).execute()).map(toRow);
    },

    ...attempts({ q }),
  };
}

const attempts = ({ q }: Pick<StoreContext, 'q'>) => ({
  /**
   * Writes an attempt down and counts it. One that failed leaves the state as it is, since the delivery may have been
   * skipped meanwhile. @returns whether it is still pending
   */
  async recordAttempt(id: string, attempt: AttemptRow, outcome: 'delivered' | 'failed'): Promise<boolean> {
    const { durationMs, ...columns } = attempt;
    await q
      .insertInto('delivery_attempts')
      .values({ delivery_id: id, duration_ms: durationMs, ...columns })
      .execute();
    const row = await q
      .updateTable('deliveries')
      .set({
        attempts: attempt.attempt,
        ...(outcome === 'delivered' && { state: 'delivered', finished_at: attempt.at + durationMs }),
      })
      .where('id', '=', id)
      .returning('state')
      .executeTakeFirst();
    return row?.state === 'pending';
  },

  /** Gives up one that is pending: the lane goes on with the next. @returns whether it was */
  async skip(id: string, now: number): Promise<boolean> {
    const results = await q
      .updateTable('deliveries')
      .set({ state: 'dead', finished_at: now })
      .where('id', '=', id)
      .where('state', '=', sql.lit('pending'))
      .execute();
    return affected(results) === 1;
  },

  /** Gives up what a failing lane has held for longer than its lifetime. @returns how many */
  async expire(webhookId: string, sessionId: string, now: number): Promise<number> {
    const results = await q
      .updateTable('deliveries')
      .set({ state: 'dead', finished_at: now })
      .where('webhook_id', '=', webhookId)
      .where('session_id', '=', sessionId)
      .where('state', '=', sql.lit('pending'))
      .where('expires_at', '<=', now)
      .execute();
    return affected(results);
  },

  /** Gives up one whose event is no longer in the log. */
  async bury(id: string, now: number): Promise<void> {
    await q.updateTable('deliveries').set({ state: 'dead', finished_at: now }).where('id', '=', id).execute();
  },

  /** The newest attempts of a delivery, oldest first. */
  async attempts(id: string, limit: number): Promise<AttemptRow[]> {
    const rows = await q
      .selectFrom('delivery_attempts')
      .selectAll()
      .where('delivery_id', '=', id)
      .orderBy('attempt', 'desc')
      .limit(limit)
      .execute();
    return rows.reverse().map(({ attempt, at, status, duration_ms, response, error }) => ({
      attempt,
      at,
      status,
      durationMs: duration_ms,
      response,
      error,
    }));
  },
});
