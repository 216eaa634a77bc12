/**
 * The line of one session: its messages that wait, in the order they were accepted. The drain loop takes from its head.
 * `retry_at` holds a session's line, `due_at` (scheduled) is skipped until due: two columns, or retries are overtaken.
 */
import type { Message } from '../domain/message.js';
import type { StoreContext } from './index.js';
import { MESSAGE_COLUMNS, toMessage, WAITING } from './messageRows.js';
import { affected } from './values.js';

export function createMessageLine({ q }: Pick<StoreContext, 'q'>) {
  const waiting = (sessionId: string) =>
    q.selectFrom('messages').where('session_id', '=', sessionId).where('status', 'in', WAITING);

  return {
    /**
     * The message at the head of the session's line: the oldest that is neither sent nor scheduled for later;
     * with `only.test`, of the test messages or of the others.
     */
    async head(sessionId: string, now: number, only: { test?: boolean } = {}): Promise<Message | null> {
      let line = waiting(sessionId);
      if (only.test !== undefined) line = line.where('test', '=', only.test ? 1 : 0);
      const row = await line
        .select(MESSAGE_COLUMNS)
        .where((where) => where.or([where('due_at', 'is', null), where('due_at', '<=', now)]))
        .orderBy('position')
        .limit(1)
        .executeTakeFirst();
      return row ? toMessage(row) : null;
    },

    /** When the next scheduled message falls due; null when none is scheduled. */
    async nextDue(sessionId: string, now: number): Promise<number | null> {
      const row = await waiting(sessionId)
        .select((select) => select.fn.min<number | null>('due_at').as('due'))
        .where('due_at', '>', now)
        .executeTakeFirst();
      return row?.due ?? null;
    },

    /** Messages waiting in the session's line, scheduled ones included. */
    async countWaiting(sessionId: string): Promise<number> {
      const row = await waiting(sessionId)
        .select((select) => select.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return row.count;
    },

    /** Messages of the session's line that go before this position. */
    async countAhead(sessionId: string, position: number): Promise<number> {
      const row = await waiting(sessionId)
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('position', '<', position)
        .executeTakeFirstOrThrow();
      return row.count;
    },

    /** Ends everything that waits in a session, because the session goes. */
    async removeWaiting(sessionId: string): Promise<number> {
      // Their idempotency keys go along: a key that names a message which is gone could never be used again.
      await q
        .deleteFrom('idempotency_keys')
        .where('message_id', 'in', waiting(sessionId).select('id'))
        .execute();
      return affected(
        await q
          .deleteFrom('messages')
          .where('session_id', '=', sessionId)
          .where('status', 'in', WAITING)
          .execute(),
      );
    },
  };
}
