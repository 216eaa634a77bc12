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

/** Waits between the tries of one webhook delivery; together a little over three days. */
const DELIVERY_WAITS_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/**
 * Wait before the next try of a delivery that has been tried `attempts` times, or null when it is given up.
 * The schedule is the one Standard Webhooks recommends, with up to a fifth of jitter on top.
 */
export function deliveryRetryDelayMs(attempts: number, random: number): number | null {
  const wait = DELIVERY_WAITS_MS[attempts - 1];
  return wait === undefined ? null : Math.round(wait * (1 + random / 5));
}
