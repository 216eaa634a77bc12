/**
 * How many deliveries run at once. Attempts that are quick share one set of slots, and those that have taken longer than
 * a moment are counted apart, so that receivers which are slow or dead never hold the slots of the others.
 * Pure but for its memory; used by the dispatcher alone.
 */
import type { Clock } from '../lib/clock.js';

export interface Slot {
  /** An attempt ended: whether it was slow is remembered until the next one, and the slot's time starts again. */
  ended(outcome: { failed: boolean }): void;
  release(): void;
}

export interface Slots {
  /** A slot for a lane of the webhook, or null when there is none for it now. */
  take(webhook: { id: string; failing: boolean }): Slot | null;
  /** Webhooks that can have no further slot now. */
  saturated(): string[];
  /** Whether a webhook that is not slow can have a slot. */
  hasQuick(): boolean;
}

export interface SlotLimits {
  quick: number;
  slow: number;
  perWebhook: number;
  /** An attempt that runs for longer is slow. */
  slowAfterMs: number;
}

const DEFAULT_LIMITS: SlotLimits = { quick: 64, slow: 192, perWebhook: 8, slowAfterMs: 1_000 };

interface Running {
  webhookId: string;
  since: number;
  knownSlow: boolean;
}

export function createSlots({
  clock,
  limits = DEFAULT_LIMITS,
}: {
  clock: Clock;
  limits?: SlotLimits;
}): Slots {
  const running = new Set<Running>();
  const slowWebhooks = new Set<string>();

  const isSlow = (one: Running): boolean => one.knownSlow || clock.now() - one.since >= limits.slowAfterMs;
  const countOf = (webhookId: string): number =>
    [...running].filter((one) => one.webhookId === webhookId).length;

  const slowCount = (): number => [...running].filter(isSlow).length;
  const hasQuick = (): boolean => running.size - slowCount() < limits.quick;

  function note(one: Running, failed: boolean): void {
    if (failed || clock.now() - one.since >= limits.slowAfterMs) slowWebhooks.add(one.webhookId);
    else slowWebhooks.delete(one.webhookId);
  }

  return {
    take({ id, failing }) {
      if (failing) slowWebhooks.add(id);
      const knownSlow = slowWebhooks.has(id);
      const full = knownSlow ? slowCount() >= limits.slow : !hasQuick();
      if (full || countOf(id) >= limits.perWebhook) return null;
      const one: Running = { webhookId: id, since: clock.now(), knownSlow };
      running.add(one);
      return {
        ended({ failed }) {
          note(one, failed);
          one.since = clock.now();
          one.knownSlow = slowWebhooks.has(id);
        },
        release() {
          running.delete(one);
        },
      };
    },
    saturated() {
      const ids = new Set([...running].map((one) => one.webhookId));
      const full = [...ids].filter((id) => countOf(id) >= limits.perWebhook);
      const slowFull = slowCount() >= limits.slow;
      return [...new Set([...full, ...(slowFull ? slowWebhooks : [])])];
    },
    hasQuick,
  };
}
