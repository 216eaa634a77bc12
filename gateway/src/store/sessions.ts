/**
 * The sessions' rows: what users configured. What the owner reports is in sessionReports, ownership itself in leases.
 */
import type { Session, SessionStatus } from '../domain/session.js';
import { oneRowStatement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { createSessionReports } from './sessionReports.js';
import {
  SESSION_COLUMNS,
  toChanges,
  toColumns,
  toSession,
  toStatus,
  type SessionInsert,
  type SessionUpdate,
} from './sessionRows.js';

export type { StatusUpdate } from './sessionReports.js';
export type { SessionInsert, SessionUpdate };

const findSession = oneRowStatement((q, { id }: { id: string }) =>
  q.selectFrom('sessions').select(SESSION_COLUMNS).where('id', '=', id),
);
const holdSession = oneRowStatement((q, { id }: { id: string }, engine) => {
  const query = q.selectFrom('sessions').select('id').where('id', '=', id);
  return engine === 'postgres' ? query.forKeyShare() : query;
});
const lockSession = oneRowStatement((q, { id }: { id: string }, engine) => {
  const query = q.selectFrom('sessions').select('id').where('id', '=', id);
  return engine === 'postgres' ? query.forNoKeyUpdate() : query;
});

export function createSessionsStore(context: StoreContext) {
  const { q } = context;

  return {
    ...createSessionReports(context),

    /** False when the id is taken. */
    async insert(session: SessionInsert): Promise<boolean> {
      const row = await q
        .insertInto('sessions')
        .values(toColumns(session))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async find(id: string): Promise<Session | null> {
      const row = (await findSession(context, { id })).rows[0];
      return row ? toSession(row) : null;
    },

    /** By id, from after the cursor (an id). */
    async list(page: {
      limit: number;
      cursor?: string | undefined;
      sessionIds: string[];
    }): Promise<Session[]> {
      let query = q.selectFrom('sessions').select(SESSION_COLUMNS).orderBy('id').limit(page.limit);
      if (page.cursor !== undefined) query = query.where('id', '>', page.cursor);
      if (page.sessionIds.length > 0) query = query.where('id', 'in', page.sessionIds);
      return (await query.execute()).map(toSession);
    },

    /** What a user changes; null when there is no such session. */
    async update(id: string, patch: SessionUpdate): Promise<Session | null> {
      const row = await q
        .updateTable('sessions')
        // A patch may be empty; an update needs a column.
        .set({ ...toChanges(patch), id })
        .where('id', '=', id)
        .returning(SESSION_COLUMNS)
        .executeTakeFirst();
      return row ? toSession(row) : null;
    },

    /** Inside a transaction: whether there is such a session, which then is not removed before the end. */
    async hold(id: string): Promise<boolean> {
      return (await holdSession(context, { id })).rows.length > 0;
    },

    /** The same, and nobody else is between here and the end of their transaction. */
    async lock(id: string): Promise<boolean> {
      return (await lockSession(context, { id })).rows.length > 0;
    },

    async countByStatus(): Promise<{ status: SessionStatus; count: number }[]> {
      const rows = await q
        .selectFrom('sessions')
        .select(['status', (select) => select.fn.countAll<number>().as('count')])
        .groupBy('status')
        .execute();
      return rows.map((row) => ({ status: toStatus(row.status), count: row.count }));
    },

    async remove(id: string): Promise<void> {
      await q.deleteFrom('sessions').where('id', '=', id).execute();
    },
  };
}
