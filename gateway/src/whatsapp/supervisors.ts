/**
 * The supervisors of the sessions that this process owns, by session. gateway.ts connects it to cluster/ownership.
 */
import type { RunningSessions, SessionsDeps } from './sessions.js';
import { createSupervisor, type Supervisor } from './supervisor.js';
import type { WhatsAppSession } from './session.js';

export interface Supervisors extends Pick<RunningSessions, 'own' | 'disown' | 'stop'> {
  /** The socket of a session owned here, connected or not. */
  live: (sessionId: string) => WhatsAppSession | null;
}

export function createSupervisors(deps: SessionsDeps): Supervisors {
  const supervisors = new Map<string, Supervisor>();
  let stopped = false;
  return {
    live: (sessionId) => supervisors.get(sessionId)?.session() ?? null,
    own(fence) {
      // The lease of one taken while this process stops is given back with the others; nothing is begun for it.
      if (stopped) return;
      const { sessionId } = fence;
      const onRemoved = (): void => deps.onRemoved(sessionId);
      supervisors.set(sessionId, createSupervisor({ ...deps, onRemoved }, fence));
    },
    async disown(sessionId) {
      const supervisor = supervisors.get(sessionId);
      supervisors.delete(sessionId);
      await supervisor?.stop(false);
    },
    async stop() {
      stopped = true;
      const running = [...supervisors.values()];
      supervisors.clear();
      await Promise.all(running.map((supervisor) => supervisor.stop(true)));
    },
  };
}
