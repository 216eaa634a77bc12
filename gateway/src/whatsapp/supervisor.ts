/**
 * Keeps one session as its user wants it: opens a socket, follows what happens to it, opens the next one when and if the
 * verdict says so, and carries out restart, wipe, logout and removal. Runs in the process that owns the session.
 */
import { reconnectDelayMs } from '../domain/retry.js';
import type { Fence, Session, SessionRequest } from '../domain/session.js';
import { createLoop, type Loop } from '../lib/loop.js';
import { LeaseLostError } from '../store/index.js';
import { wipeAuthState } from './authState.js';
import { createBaileysCaches } from './caches.js';
import { openConnection, type Connection } from './connection.js';
import { judgeDisconnect, type Disconnect, type Verdict } from './disconnect.js';
import { createInboxLoop } from './inboxLoop.js';
import type { WhatsAppDeps } from './ports.js';
import { createReporter, type Report } from './report.js';
import type { SessionListener, WhatsAppSession } from './session.js';
import { LOGGED_OUT_BY_USER, STOPPED_BY_GATEWAY, STOPPED_BY_USER } from './statusReasons.js';

/** Between two tries when the cause is not a passing one. */
const SLOW_RECONNECT_MS = 600_000;
/** How long WhatsApp shows one QR code: the first of a socket, and the others. */
const QR_LIFETIME_MS = { first: 60_000, next: 20_000 };

export interface Supervisor {
  /** The live socket, connected or not. */
  session(): WhatsAppSession | null;
  /** Closes the socket and ends all loops; `graceful` reports that the gateway stopped. */
  stop(graceful: boolean): Promise<void>;
}

export interface SupervisorDeps extends WhatsAppDeps {
  onError: (error: unknown) => void;
  /** The session and all that belonged to it are gone. */
  onRemoved: () => void;
}

/** What is known between two sockets. */
interface Course {
  /** Milliseconds since 1970; Infinity: not until a user acts. */
  openAt: number;
  failures: number;
  pairingRounds: number;
  /** QR codes shown in this pairing, and by the present socket. */
  qrCount: number;
  qrOfSocket: number;
  wasConnected: boolean;
}

const fresh = (): Course => ({
  openAt: 0,
  failures: 0,
  pairingRounds: 0,
  qrCount: 0,
  qrOfSocket: 0,
  wasConnected: false,
});

