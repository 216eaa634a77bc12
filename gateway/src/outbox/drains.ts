/**
 * The drain loops of the sessions that this process owns, by session. gateway.ts connects it to cluster/ownership.
 */
import type { Fence } from '../domain/session.js';
import type { Loop } from '../lib/loop.js';
import { createDrain, type DrainDeps } from './drain.js';

export interface Drains {
  /** Starts sending for a session that this process owns. */
  own: (fence: Fence) => void;
  /** Stops it; resolves when the send in hand has ended. */
  disown: (sessionId: string) => Promise<void>;
  stop: () => Promise<void>;
}

export function createDrains(deps: DrainDeps): Drains {
  const drains = new Map<string, Loop>();
  let stopped = false;
  return {
    own(fence) {
      // The lease of one taken while this process stops is given back with the others; nothing is begun for it.
      if (!stopped) drains.set(fence.sessionId, createDrain(deps, fence));
    },
    async disown(sessionId) {
      const drain = drains.get(sessionId);
      drains.delete(sessionId);
      await drain?.stop();
    },
    async stop() {
      stopped = true;
      const running = [...drains.values()];
      drains.clear();
      await Promise.all(running.map((drain) => drain.stop()));
    },
  };
}
