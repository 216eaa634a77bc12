/**
 * What happens to a session, as reports: the status that its users see, with its reason, and the event that goes with it.
 * Pure; the supervisor has them written.
 */
import type { SessionQr, StatusReason } from '../domain/session.js';
import { wipeAuthState } from './authState.js';
import type { Closing } from './course.js';
import type { Me } from './me.js';
import type { Report } from './report.js';
import { LOGGED_OUT_BY_USER, STOPPED_BY_GATEWAY, STOPPED_BY_USER } from './statusReasons.js';

const plain = (status: Report['status'], reason: StatusReason | null = null): Report => ({
  status,
  reason,
  qr: null,
});

export const CONNECTING = plain('connecting');
export const PAIRING = plain('pairing');
export const STOPPED = plain('stopped', STOPPED_BY_USER);
export const GATEWAY_STOPPED = plain('disconnected', STOPPED_BY_GATEWAY);

export function qrShown(code: SessionQr): Report {
  const data = { ...code, expiresAt: new Date(code.expiresAt).toISOString() };
  return { status: 'qr', reason: null, qr: code, event: { type: 'session.qr', data } };
}

export const connected = (me: Me): Report => ({
  ...plain('connected'),
  ...me,
  event: { type: 'session.connected', data: { ...me } },
});

/** A socket that closed by itself. Worthless credentials are forgotten with it. */
export function closed({ verdict, lost }: Closing, sessionId: string): Report {
  const { status, reason, next, wipe } = verdict;
  const type = status === 'logged_out' ? 'session.logged_out' : 'session.disconnected';
  return {
    ...plain(status, reason),
    ...(lost && reason && { event: { type, data: { status, reason } } }),
    also: async (tx) => {
      if (wipe) await wipeAuthState(tx, sessionId);
      if (next === 'stay') await tx.sessions.update(sessionId, { desired: 'stopped' });
    },
  };
}

export const loggedOut = (sessionId: string): Report => ({
  ...plain('logged_out', LOGGED_OUT_BY_USER),
  phone: null,
  lid: null,
  pushName: null,
  event: { type: 'session.logged_out', data: { status: 'logged_out', reason: LOGGED_OUT_BY_USER } },
  also: async (tx) => {
    await wipeAuthState(tx, sessionId);
    await tx.sessions.update(sessionId, { desired: 'stopped' });
    await tx.sessions.finishRequest(sessionId, 'logout');
  },
});
