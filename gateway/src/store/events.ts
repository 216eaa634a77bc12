/**
 * The event log: gapless numbers per session, duplicates refused by a unique index.
 * Written only inside a transaction, by webhooks/publisher; read by the dispatcher and GET /v1/events.
 */
import { sql } from 'kysely';
import type { EventType, NewEvent, StoredEvent } from '../domain/event.js';
import { newId } from '../lib/ids.js';
import { oneRowStatement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { fromJson } from './values.js';

/** Events of one session, by number. */
export interface SessionEventQuery {
  sessionId: string;
  /** Empty: every type. */
  types: string[];
  afterSeq: number;
  limit: number;
}

/** Events across sessions, by time. */
export interface EventQuery {
  /** Empty: every session. */
  sessionIds: string[];
  types: string[];
  /** Only what was stored later than this place in the log. */
  after: { at: number; id: string } | null;
  /** Only what has a larger number in its session. */
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

/** Also for what reads events through another noun. */
export const toEvent = (row: EventRow): StoredEvent => ({
  id: row.id,
  seq: row.seq,
  type: row.type as EventType,
  sessionId: row.session_id,
  at: row.created_at,
  data: fromJson(row.data) as StoredEvent['data'],
});

export const EVENT_COLUMNS = ['session_id', 'seq', 'id', 'type', 'data', 'created_at'] as const;

/** Takes the session's next number. The row stays locked until the transaction ends, so numbers leave no gap. */
const takeSeq = oneRowStatement((q, { sessionId }: { sessionId: string }) =>
  q
    .insertInto('event_counters')
    .values({ session_id: sessionId, last_seq: 1 })
    .onConflict((conflict) =>
      conflict.column('session_id').doUpdateSet({ last_seq: sql`event_counters.last_seq + 1` }),
    )
    .returning('last_seq'),
);

interface NewRow extends EventRow {
  dedupe_key: string | null;
}

const insertEvent = oneRowStatement((q, row: NewRow) =>
  q
    .insertInto('events')
    .values({
      session_id: row.session_id,
      seq: row.seq,
      id: row.id,
      type: row.type,
      data: row.data,
      dedupe_key: row.dedupe_key,
      created_at: row.created_at,
    })
    .onConflict((conflict) => conflict.columns(['session_id', 'dedupe_key']).doNothing())
    .returning('id'),
);

export function createEventsStore(context: StoreContext) {
  const { q } = context;

  const giveBackSeq = (sessionId: string) =>
    q
      .updateTable('event_counters')
      .set({ last_seq: sql`last_seq - 1` })
      .where('session_id', '=', sessionId)
      .execute();

  return {
    /** Appends an event under the session's next number; null when one with its dedupe key is there already. */
    async append(event: NewEvent, now: number): Promise<StoredEvent | null> {
      const taken = (await takeSeq(context, { sessionId: event.sessionId })).rows[0];
      if (!taken) throw new Error('The database gave no number to a new event.');
      const seq = taken.last_seq;
      const stored: StoredEvent = {
        id: newId('evt'),
        seq,
        type: event.type,
        sessionId: event.sessionId,
        at: now,
        data: event.data,
      };
      const { rows } = await insertEvent(context, {
        session_id: stored.sessionId,
        seq,
        id: stored.id,
        type: stored.type,
        data: JSON.stringify(stored.data),
        dedupe_key: event.dedupeKey ?? null,
        created_at: now,
      });
      if (rows.length > 0) return stored;
      await giveBackSeq(event.sessionId);
      return null;
    },

    ...reading({ q }),
  };
}

const reading = ({ q }: Pick<StoreContext, 'q'>) => ({
  async find(sessionId: string, seq: number): Promise<StoredEvent | null> {
    const row = await q
      .selectFrom('events')
      .select(EVENT_COLUMNS)
      .where('session_id', '=', sessionId)
      .where('seq', '=', seq)
      .executeTakeFirst();
    return row ? toEvent(row) : null;
  },

  async findById(id: string): Promise<StoredEvent | null> {
    const row = await q.selectFrom('events').select(EVENT_COLUMNS).where('id', '=', id).executeTakeFirst();
    return row ? toEvent(row) : null;
  },

  /** Events of a session in their order; nothing is missed by going on after the last number. */
  async listSession({ sessionId, types, afterSeq, limit }: SessionEventQuery): Promise<StoredEvent[]> {
    let query = q
      .selectFrom('events')
      .select(EVENT_COLUMNS)
      .where('session_id', '=', sessionId)
      .where('seq', '>', afterSeq);
    if (types.length > 0) query = query.where('type', 'in', types);
    return (await query.orderBy('seq').limit(limit).execute()).map(toEvent);
  },

  /** Events of several sessions by the time they were stored; see listSession for reading without a gap. */
  async list({ sessionIds, types, after, afterSeq, limit }: EventQuery): Promise<StoredEvent[]> {
    let query = q.selectFrom('events').select(EVENT_COLUMNS);
    if (sessionIds.length > 0) query = query.where('session_id', 'in', sessionIds);
    if (types.length > 0) query = query.where('type', 'in', types);
    if (afterSeq !== undefined) query = query.where('seq', '>', afterSeq);
    if (after) query = query.where(sql<boolean>`(created_at, id) > (${after.at}, ${after.id})`);
    return (await query.orderBy('created_at').orderBy('id').limit(limit).execute()).map(toEvent);
  },

  /** The last number of every session that has events. */
  async lastSeqs(sessionIds: string[]): Promise<Map<string, number>> {
    let query = q.selectFrom('event_counters').select(['session_id', 'last_seq']);
    if (sessionIds.length > 0) query = query.where('session_id', 'in', sessionIds);
    return new Map((await query.execute()).map((row) => [row.session_id, row.last_seq]));
  },

  /** The number of a session's last event stored before the time; 0 when there is none. */
  async lastSeqBefore(sessionId: string, at: number): Promise<number> {
    const row = await q
      .selectFrom('events')
      .select('seq')
      .where('session_id', '=', sessionId)
      .where('created_at', '<', at)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row?.seq ?? 0;
  },
});
