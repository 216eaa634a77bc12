/**
 * The course of a session from one socket to the next: what is remembered between them, and what an event makes of it.
 * Pure: the supervisor asks, acts and writes.
 */
import { reconnectDelayMs } from '../domain/retry.js';
import type { SessionQr } from '../domain/session.js';
import { judgeDisconnect, type Disconnect, type Next, type Verdict } from './disconnect.js';

/** Between two tries when the cause is not a passing one. */
const SLOW_RECONNECT_MS = 600_000;
/** How long WhatsApp shows one QR code: the first of a socket, and the others. */
const QR_LIFETIME_MS = { first: 60_000, next: 20_000 };
const QR_CODES_PER_SOCKET = 6;
/** How long one socket can be paired: when its QR codes are used up it closes, and a code to type is worthless too. */
export const PAIRING_ROUND_MS = QR_LIFETIME_MS.first + (QR_CODES_PER_SOCKET - 1) * QR_LIFETIME_MS.next;

export interface Course {
  /** When the next socket may open, milliseconds since 1970; Infinity: not until a user acts. */
  openAt: number;
  /** Connections in a row that ended without a login, or soon after it. */
  failures: number;
  /** Rounds of QR codes that nobody scanned. */
  pairingRounds: number;
  /** QR codes shown in this pairing, and by the present socket. */
  qrCount: number;
  qrOfSocket: number;
  /** Since when it is connected; null: it is not. */
  connectedAt: number | null;
}

export const FRESH: Course = {
  openAt: 0,
  failures: 0,
  pairingRounds: 0,
  qrCount: 0,
  qrOfSocket: 0,
  connectedAt: null,
};

/** Nothing opens until a user acts. */
export const AT_REST: Course = { ...FRESH, openAt: Infinity };

/** The login has succeeded; what failed before is forgotten when the connection has held for a while. */
export const connectedCourse = ({ failures }: Course, now: number): Course => ({
  ...FRESH,
  failures,
  connectedAt: now,
});

/** A new socket opens; its QR codes are counted anew, those of the pairing go on. */
export const opening = (course: Course): Course => ({ ...course, qrOfSocket: 0 });

/** WhatsApp has handed out a QR code. */
export function showQr(course: Course, qr: string, now: number): { course: Course; code: SessionQr } {
  const shown = { ...course, qrCount: course.qrCount + 1, qrOfSocket: course.qrOfSocket + 1 };
  const lifetimeMs = shown.qrOfSocket === 1 ? QR_LIFETIME_MS.first : QR_LIFETIME_MS.next;
  return { course: shown, code: { qr, attempt: shown.qrCount, expiresAt: now + lifetimeMs } };
}

export interface Moment {
  now: number;
  /** How long a connection has to hold to count as a good one, in milliseconds. */
  steadyMs: number;
  /** From 0 to below 1. */
  random: number;
}

function nextOpening(next: Next, failures: number, { now, random }: Moment): number {
  if (next === 'stay') return Infinity;
  if (next === 'reconnect_slowly') return now + SLOW_RECONNECT_MS;
  return next === 'reconnect' ? now + reconnectDelayMs(failures, random) : 0;
}

export interface Closing {
  course: Course;
  verdict: Verdict;
  /** Something was lost that the user had, or will not come by itself: worth an event. */
  lost: boolean;
}

const isFinal = ({ next, reason }: Verdict): boolean => next === 'stay' && reason?.code !== 'qr_timeout';

function failuresAfter({ connectedAt, failures }: Course, { next }: Verdict, at: Moment): number {
  if (next === 'restart') return failures;
  const held = connectedAt !== null && at.now - connectedAt >= at.steadyMs;
  return held ? 1 : failures + 1;
}

/** The socket has closed: what it means, and how the session goes on. */
export function afterDisconnect(course: Course, disconnect: Disconnect, at: Moment): Closing {
  const pairingRounds = course.pairingRounds + 1;
  const verdict = judgeDisconnect(disconnect, pairingRounds);
  const { connectedAt } = course;
  const failures = failuresAfter(course, verdict, at);
  const kept =
    verdict.next === 'pair_again'
      ? { ...FRESH, pairingRounds, qrCount: course.qrCount }
      : { ...course, failures, connectedAt: null };
  return {
    course: { ...kept, openAt: nextOpening(verdict.next, failures, at) },
    verdict,
    lost: connectedAt !== null || isFinal(verdict) || (verdict.next === 'reconnect_slowly' && failures === 1),
  };
}
