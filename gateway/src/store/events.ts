/**
 * The event log: gapless numbers per session, duplicates refused by a unique index.
 * Written only inside a transaction, by webhooks/publisher; read by the dispatcher and GET /v1/events.
 */
import { sql } from 'kysely';
import type { EventType, NewEvent, StoredEvent } from '../domain/event.js';
import { newId } from '../lib/ids.js';
import type { StoreContext } from './index.js';
import { fromJson } from './values.js';

export interface EventQuery {
  /** Empty: every session. */
  sessionIds: string[];
  /** Empty: every type. */
  types: string[];
  afterSeq?: number | undefined;
  limit: number;
}

interface EventRow {
  session_id: string;
  seq: number;
  id: string;
  type: string;
  data: string;
  created_at: number;
}

const toEvent = (row: EventRow): StoredEvent => ({
  id: row.id,
  seq: row.seq,
  type: row.type as EventType,
  sessionId: row.session_id,
  at: row.created_at,
  data: fromJson(row.data),
});

const COLUMNS = ['session_id', 'seq', 'id', 'type', 'data', 'created_at'] as const;

export function createEventsStore({ q }: StoreContext) {
  /** Takes the session's next number. The row stays locked until the transaction ends, so numbers leave no gap. */
  async function takeSeq(sessionId: string): Promise<number> {
    const { last_seq } = await q
      .insertInto('event_counters')
      .values({ session_id: sessionId, last_seq: 1 })
      .onConflict((conflict) =>
        conflict.column('session_id').doUpdateSet({ last_seq: sql`event_counters.last_seq + 1` }),
      )
      .returning('last_seq')
      .executeTakeFirstOrThrow();
    return last_seq;
  }

  const giveBackSeq = (sessionId: string) =>
    q
      .updateTable('event_counters')
      .set({ last_seq: sql`last_seq - 1` })
      .where('session_id', '=', sessionId)
      .execute();

  return {
    /** Appends an event under the session's next number; null when one with its dedupe key is there already. */
    async append(event: NewEvent, now: number): Promise<StoredEvent | null> {
      const seq = await takeSeq(event.sessionId);
      const stored: StoredEvent = {
        id: newId('evt'),
        seq,
        type: event.type,
        sessionId: event.sessionId,
        at: now,
        data: event.data,
      };
      const inserted = await q
        .insertInto('events')
        .values({
          session_id: stored.sessionId,
          seq,
          id: stored.id,
          type: stored.type,
          data: JSON.stringify(stored.data),
          dedupe_key: event.dedupeKey ?? null,
          created_at: now,
        })
        .onConflict((conflict) => conflict.columns(['session_id', 'dedupe_key']).doNothing())
        .returning('id')
        .executeTakeFirst();
      if (inserted) return stored;
      await giveBackSeq(event.sessionId);
      return null;
    },

    async find(sessionId: string, seq: number): Promise<StoredEvent | null> {
      const row = await q
        .selectFrom('events')
        .select(COLUMNS)
        .where('session_id', '=', sessionId)
        .where('seq', '=', seq)
        .executeTakeFirst();
      return row ? toEvent(row) : null;
    },

    /** Events in the order they were stored. */
    async list({ sessionIds, types, afterSeq, limit }: EventQuery): Promise<StoredEvent[]> {
      let query = q.selectFrom('events').select(COLUMNS);
      if (sessionIds.length > 0) query = query.where('session_id', 'in', sessionIds);
      if (types.length > 0) query = query.where('type', 'in', types);
      if (afterSeq !== undefined) query = query.where('seq', '>', afterSeq);
      const rows = await query.orderBy('created_at').orderBy('session_id').orderBy('seq').limit(limit).execute();
      return rows.map(toEvent);
    },
  };
}
