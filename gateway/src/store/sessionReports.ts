/**
 * What the owner of a session reports about it: the socket's status, the QR code, what it was asked and has done,
 * when something was last sent.
 * Every write here is made under the session's fence.
 */
import type { SessionQr, SessionRequest, SessionStatus, StatusReason } from '../domain/session.js';
import { openText, sealText } from '../lib/cipher.js';
import { statement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { toBuffer, toNullableJson } from './values.js';

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

const setActive = statement((q, { id, lastActiveAt }: { id: string; lastActiveAt: number }) =>
  q.updateTable('sessions').set({ last_active_at: lastActiveAt }).where('id', '=', id),
);
const setSent = statement(
  (q, { id, lastActiveAt, lastSentAt }: { id: string; lastActiveAt: number; lastSentAt: number }) =>
    q
      .updateTable('sessions')
      .set({ last_active_at: lastActiveAt, last_sent_at: lastSentAt })
      .where('id', '=', id),
);

export function createSessionReports(context: StoreContext) {
  const { q, cipher } = context;
  const qrColumns = (qr: SessionQr | null) => ({
    qr: qr && sealText(cipher, qr.qr),
    qr_attempt: qr?.attempt ?? 0,
    qr_expires_at: qr?.expiresAt ?? null,
  });

  return {
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

    async setPushName(id: string, pushName: string): Promise<void> {
      await q.updateTable('sessions').set({ push_name: pushName }).where('id', '=', id).execute();
    },

    /** The owner has done what it was asked; a request that came meanwhile stays. */
    async finishRequest(id: string, done: SessionRequest): Promise<void> {
      await q
        .updateTable('sessions')
        .set({ request: null })
        .where('id', '=', id)
        .where('request', '=', done)
        .execute();
    },

    /** Remembers that something was sent (pacing counts from it) or that the session was heard of. */
    async setActivity(id: string, at: { lastSentAt?: number; lastActiveAt: number }): Promise<void> {
      const { lastSentAt, lastActiveAt } = at;
      if (lastSentAt === undefined) await setActive(context, { id, lastActiveAt });
      else await setSent(context, { id, lastActiveAt, lastSentAt });
    },
  };
}