export function createSupervisor(deps: SupervisorDeps, fence: Fence): Supervisor {
  const { store, clock, bell } = deps;
  const { sessionId } = fence;
  const caches = createBaileysCaches();
  const report = createReporter(deps, fence);
  const inboxLoop = createInboxLoop({ ...deps, fence });
  let connection: Connection | null = null;
  let course = fresh();
  let stopping = false;

  function onError(error: unknown): void {
    // The end of the lease is announced by cluster/ownership; until then the writes are refused, which is the point.
    if (!(error instanceof LeaseLostError)) deps.onError(error);
  }

  const tell = (update: Report): void => void report(update).catch(onError);

  async function close(): Promise<void> {
    const closing = connection;
    connection = null;
    await closing?.close();
  }

  function nextOpening({ next }: Verdict): number {
    if (next === 'stay') return Infinity;
    if (next === 'reconnect_slowly') return clock.now() + SLOW_RECONNECT_MS;
    return next === 'reconnect' ? clock.now() + reconnectDelayMs(course.failures, deps.random()) : 0;
  }

  function onClosed(disconnect: Disconnect): void {
    const closed = connection;
    connection = null;
    const pairingRounds = course.pairingRounds + 1;
    const verdict = judgeDisconnect(disconnect, pairingRounds);
    const { wasConnected } = course;
    deps.logger.info({ sessionId, code: disconnect.code, next: verdict.next }, 'connection closed');
    if (verdict.next === 'pair_again') course = { ...fresh(), pairingRounds, qrCount: course.qrCount };
    else course = { ...course, failures: course.failures + 1, wasConnected: false };
    course.openAt = nextOpening(verdict);
    const lost = wasConnected || (verdict.next === 'stay' && verdict.reason?.code !== 'qr_timeout');
    const type = verdict.status === 'logged_out' ? 'session.logged_out' : 'session.disconnected';
    tell({
      status: verdict.status,
      reason: verdict.reason,
      qr: null,
      ...(lost &&
        verdict.reason && { event: { type, data: { status: verdict.status, reason: verdict.reason } } }),
      also: async (tx) => {
        if (verdict.wipe) await wipeAuthState(tx, sessionId);
        if (verdict.next === 'stay') await tx.sessions.update(sessionId, { desired: 'stopped' });
      },
    });
    // The next socket must find the credentials that this one left, such as those of a pairing (515).
    void closed?.auth.saved().then(() => loop.wake());
  }

  const listener: SessionListener = {
    onQr(qr) {
      course.qrCount += 1;
      course.qrOfSocket += 1;
      const expiresAt = clock.now() + (course.qrOfSocket === 1 ? QR_LIFETIME_MS.first : QR_LIFETIME_MS.next);
      const code = { qr, attempt: course.qrCount, expiresAt };
      const data = { ...code, expiresAt: new Date(expiresAt).toISOString() };
      tell({ status: 'qr', reason: null, qr: code, event: { type: 'session.qr', data } });
    },
    onPaired: () => tell({ status: 'pairing', reason: null, qr: null }),
    onOpen(me) {
      course = { ...fresh(), wasConnected: true };
      tell({
        status: 'connected',
        reason: null,
        qr: null,
        ...me,
        event: { type: 'session.connected', data: { ...me } },
      });
      bell.ring(`outbox:${sessionId}`);
    },
    onReceipt: (receipt) => void deps.onReceipt(sessionId, receipt).catch(onError),
    onClosed,
    onError,
  };

  async function open(): Promise<void> {
    course.qrOfSocket = 0;
    if (course.qrCount === 0) await report({ status: 'connecting', reason: null, qr: null });
    connection = await openConnection(deps, { fence, caches, listener, onStored: () => inboxLoop.wake() });
  }

  /** Unlinks the device if it is linked and reachable; a phone out of reach shows it as linked until removed there. */
  async function unlink(): Promise<void> {
    const current = connection;
    connection = null;
    if (current?.session.isOpen()) await current.session.logout().catch(onError);
    await current?.close();
  }

  async function remove(): Promise<void> {
    await unlink();
    await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      await wipeAuthState(tx, sessionId);
      await tx.inbox.clear(sessionId);
      await tx.messages.removeWaiting(sessionId);
      await tx.sessions.remove(sessionId);
    });
    deps.onRemoved();
    bell.ring(`session:${sessionId}`);
  }

  async function logout(): Promise<void> {
    await unlink();
    course = { ...fresh(), openAt: Infinity };
    await report({
      status: 'logged_out',
      reason: LOGGED_OUT_BY_USER,
      phone: null,
      lid: null,
      pushName: null,
      qr: null,
      event: { type: 'session.logged_out', data: { status: 'logged_out', reason: LOGGED_OUT_BY_USER } },
      also: async (tx) => {
        await wipeAuthState(tx, sessionId);
        await tx.sessions.update(sessionId, { desired: 'stopped', request: null });
      },
    });
  }

  async function carryOut(request: SessionRequest): Promise<void> {
    if (request === 'remove') return remove();
    if (request === 'logout') return logout();
    await close();
    course = fresh();
    await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      if (request === 'wipe') await wipeAuthState(tx, sessionId);
      await tx.sessions.update(sessionId, { request: null });
    });
  }

  async function keepStopped(session: Session): Promise<void> {
    const wasOpen = connection !== null;
    await close();
    course = { ...fresh(), openAt: 0 };
    const resting = ['stopped', 'logged_out', 'banned', 'created'].includes(session.status);
    if (wasOpen || !resting) await report({ status: 'stopped', reason: STOPPED_BY_USER, qr: null });
  }

  async function step(): Promise<number> {
    const session = await store.sessions.find(sessionId);
    if (!session || stopping) return deps.pollMs;
    if (session.request) {
      await carryOut(session.request);
      return session.request === 'remove' ? deps.pollMs : 0;
    }
    if (session.desired === 'stopped') {
      await keepStopped(session);
      return deps.pollMs;
    }
    if (connection) return deps.pollMs;
    const wait = course.openAt - clock.now();
    if (wait <= 0) await open();
    return wait > 0 ? wait : deps.pollMs;
  }

  const loop: Loop = createLoop({ clock, idleMs: deps.pollMs, step, onError });
  const stopListening = bell.listen(`session:${sessionId}`, () => loop.wake());

  return {
    session: () => connection?.session ?? null,
    async stop(graceful) {
      stopping = true;
      stopListening();
      await loop.stop();
      const wasOpen = connection !== null;
      await close();
      await inboxLoop.stop();
      if (graceful && wasOpen)
        await report({ status: 'disconnected', reason: STOPPED_BY_GATEWAY, qr: null }).catch(onError);
    },
  };
}
