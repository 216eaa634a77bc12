/**
 * The sessions' rows: what users configured and what the owner last reported. Ownership itself is in `leases`.
 */
import {
  SESSION_REQUESTS,
  SESSION_STATUSES,
  type DesiredState,
  type Session,
  type SessionQr,
  type SessionRequest,
  type SessionStatus,
  type StatusReason,
} from '../domain/session.js';
import type { PolicyInput } from '../domain/policy.js';
import { openText, sealText } from '../lib/cipher.js';
import type { SessionsTable } from './database/schema.js';
import type { StoreContext } from './index.js';
import { fromJson, fromNullableJson, toBuffer, toNullableJson } from './values.js';
import type { Selectable } from 'kysely';

export interface SessionInsert {
  id: string;
  name: string | null;
  metadata: Record<string, unknown>;
  policy: PolicyInput | null;
  desired: DesiredState;
  now: number;
}

export interface SessionUpdate {
  name?: string | null;
  metadata?: Record<string, unknown>;
  policy?: PolicyInput | null;
  desired?: DesiredState;
  queuePaused?: boolean;
  request?: SessionRequest | null;
}

/** What the owner reports about the socket. */
export interface StatusUpdate {
  status: SessionStatus;
  reason: StatusReason | null;
  since: number;
  phone?: string | null;
  lid?: string | null;
  pushName?: string | null;
  /** Null takes the QR code away. */
  qr?: SessionQr | null;
}

const COLUMNS = [
  'id',
  'name',
  'metadata',
  'policy',
  'desired',
  'status',
  'reason',
  'status_since',
  'phone',
  'lid',
  'push_name',
  'queue_paused',
  'request',
  'last_sent_at',
  'last_active_at',
  'created_at',
] as const;

type Row = Pick<Selectable<SessionsTable>, (typeof COLUMNS)[number]>;

function toStatus(text: string): SessionStatus {
  const status = SESSION_STATUSES.find((known) => known === text);
  if (!status) throw new Error(`The database holds an unknown session status: ${text}`);
  return status;
}

const toSession = (row: Row): Session => ({
  id: row.id,
  name: row.name,
  metadata: fromJson(row.metadata),
  policy: fromNullableJson(row.policy),
  desired: row.desired === 'started' ? 'started' : 'stopped',
  status: toStatus(row.status),
  reason: fromNullableJson(row.reason),
  since: row.status_since,
  phone: row.phone,
  lid: row.lid,
  pushName: row.push_name,
  queuePaused: row.queue_paused === 1,
  request: SESSION_REQUESTS.find((known) => known === row.request) ?? null,
  lastSentAt: row.last_sent_at,
  lastActiveAt: row.last_active_at,
  createdAt: row.created_at,
});

export function createSessionsStore({ q, cipher }: StoreContext) {
  const qrColumns = (qr: SessionQr | null) => ({
    qr: qr && sealText(cipher, qr.qr),
    qr_attempt: qr?.attempt ?? 0,
    qr_expires_at: qr?.expiresAt ?? null,
  });

  return {
    /** False when the id is taken. */
    async insert({ id, name, metadata, policy, desired, now }: SessionInsert): Promise<boolean> {
      const row = await q
        .insertInto('sessions')
        .values({
          id,
          name,
          metadata: JSON.stringify(metadata),
          policy: toNullableJson(policy),
          desired,
          status: 'created',
          status_since: now,
          qr_attempt: 0,
          queue_paused: 0,
          created_at: now,
          epoch: 0,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async find(id: string): Promise<Session | null> {
      const row = await q.selectFrom('sessions').select(COLUMNS).where('id', '=', id).executeTakeFirst();
      return row ? toSession(row) : null;
    },

    /** By id, from after the cursor (an id). */
    async list(page: {
      limit: number;
      cursor?: string | undefined;
      sessionIds: string[];
    }): Promise<Session[]> {
      let query = q.selectFrom('sessions').select(COLUMNS).orderBy('id').limit(page.limit);
      if (page.cursor !== undefined) query = query.where('id', '>', page.cursor);
      if (page.sessionIds.length > 0) query = query.where('id', 'in', page.sessionIds);
      return (await query.execute()).map(toSession);
    },

    /** What a user changes; null when there is no such session. */
    async update(id: string, patch: SessionUpdate): Promise<Session | null> {
      const row = await q
        .updateTable('sessions')
        .set({
          ...(patch.name !== undefined && { name: patch.name }),
          ...(patch.metadata !== undefined && { metadata: JSON.stringify(patch.metadata) }),
          ...(patch.policy !== undefined && { policy: toNullableJson(patch.policy) }),
          ...(patch.desired !== undefined && { desired: patch.desired }),
          ...(patch.queuePaused !== undefined && {
            queue_paused: patch.queuePaused ? (1 as const) : (0 as const),
          }),
          ...(patch.request !== undefined && { request: patch.request }),
          // A patch may be empty; an update needs a column.
          id,
        })
        .where('id', '=', id)
        .returning(COLUMNS)
        .executeTakeFirst();
      return row ? toSession(row) : null;
    },

    /** What the owner reports. Call it under the fence. */
    async setStatus(id: string, update: StatusUpdate): Promise<void> {
      await q
        .updateTable('sessions')
        .set({
          status: update.status,
          reason: toNullableJson(update.reason),
          status_since: update.since,
          ...(update.phone !== undefined && { phone: update.phone }),
          ...(update.lid !== undefined && { lid: update.lid }),
          ...(update.pushName !== undefined && { push_name: update.pushName }),
          ...(update.qr !== undefined && qrColumns(update.qr)),
        })
        .where('id', '=', id)
        .execute();
    },

    async qr(id: string): Promise<SessionQr | null> {
      const row = await q
        .selectFrom('sessions')
        .select(['qr', 'qr_attempt', 'qr_expires_at'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (!row?.qr || row.qr_expires_at === null) return null;
      return {
        qr: openText(cipher, toBuffer(row.qr)),
        attempt: row.qr_attempt,
        expiresAt: row.qr_expires_at,
      };
    },

    /** Remembers that something was sent (pacing counts from it) or that the session was heard of. */
    async setActivity(id: string, at: { lastSentAt?: number; lastActiveAt: number }): Promise<void> {
      await q
        .updateTable('sessions')
        .set({
          last_active_at: at.lastActiveAt,
          ...(at.lastSentAt !== undefined && { last_sent_at: at.lastSentAt }),
        })
        .where('id', '=', id)
        .execute();
    },

    async countByStatus(): Promise<{ status: SessionStatus; count: number }[]> {
      const rows = await q
        .selectFrom('sessions')
        .select(['status', (select) => select.fn.countAll<number>().as('count')])
        .groupBy('status')
        .execute();
      return rows.map((row) => ({ status: toStatus(row.status), count: Number(row.count) }));
    },

    async remove(id: string): Promise<void> {
      await q.deleteFrom('sessions').where('id', '=', id).execute();
    },
  };
}
