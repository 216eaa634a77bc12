/**
 * Schedules of repeated tries: reconnects, sends and webhook deliveries.
 * Pure: the caller gives the attempt number and a random number from 0 to below 1.
 */

interface Backoff {
  firstMs: number;
  factor: number;
  maxMs: number;
}

/** Exponential backoff with jitter: between half and the whole of the step, so that many do not return at once. */
function backoffMs({ firstMs, factor, maxMs }: Backoff, attempt: number, random: number): number {
  const step = Math.min(maxMs, firstMs * factor ** Math.max(0, attempt - 1));
  return Math.round(step * (0.5 + random / 2));
}

/** Wait before reconnect number `attempt` (from 1) of a session: 0.5-1 s first, at most a minute. */
export const reconnectDelayMs = (attempt: number, random: number): number =>
  backoffMs({ firstMs: 1_000, factor: 2, maxMs: 60_000 }, attempt, random);

/** Wait before a send that failed for a passing reason is tried again, after `attempt` tries. */
export const sendRetryDelayMs = (attempt: number, random: number): number =>
  backoffMs({ firstMs: 2_000, factor: 2, maxMs: 120_000 }, attempt, random);

/** How often a message is handed to WhatsApp before it fails for good. */
export const MAX_SEND_ATTEMPTS = 8;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits after the first failures of a lane of deliveries. */
const DELIVERY_WAITS_MS = [SECOND, 5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE];
const DELIVERY_PROBE_MS = 5 * MINUTE;

/** A failing delivery is given up (`dead`) so long after it was due first. */
export const DELIVERY_LIFETIME_MS = 72 * HOUR;

/** A webhook that has had no success for so long, and failures, is shown as paused. */
export const WEBHOOK_PAUSED_AFTER_MS = 10 * MINUTE;

/** A receiver may ask for a longer wait (Retry-After), up to this. */
const LONGEST_RETRY_AFTER_MS = HOUR;

/** Statuses that speak of time or of the whole receiver, not of the event: the event is tried again in its place. */
const PASSING_REFUSALS = new Set([401, 408, 410, 425, 429]);

/** Whether the receiver has refused this very event, as far as its answer tells. */
export const isRefusal = (status: number | null): boolean =>
  status !== null && status >= 400 && status < 500 && !PASSING_REFUSALS.has(status);

/** Refusals in a row after which it is tested whether the receiver takes the event behind a refused one. */
export const PASS_BY_AFTER = 6;

/**
 * Wait before the head of a lane is tried again, after `failures` failures in a row (from 1), with up to a fifth of
 * jitter on top. Deliveries are in order, so all of a lane waits with its head: the long steps that Standard Webhooks
 * recommends for single deliveries would hold a session's events for hours after the receiver is back. Hence a few
 * short steps, and then a probe every five to six minutes until the head's lifetime ends.
 */
export function deliveryRetryDelayMs(
  failures: number,
  random: number,
  retryAfterMs: number | null = null,
): number {
  const wait = DELIVERY_WAITS_MS[Math.max(1, failures) - 1] ?? DELIVERY_PROBE_MS;
  return Math.max(Math.round(wait * (1 + random / 5)), Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS));
}
