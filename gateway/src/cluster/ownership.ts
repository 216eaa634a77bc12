/**
 * Which sessions this process owns: takes the free ones, renews the leases of all in one statement, and tells when one
 * is gained or lost. It knows nothing of sockets; gateway.ts connects it to whatsapp/ and outbox/.
 */
import type { Fence } from '../domain/session.js';
import type { Clock } from '../lib/clock.js';
import { createLoop, type Loop } from '../lib/loop.js';
import type { Store } from '../store/index.js';

/** A process that does not renew for this long is taken for dead. */
const LEASE_TTL_MS = 15_000;
const RENEW_MS = 4_000;
/** On the embedded database nobody else can take a session, so a lease never runs out under a busy process. */
const EMBEDDED_TTL_MS = 100 * 365 * 24 * 3_600_000;

export interface OwnershipDeps {
  store: Store;
  clock: Clock;
  /** Unique per process start. */
  owner: string;
  /** True when the database belongs to this process alone. */
  embedded: boolean;
  onTaken: (fence: Fence) => void;
  /** The lease is over: stop working for the session at once; writes are refused already. */
  onLost: (fence: Fence) => void;
  onError: (error: unknown) => void;
}

export interface Ownership {
  start(): Promise<void>;
  /** Looks for free sessions now, for example after one was created. */
  poll(): Promise<void>;
  /** The fence of a session owned here, or null. */
  fenceOf(sessionId: string): Fence | null;
  /** Forgets a session that was removed. */
  forget(sessionId: string): void;
  /** Gives all sessions away, after the work for them has ended. */
  stop(): Promise<void>;
}

/** The sessions held here, and what the database says of them. */
function createHoldings(deps: OwnershipDeps) {
  const { store, clock, owner, embedded } = deps;
  const ttlMs = embedded ? EMBEDDED_TTL_MS : LEASE_TTL_MS;
  const held = new Map<string, Fence>();
  let renewedAt = clock.now();
  let cancelWatch = (): void => undefined;

  function lose(fence: Fence): void {
    held.delete(fence.sessionId);
    deps.onLost(fence);
  }

  /** Without an answer from the database for a whole lease, others may have taken over: let go unasked. */
  function loseExpired(): void {
    if (clock.now() - renewedAt < ttlMs) return;
    for (const fence of [...held.values()]) lose(fence);
  }

  /** A timer beside the rounds, because a database that hangs lets a round neither succeed nor fail. */
  function watch(): void {
    cancelWatch();
    if (!embedded) cancelWatch = clock.schedule(loseExpired, renewedAt + ttlMs - clock.now());
  }

  return {
    held,
    loseExpired,
    endWatch: () => cancelWatch(),

    renew: async (): Promise<void> => {
      const now = clock.now();
      const renewed = await store.leases.renew({ owner, now, ttlMs });
      renewedAt = now;
      watch();
      const epochs = new Map(renewed.map((fence) => [fence.sessionId, fence.epoch]));
      for (const fence of [...held.values()]) if (epochs.get(fence.sessionId) !== fence.epoch) lose(fence);
      // Ours in the database but not here: let go of while the database was silent, or taken and the answer was lost.
      for (const fence of renewed) if (!held.has(fence.sessionId)) await store.leases.release(fence);
    },

    take: async (): Promise<void> => {
      for (const fence of await store.leases.takeFree({ owner, now: clock.now(), ttlMs })) {
        const former = held.get(fence.sessionId);
        if (former) lose(former);
        held.set(fence.sessionId, fence);
        deps.onTaken(fence);
      }
    },
  };
}

export function createOwnership(deps: OwnershipDeps): Ownership {
  const { store, clock, embedded } = deps;
  const { held, loseExpired, endWatch, renew, take } = createHoldings(deps);
  let loop: Loop | null = null;
  let polling: Promise<void> = Promise.resolve();
  let stopped = false;

  async function round(): Promise<void> {
    if (stopped) return;
    await renew();
    await take();
  }

  /** One round at a time: two at once would both see the same session as new. */
  function poll(): Promise<void> {
    const next = polling.then(round).catch((error: unknown) => {
      loseExpired();
      throw error;
    });
    polling = next.catch(() => undefined);
    return next;
  }

  return {
    async start() {
      if (embedded) await store.leases.releaseAll();
      await poll();
      loop = createLoop({
        clock,
        idleMs: RENEW_MS,
        onError: deps.onError,
        step: async () => {
          await poll();
          return RENEW_MS;
        },
      });
    },
    poll,
    fenceOf: (sessionId) => held.get(sessionId) ?? null,
    forget: (sessionId) => void held.delete(sessionId),
    async stop() {
      await loop?.stop();
      stopped = true;
      await polling;
      endWatch();
      for (const fence of held.values()) await store.leases.release(fence);
      held.clear();
    },
  };
}
