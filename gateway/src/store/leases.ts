/**
 * Which process owns which session: owner, epoch and expiry in the session's row.
 * Every write for a session goes through `assertOwned` in its own transaction, so that a process that lost its lease
 * cannot change anything any more. Used by cluster/ownership and, for the fence, by whoever writes for a session.
 */
import { sql } from 'kysely';
import type { Fence, Session } from '../domain/session.js';
import type { Engine, Executor } from './database/index.js';
import { oneRowStatement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { SESSION_COLUMNS, toSession } from './sessionRows.js';
import { affected } from './values.js';

/** The session belongs to another process now; whoever sees this closes its socket and lets go. */
export class LeaseLostError extends Error {
  constructor(readonly fence: Fence) {
    super(`Session ${fence.sessionId} is owned by another process (epoch ${String(fence.epoch)} is over).`);
    this.name = 'LeaseLostError';
  }
}

export interface Lease {
  owner: string;
  now: number;
  ttlMs: number;
}

/** The session's row while the fence holds, kept as it is until the transaction ends. */
function heldRow(q: Executor, { sessionId, owner, epoch }: Fence, engine: Engine) {
  const query = q
    .selectFrom('sessions')
    .where('id', '=', sessionId)
    .where('owner', '=', owner)
    .where('epoch', '=', epoch);
  // SQLite has one writer at a time and no row locks; Postgres needs one against a concurrent takeFree. Not a shared
  // one: two transactions that hold it and then change the session's row would wait for each other forever.
  return engine === 'postgres' ? query.forNoKeyUpdate() : query;
}

const holdLease = oneRowStatement((q, fence: Fence, engine) => heldRow(q, fence, engine).select('epoch'));
const holdSession = oneRowStatement((q, fence: Fence, engine) =>
  heldRow(q, fence, engine).select(SESSION_COLUMNS),
);

export function createLeasesStore(context: StoreContext) {
  const { q } = context;
  return {
    /** Takes every session that nobody holds a running lease on; the epoch grows with each taking. */
    async takeFree({ owner, now, ttlMs }: Lease): Promise<Fence[]> {
      const rows = await q
        .updateTable('sessions')
        .set({
          owner,
          epoch: sql`epoch + 1`,
          lease_expires_at: now + ttlMs,
          // The former owner may have died: until the new one reports, no session may look connected.
          status: sql`case when status in ('connected', 'connecting', 'qr', 'pairing') then 'disconnected' else status end`,
          qr: null,
        })
        .where((where) => where.or([where('owner', 'is', null), where('lease_expires_at', '<', now)]))
        .returning(['id', 'epoch'])
        .execute();
      return rows.map((row) => ({ sessionId: row.id, owner, epoch: row.epoch }));
    },

    /** Prolongs all of a process's leases in one statement; answers what it still owns. */
    async renew({ owner, now, ttlMs }: Lease): Promise<Fence[]> {
      const rows = await q
        .updateTable('sessions')
        .set({ lease_expires_at: now + ttlMs })
        .where('owner', '=', owner)
        .where('lease_expires_at', '>=', now)
        .returning(['id', 'epoch'])
        .execute();
      return rows.map((row) => ({ sessionId: row.id, owner, epoch: row.epoch }));
    },

    /** Gives one session away, if it is still ours. */
    async release({ sessionId, owner, epoch }: Fence): Promise<boolean> {
      const results = await q
        .updateTable('sessions')
        .set({ owner: null, lease_expires_at: null })
        .where('id', '=', sessionId)
        .where('owner', '=', owner)
        .where('epoch', '=', epoch)
        .execute();
      return affected(results) === 1;
    },

    /** Ends all leases: for the embedded database, which no other process can be using. */
    async releaseAll(): Promise<void> {
      await q.updateTable('sessions').set({ owner: null, lease_expires_at: null }).execute();
    },

    /**
     * Inside a transaction: goes on only if the fence still holds, and keeps it from changing until the commit.
     * @throws LeaseLostError
     */
    async assertOwned(fence: Fence): Promise<void> {
      if ((await holdLease(context, fence)).rows.length === 0) throw new LeaseLostError(fence);
    },

    /** The same, with the session as it is: one question for both. @throws LeaseLostError */
    async ownedSession(fence: Fence): Promise<Session> {
      const row = (await holdSession(context, fence)).rows[0];
      if (!row) throw new LeaseLostError(fence);
      return toSession(row);
    },
  };
}
