/**
 * Keeps one session as its user wants it: opens a socket, follows what happens to it, opens the next one when and if its
 * course says so, and has requests carried out. Runs in the process that owns the session.
 */
import type { Fence, Session } from '../domain/session.js';
import { createLoop, type Loop } from '../lib/loop.js';
import { LeaseLostError } from '../store/index.js';
import { createAskAgain } from './askAgain.js';
import { createBaileysCaches } from './caches.js';
import { openConnection } from './connection.js';
import { FRESH, opening } from './course.js';
import { createFollower, linkOf, takeConnection, type Life } from './follower.js';
import { CONNECTING, GATEWAY_STOPPED, STOPPED } from './happenings.js';
import { createInboxLoop } from './inboxLoop.js';
import type { WhatsAppDeps } from './ports.js';
import { createReporter } from './report.js';
import { createRequests } from './requests.js';
import type { WhatsAppSession } from './session.js';

/** Statuses in which a session may stay while it is not wanted. */
const RESTING: readonly Session['status'][] = ['stopped', 'logged_out', 'banned', 'created'];

export interface Supervisor {
  /** The live socket, connected or not. */
  session: () => WhatsAppSession | null;
  /** Closes the socket and ends all loops; `graceful` reports that the gateway stopped. */
  stop: (graceful: boolean) => Promise<void>;
}

export interface SupervisorDeps extends WhatsAppDeps {
  onError: (error: unknown) => void;
  /** The session and all that belonged to it are gone. */
  onRemoved: () => void;
}

export function createSupervisor(deps: SupervisorDeps, fence: Fence): Supervisor {
  const { store, clock, bell, pollMs } = deps;
  const { sessionId } = fence;
  const caches = createBaileysCaches();
  const life: Life = { connection: null, course: FRESH, gone: Promise.resolve() };
  let stopping = false;

  function onError(error: unknown): void {
    // The end of the lease is announced by cluster/ownership; until then the writes are refused, which is the point.
    if (!(error instanceof LeaseLostError)) deps.onError(error);
  }

  const report = createReporter(deps, fence);
  const inboxLoop = createInboxLoop({ ...deps, fence });
  const carryOut = createRequests({ ...deps, fence, report, onError });
  const askAgain = createAskAgain({ ...deps, fence, caches, connected: () => linkOf(life), onError });
  const inboxListener = { onStored: inboxLoop.wake, onUndecrypted: askAgain.wake };
  const listener = createFollower({ deps, fence, life, report, onError, onGone: () => loop.wake() });

  async function open(): Promise<void> {
    life.course = opening(life.course);
    if (life.course.qrCount === 0) await report(CONNECTING);
    life.connection = await openConnection(deps, { fence, caches, listener, inboxListener });
  }

  async function keepStopped(session: Session): Promise<number> {
    const connection = takeConnection(life);
    await connection?.close();
    life.course = FRESH;
    if (connection !== null || !RESTING.includes(session.status)) await report(STOPPED);
    return pollMs;
  }

  async function step(): Promise<number> {
    // What comes next must find what the last socket left, such as the credentials of a pairing (515).
    const { gone } = life;
    await gone;
    const session = await store.sessions.find(sessionId);
    if (!session || stopping) return pollMs;
    // A socket has closed since: its leavings are to be waited for, and its verdict is to be followed.
    if (life.gone !== gone) return 0;
    if (session.request) {
      life.course = await carryOut(session.request, takeConnection(life));
      return session.request === 'remove' ? pollMs : 0;
    }
    if (session.desired === 'stopped') return keepStopped(session);
    if (life.connection) return pollMs;
    const waitMs = life.course.openAt - clock.now();
    if (waitMs > 0) return waitMs;
    await open();
    return pollMs;
  }

  const loop: Loop = createLoop({ clock, idleMs: pollMs, step, onError });
  const stopListening = bell.listen(`session:${sessionId}`, () => loop.wake());

  return {
    session: () => life.connection?.session ?? null,
    async stop(graceful) {
      stopping = true;
      stopListening();
      await loop.stop();
      const connection = takeConnection(life);
      await connection?.close();
      await life.gone;
      await Promise.all([inboxLoop.stop(), askAgain.stop()]);
      if (graceful && connection !== null) await report(GATEWAY_STOPPED).catch(onError);
    },
  };
}
