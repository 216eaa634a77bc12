/**
 * Rows of deliveries, and the statements that every delivery needs. Used by the deliveries' noun only.
 */
import { sql, type Selectable } from 'kysely';
import type { EventType, StoredEvent } from '../domain/event.js';
import { newId } from '../lib/ids.js';
import type { DeliveriesTable } from './database/deliveryTables.js';
import { oneRowStatement, statement } from './database/statement.js';
import { EVENT_COLUMNS } from './events.js';

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

/** Who gets which events, from when, and how long they are tried. */
export interface NewDeliveries {
  webhookIds: string[];
  events: StoredEvent[];
  now: number;
  expiresAt: number;
}

export const toRow = (row: Selectable<DeliveriesTable>): DeliveryRow => ({
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

export const newRows = ({ webhookIds, events, now, expiresAt }: NewDeliveries) =>
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

export interface HeadOf {
  webhookId: string;
  sessionId: string;
  afterSeq: number;
}

export const headOf = oneRowStatement((q, { webhookId, sessionId, afterSeq }: HeadOf) =>
  q
    .selectFrom('deliveries')
    .selectAll()
    .where('webhook_id', '=', webhookId)
    .where('session_id', '=', sessionId)
    .where('state', '=', sql.lit('pending'))
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .limit(sql.lit(1)),
);

type NewRow = ReturnType<typeof newRows>[number];

/** The usual case, and the only one that every message needs: one event for one webhook. */
export const addOne = statement((q, row: NewRow) =>
  q
    .insertInto('deliveries')
    .values({
      id: row.id,
      webhook_id: row.webhook_id,
      session_id: row.session_id,
      seq: row.seq,
      event_id: row.event_id,
      event_type: row.event_type,
      state: row.state,
      attempts: row.attempts,
      created_at: row.created_at,
      expires_at: row.expires_at,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['webhook_id', 'session_id', 'seq'])
        .doUpdateSet({ state: 'pending', expires_at: row.expires_at, finished_at: null }),
    ),
);

/** From which number of a lane on, and how many. */
export interface EventsAhead {
  webhookId: string;
  sessionId: string;
  fromSeq: number;
  limit: number;
}

export const eventsAhead = statement((q, { webhookId, sessionId, fromSeq, limit }: EventsAhead) =>
  q
    .selectFrom('deliveries as delivery')
    .innerJoin('events as event', (join) =>
      join.onRef('event.session_id', '=', 'delivery.session_id').onRef('event.seq', '=', 'delivery.seq'),
    )
    .select(EVENT_COLUMNS.map((column) => `event.${column}` as const))
    .where('delivery.webhook_id', '=', webhookId)
    .where('delivery.session_id', '=', sessionId)
    .where('delivery.state', '=', sql.lit('pending'))
    .where('delivery.seq', '>=', fromSeq)
    .orderBy('delivery.seq')
    .limit(limit),
);
