/**
 * Delivers events to webhooks: finds the lanes (one per webhook and session) that are due, claims them, and runs them
 * beside one another within the limits of `slots`. Started and stopped by gateway.ts, woken by the publisher.
 * Everything it knows is in the database: after a crash the delivery in hand is made again under the same webhook-id.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { createLoop, type Loop } from '../lib/loop.js';
import type { DueLane } from '../store/deliveryLanes.js';
import { readAhead } from './ahead.js';
import { runLane, type LaneDeps } from './lane.js';
import { CLAIM_MS } from './settle.js';
import { createSlots, type Slot, type SlotLimits, type Slots } from './slots.js';

export interface Dispatcher {
  start(): Promise<void>;
  /** Looks for due lanes now; cheap to call often. */
  wake(): void;
  /** Takes no more lanes, waits some seconds for the attempts in flight, then cuts them off and gives all lanes back. */
  stop(): Promise<void>;
}

export interface DispatcherDeps extends Omit<LaneDeps, 'isStopping' | 'abort'> {
  limits?: SlotLimits;
}

/** Events of other processes on the same database are seen after this time at the latest. */
const IDLE_MS = 1_000;
/** When all quick slots are taken, some of them turn out slow after a moment. */
const SLOTS_FULL_MS = 250;
const DRAIN_MS = 5_000;
const PAGE = 64;

/** The lanes in hand. `onEnd` hears of each that has been given back. */
function createRunners(deps: LaneDeps, slots: Slots, onEnd: () => void) {
  const { store, clock, log } = deps;
  const running = new Set<Promise<void>>();

  function run(lane: DueLane, token: string, slot: Slot): void {
    const { webhookId, sessionId, failures } = lane;
    const claimed = { claim: { webhookId, sessionId, token }, failures, eventOf: readAhead(store) };
    const done = runLane(deps, claimed, slot)
      .catch((error: unknown) => {
        log.error({ err: error, webhookId, sessionId }, 'a lane of deliveries stopped; it is taken up again');
      })
      .finally(() => {
        slot.release();
        running.delete(done);
        onEnd();
      });
    running.add(done);
  }

  return {
    /** Claims and starts a lane; false when its webhook has no slot left. */
    async begin(lane: DueLane): Promise<boolean> {
      const slot = slots.take({ id: lane.webhookId, failing: lane.failures > 0 });
      if (!slot) return false;
      const token = randomUUID();
      const now = clock.now();
      const claimed = store.transactionEarly((tx) =>
        tx.deliveryLanes.claim({ ...lane, token }, now, now + CLAIM_MS),
      );
      const { value: ours } = await claimed.catch((error: unknown) => {
        slot.release();
        throw error;
      });
      if (ours) run(lane, token, slot);
      else slot.release();
      return true;
    },
    async allEnded(): Promise<void> {
      await Promise.all(running);
    },
  };
}

export function createDispatcher({ limits, ...deps }: DispatcherDeps): Dispatcher {
  const { store, clock, log } = deps;
  const slots = createSlots({ clock, ...(limits ? { limits } : {}) });
  const abort = new AbortController();
  // One listener per attempt in flight is no leak, which is what Node takes more than ten for.
  setMaxListeners(0, abort.signal);
  let stopping = false;
  let loop: Loop | null = null;
  const runners = createRunners({ ...deps, isStopping: () => stopping, abort: abort.signal }, slots, () =>
    loop?.wake(),
  );

  /** Starts all lanes that are due and have a slot; answers how long there is nothing to do. */
  async function step(signal: AbortSignal): Promise<number> {
    const refused = new Set<string>();
    // The time of the last look: what has fallen due since is not to be taken for what waits for a slot.
    let now = clock.now();
    while (slots.hasQuick() && !signal.aborted) {
      const exceptWebhookIds = [...new Set([...slots.saturated(), ...refused])];
      now = clock.now();
      const due = await store.deliveryLanes.due({ now, limit: PAGE, exceptWebhookIds });
      if (due.length === 0) break;
      for (const lane of due) {
        if (!(await runners.begin(lane))) refused.add(lane.webhookId);
      }
    }
    if (!slots.hasQuick()) return SLOTS_FULL_MS;
    const nextDueAt = await store.deliveryLanes.nextDueAt(now);
    return nextDueAt === null ? IDLE_MS : Math.max(1, nextDueAt - clock.now());
  }

  return {
    async start() {
      await store.deliveryLanes.releaseAll();
      loop = createLoop({
        clock,
        step,
        idleMs: IDLE_MS,
        onError: (error) => log.error({ err: error }, 'looking for due deliveries failed; it is repeated'),
      });
    },
    wake() {
      loop?.wake();
    },
    async stop() {
      stopping = true;
      await loop?.stop();
      const cancel = clock.schedule(() => {
        abort.abort();
      }, DRAIN_MS);
      await runners.allEnded();
      cancel();
    },
  };
}
