/**
 * What falls due or runs out of time in a session's queue, and when the next thing does. Each query is answered from a
 * partial index over waiting messages.
 */
import { NEVER } from '../domain/campaign.js';
import { sql, type SqlBool } from 'kysely';
import type { Message } from '../domain/message.js';
import { oneRowStatement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { CAN_EXPIRE, FOLLOWS, MESSAGE_COLUMNS, SCHEDULED, toMessage } from './messageRows.js';

export interface NextTimes {
  held: number | null;
  due: number | null;
  expires: number | null;
}

interface Passed {
  sessionId: string;
  which: typeof SCHEDULED;
  time: 'due_at' | 'expires_at';
  now: number;
  limit: number;
}

/** Messages whose time of one sort has come, the first of them first. */
async function passed(
  q: StoreContext['q'],
  { sessionId, which, time, now, limit }: Passed,
): Promise<Message[]> {
  const rows = await q
    .selectFrom('messages')
    .select(MESSAGE_COLUMNS)
    .where('session_id', '=', sessionId)
    .where(which)
    .where(time, '<=', now)
    .orderBy(time)
    .limit(limit)
    .execute();
  return rows.map(toMessage);
}

type Time = number | null;

const firstTimes = oneRowStatement((q, { sessionId }: { sessionId: string }) =>
  q.selectNoFrom([
    sql<Time>`(select min(held_until) from messages where session_id = ${sessionId} and held_until is not null)`.as(
      'held',
    ),
    sql<Time>`(select min(due_at) from messages where session_id = ${sessionId} and ${SCHEDULED})`.as('due'),
    sql<Time>`(select min(expires_at) from messages where session_id = ${sessionId} and ${CAN_EXPIRE})`.as(
      'expires',
    ),
  ]),
);

export function createMessageTimes(context: StoreContext) {
  const { q } = context;
  return {
    /** Scheduled messages that have fallen due, oldest first. */
    due: (sessionId: string, now: number, limit: number): Promise<Message[]> =>
      passed(q, { sessionId, which: SCHEDULED, time: 'due_at', now, limit }),

    /** Messages whose time has run out. */
    expired: (sessionId: string, now: number, limit: number): Promise<Message[]> =>
      passed(q, { sessionId, which: CAN_EXPIRE, time: 'expires_at', now, limit }),

    /** The message that is let go next, of those that are held for themselves. */
    async firstHeld(sessionId: string): Promise<Message | null> {
      const row = await q
        .selectFrom('messages')
        .select(MESSAGE_COLUMNS)
        .where('session_id', '=', sessionId)
        .where(sql<SqlBool>`held_until is not null`)
        .where('held_until', '<', FOLLOWS)
        .orderBy('held_until')
        .limit(1)
        .executeTakeFirst();
      return row ? toMessage(row) : null;
    },

    /** When the next message is let go, falls due and runs out of time; null: none. */
    async nextTimes(sessionId: string): Promise<NextTimes> {
      const { rows } = await firstTimes(context, { sessionId });
      const { held = null, due = null, expires = null } = rows[0] ?? {};
      return {
        held: held !== null && held >= FOLLOWS ? null : held,
        due: due === NEVER ? null : due,
        expires,
      };
    },
  };
}
