/**
 * Linking a phone by a code that its user types, instead of a QR code. WhatsApp gives one only through the open socket of
 * a session that nobody has paired: the process that owns the session answers (see questions).
 */
import { readUntil } from '../cluster/until.js';
import { gatewayError } from '../domain/error.js';
import type { Session } from '../domain/session.js';
import type { WhatsAppDeps } from './ports.js';
import type { Ask } from './questions.js';
import type { SessionRows } from './sessionRows.js';
import type { Sessions } from './types.js';

/** How long a session that is only just starting is waited for. */
const QR_TIMEOUT_MS = 10_000;

export interface PairingCodeDeps extends Pick<WhatsAppDeps, 'clock' | 'bell'>, Pick<SessionRows, 'get'> {
  ask: Ask;
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

export const createPairingCode =
  (deps: PairingCodeDeps): Sessions['pairingCode'] =>
  async (id, phone) => {
    const session = await readUntil(deps, {
      topic: `session:${id}`,
      read: () => deps.get(id),
      done: (now) => !isStarting(now),
      timeoutMs: QR_TIMEOUT_MS,
    });
    if (session.status !== 'qr') throw refuse(session);
    return deps.ask('pairing_code', id, { phone });
  };
