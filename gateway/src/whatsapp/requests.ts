/**
 * Carries out what a session's owner was asked for: restart, wipe, logout, removal. Used by the supervisor, which hands
 * over the connection and goes on as the answer says.
 */
import type { Fence, SessionRequest } from '../domain/session.js';
import { wipeAuthState } from './authState.js';
import type { Connection } from './connection.js';
import { AT_REST, FRESH, type Course } from './course.js';
import { loggedOut } from './happenings.js';
import type { WhatsAppDeps } from './ports.js';
import type { Report } from './report.js';

export interface RequestsDeps extends Pick<WhatsAppDeps, 'store' | 'bell'> {
  fence: Fence;
  report: (report: Report) => Promise<void>;
  onError: (error: unknown) => void;
  /** The session and all that belonged to it are gone. */
  onRemoved: () => void;
}

export function createRequests({ store, bell, fence, report, onError, onRemoved }: RequestsDeps) {
  const { sessionId } = fence;

  /** Unlinks the device if it is linked and reachable; a phone out of reach shows it as linked until removed there. */
  async function unlink(connection: Connection | null): Promise<void> {
    if (connection?.session.isOpen()) await connection.session.logout().catch(onError);
    await connection?.close();
  }

  async function remove(connection: Connection | null): Promise<void> {
    await unlink(connection);
    await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      // First, and what belongs to it afterwards: a message that is being accepted meanwhile is waited for.
      await tx.sessions.remove(sessionId);
      await wipeAuthState(tx, sessionId);
      await tx.inbox.clear(sessionId);
      await tx.mediaDownloads.clear(sessionId);
      await tx.polls.clear(sessionId);
      await tx.undecrypted.clear(sessionId);
      await tx.messages.removeWaiting(sessionId);
      await tx.sendings.removeSession(sessionId);
    });
    onRemoved();
    bell.ring(`session:${sessionId}`);
  }

  async function restart(request: 'restart' | 'wipe'): Promise<void> {
    await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      if (request === 'wipe') await wipeAuthState(tx, sessionId);
      await tx.sessions.finishRequest(sessionId, request);
    });
  }

  /** Ends the connection and does what was asked; answers the course from there. @throws LeaseLostError */
  return async function carryOut(request: SessionRequest, connection: Connection | null): Promise<Course> {
    if (request === 'remove') {
      await remove(connection);
      return AT_REST;
    }
    if (request === 'logout') {
      await unlink(connection);
      await report(loggedOut(sessionId));
      return AT_REST;
    }
    await connection?.close();
    await restart(request);
    return FRESH;
  };
}
