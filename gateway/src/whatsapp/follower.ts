/**
 * Follows what happens to a session's socket: each happening changes the course and is reported. Used by the supervisor,
 * which opens the sockets.
 */
import type { WASocket } from '@whiskeysockets/baileys';
import type { Fence } from '../domain/session.js';
import type { Connection } from './connection.js';
import { afterDisconnect, connectedCourse, showQr, type Course } from './course.js';
import type { Disconnect } from './disconnect.js';
import { closed, connected, PAIRING, qrShown } from './happenings.js';
import type { WhatsAppDeps } from './ports.js';
import type { Report } from './report.js';
import { createRestrictionKeeper } from './restrictions.js';
import type { SessionListener } from './session.js';

/** What the supervisor and its parts share: the socket of the moment, and what is remembered between two. */
export interface Life {
  connection: Connection | null;
  course: Course;
  /** Resolves when the last socket's end is reported and all that it left is written. */
  gone: Promise<unknown>;
}

export function takeConnection(life: Life): Connection | null {
  const { connection } = life;
  life.connection = null;
  return connection;
}

/** The socket that is logged in, and since when; null: none is. */
export function linkOf({ connection, course }: Life): { client: WASocket; since: number } | null {
  if (!connection?.session.isOpen() || course.connectedAt === null) return null;
  return { client: connection.session.client, since: course.connectedAt };
}

type FollowedDeps = Pick<
  WhatsAppDeps,
  'store' | 'clock' | 'bell' | 'publisher' | 'logger' | 'random' | 'timing' | 'onReceipt'
>;

export interface FollowerDeps {
  deps: FollowedDeps;
  fence: Fence;
  life: Life;
  report: (report: Report) => Promise<void>;
  onError: (error: unknown) => void;
  /** The socket has closed, left nothing unwritten, and its end is reported. */
  onGone: () => void;
}

/** Follows what happens to the socket: each happening changes the course and is reported. */
export function createFollower({
  deps,
  fence,
  life,
  report,
  onError,
  onGone,
}: FollowerDeps): SessionListener {
  const { clock, bell, logger } = deps;
  const { sessionId } = fence;
  const tell = (update: Report): void => void report(update).catch(onError);

  const keepRestriction = createRestrictionKeeper(deps, fence);

  const renamed = (pushName: string): Promise<void> =>
    deps.store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      await tx.sessions.setPushName(sessionId, pushName);
    });

  function onClosed(disconnect: Disconnect): void {
    const gone = takeConnection(life);
    const at = { now: clock.now(), random: deps.random(), steadyMs: deps.timing.steadyMs };
    const closing = afterDisconnect(life.course, disconnect, at);
    life.course = closing.course;
    logger.info({ sessionId, code: disconnect.code, next: closing.verdict.next }, 'connection closed');
    // First what the socket still has to write, or it would bring back credentials that the report forgets.
    life.gone = Promise.resolve(gone?.written())
      .then(() => report(closed(closing, sessionId)))
      .catch(onError);
    void life.gone.then(onGone);
  }

  return {
    onQr(qr) {
      const { course, code } = showQr(life.course, qr, clock.now());
      life.course = course;
      tell(qrShown(code));
    },
    onPaired: () => tell(PAIRING),
    onRenamed: (pushName) => void renamed(pushName).catch(onError),
    onOpen(me) {
      life.course = connectedCourse(life.course, clock.now());
      tell(connected(me));
      bell.ring(`outbox:${sessionId}`);
    },
    onRestriction: (told) => void keepRestriction(told).catch(onError),
    onReceipt: (receipt) => deps.onReceipt(sessionId, receipt),
    onClosed,
    onError,
  };
}
