/**
 * What a closed connection means and what follows: the table of WhatsApp's disconnect codes. Pure.
 * Source of the codes: Baileys 7.0.0-rc14, Types/index (DisconnectReason) and Socket/socket.
 */
import type { SessionStatus, StatusReason } from '../domain/session.js';

/** Why a socket ended: Baileys' status code, or ours for what it does not notice. */
export interface Disconnect {
  /** 401, 440, 515, ...; see the table. */
  code: number;
  message: string;
}

/** Our code for a link that stands and yet brings nothing; none of WhatsApp's. */
export const DEAF = 598;

export type Next =
  /** Open a new socket now; part of a normal pairing. */
  | 'restart'
  /** Open a new socket after a backoff that grows with each failure. */
  | 'reconnect'
  /** Retry rarely: the cause is not a passing one, but may be cured from outside. */
  | 'reconnect_slowly'
  /** Pair again with a new round of QR codes. */
  | 'pair_again'
  /** Stay closed until a user acts. */
  | 'stay';

export interface Verdict {
  status: SessionStatus;
  reason: StatusReason | null;
  next: Next;
  /** The credentials are worthless; forget them. */
  wipe: boolean;
}

const WAIT = 'Nothing to do: the session reconnects by itself.';
const PAIR = 'Start the session and scan the new QR code.';

const verdict = (status: SessionStatus, next: Next, reason: StatusReason | null): Verdict => ({
  status,
  reason,
  next,
  wipe: false,
});

const unlinked = (reason: StatusReason): Verdict => ({
  ...verdict('logged_out', 'stay', reason),
  wipe: true,
});

const reason = (code: string, message: string, action: string): StatusReason => ({ code, message, action });

const BY_CODE: Record<number, Verdict> = {
  401: unlinked(reason('logged_out', 'The phone unlinked this device.', PAIR)),
  403: verdict(
    'banned',
    'stay',
    reason(
      'banned',
      'WhatsApp has blocked this number.',
      'Open WhatsApp on the phone and ask for a review there.',
    ),
  ),
  405: verdict(
    'disconnected',
    'reconnect_slowly',
    reason('client_outdated', 'WhatsApp refuses this version of the client.', 'Update Sluice.'),
  ),
  411: unlinked(reason('multi_device_off', 'The phone does not have linked devices turned on.', PAIR)),
  428: verdict('disconnected', 'reconnect', reason('connection_closed', 'The connection was closed.', WAIT)),
  408: verdict(
    'disconnected',
    'reconnect',
    reason('connection_lost', 'WhatsApp could not be reached, or went silent.', WAIT),
  ),
  440: verdict(
    'stopped',
    'stay',
    reason(
      'replaced',
      'Another program logged in with the same credentials.',
      'Stop the other program, then start this session again.',
    ),
  ),
  500: verdict(
    'disconnected',
    'reconnect',
    reason('stream_error', 'WhatsApp ended the connection with an error.', WAIT),
  ),
  503: verdict(
    'disconnected',
    'reconnect',
    reason('service_unavailable', 'WhatsApp is not available at the moment.', WAIT),
  ),
  [DEAF]: verdict(
    'disconnected',
    'reconnect',
    reason('deaf', 'The connection stood, but WhatsApp no longer answered or delivered over it.', WAIT),
  ),
  515: verdict('connecting', 'restart', null),
};

const UNKNOWN = (code: number): Verdict =>
  verdict(
    'disconnected',
    'reconnect',
    reason('disconnected', `The connection ended (code ${String(code)}).`, WAIT),
  );

/** Text of Baileys' error when all QR codes of one socket have expired; it has the code of a lost connection. */
const QR_EXHAUSTED = 'QR refs attempts ended';

/** Rounds of QR codes, about 160 seconds each, before an unattended pairing is given up. */
export const PAIRING_ROUNDS = 5;

/** Decides what a closed connection means. `pairingRounds`: rounds of QR codes that nobody scanned, this one included. */
export function judgeDisconnect({ code, message }: Disconnect, pairingRounds: number): Verdict {
  if (message.includes(QR_EXHAUSTED)) {
    if (pairingRounds < PAIRING_ROUNDS) return verdict('connecting', 'pair_again', null);
    const text = 'Nobody scanned the QR code in time.';
    return verdict(
      'stopped',
      'stay',
      reason('qr_timeout', text, 'Start the session again when you are ready to scan.'),
    );
  }
  return BY_CODE[code] ?? UNKNOWN(code);
}
