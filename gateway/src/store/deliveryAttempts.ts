/**
 * What became of deliveries: a row per attempt, and those that are given up. Part of the deliveries' noun.
 */
import { sql } from 'kysely';
import { statement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { affected } from './values.js';

export interface AttemptRow {
  attempt: number;
  at: number;
  status: number | null;
  durationMs: number;
  response: string | null;
  error: string | null;
}

const addAttempt = statement((q, row: AttemptRow & { id: string }) =>
  q.insertInto('delivery_attempts').values({
    delivery_id: row.id,
    attempt: row.attempt,
    at: row.at,
    status: row.status,
    duration_ms: row.durationMs,
    response: row.response,
    error: row.error,
  }),
);

const countSuccess = statement((q, row: { id: string; attempt: number; finishedAt: number }) =>
  q
    .updateTable('deliveries')
    .set({ attempts: row.attempt, state: sql.lit('delivered'), finished_at: row.finishedAt })
    .where('id', '=', row.id)
    .returning('state'),
);

const countFailure = statement((q, row: { id: string; attempt: number }) =>
  q.updateTable('deliveries').set({ attempts: row.attempt }).where('id', '=', row.id).returning('state'),
);

export const createDeliveryAttempts = ({ q, ...context }: Pick<StoreContext, 'q' | 'engine'>) => ({
  /**
   * Writes an attempt down and counts it. One that failed leaves the state as it is, since the delivery may have been
   * skipped meanwhile. @returns whether it is still pending
   */
  async recordAttempt(id: string, attempt: AttemptRow, outcome: 'delivered' | 'failed'): Promise<boolean> {
    const tried = { q, ...context };
    await addAttempt(tried, { id, ...attempt });
    const finishedAt = attempt.at + attempt.durationMs;
    const { rows } =
      outcome === 'delivered'
        ? await countSuccess(tried, { id, attempt: attempt.attempt, finishedAt })
        : await countFailure(tried, { id, attempt: attempt.attempt });
    return rows[0]?.state === 'pending';
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
