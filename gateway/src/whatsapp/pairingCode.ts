/**
 * Linking a phone by a code that its user types, instead of a QR code. WhatsApp gives one only through the open socket of
 * a session that nobody has paired, so the process that owns the session answers.
 */
import { readUntil } from '../cluster/until.js';
import { gatewayError } from '../domain/error.js';
import type { Session } from '../domain/session.js';
import type { WhatsAppDeps } from './ports.js';
import type { WhatsAppSession } from './session.js';
import type { SessionRows } from './sessionRows.js';
import type { Sessions } from './types.js';

/** How long a session that is only just starting is waited for. */
const QR_TIMEOUT_MS = 10_000;

export interface PairingCodeDeps
  extends Pick<WhatsAppDeps, 'clock' | 'bell' | 'fenceOf'>, Pick<SessionRows, 'get'> {
  live: (sessionId: string) => WhatsAppSession | null;
  onError: (error: unknown) => void;
}

/** It will offer a QR code, or be connected, without anybody's doing. */
const isStarting = ({ status, desired, phone }: Session): boolean =>
  desired === 'started' &&
  (status === 'created' || status === 'connecting' || (status === 'disconnected' && phone === null));

function refuse({ id, status, reason }: Session): Error {
  if (status === 'connected') return gatewayError('session_connected');
  const why = `Session ${id} is ${status}; a pairing code is given while it offers a QR code.`;
  return gatewayError('invalid_state', `${why} ${reason?.action ?? ''}`.trim());
}

export function createPairingCode(deps: PairingCodeDeps): Sessions['pairingCode'] {
  const { live, fenceOf, get, onError } = deps;

  const unavailable = (detail: string): Error =>
    gatewayError('session_not_connected', detail, { retryAfterSeconds: 5 });

  return async (id, phone) => {
    const session = await readUntil(deps, {
      topic: `session:${id}`,
      read: () => get(id),
      done: (now) => !isStarting(now),
      timeoutMs: QR_TIMEOUT_MS,
    });
    if (session.status !== 'qr') throw refuse(session);
    if (fenceOf(id) === null) {
      throw unavailable(
        `Another gateway process holds the connection of session ${id}: ask that process, or scan the QR code.`,
      );
    }
    const socket = live(id);
    const expiresAt = socket?.pairingEndsAt() ?? null;
    if (!socket || expiresAt === null) throw unavailable('The connection to WhatsApp is being opened.');
    try {
      return { code: await socket.client.requestPairingCode(phone), expiresAt };
    } catch (error) {
      onError(error);
      throw unavailable('WhatsApp could not be asked for a code at the moment.');
    }
  };
}
