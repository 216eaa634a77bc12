/**
 * The books of a lane after an attempt: the attempt, the delivery, the lane and the health of the webhook.
 * The first three change in one transaction that holds only while the lane is still ours. Used by lane.ts.
 */
import { deliveryRetryDelayMs, WEBHOOK_PAUSED_AFTER_MS } from '../domain/retry.js';
import type { Clock } from '../lib/clock.js';
import type { Logger } from '../lib/logger.js';
import type { DeliveryRow } from '../store/deliveries.js';
import type { LaneClaim } from '../store/deliveryLanes.js';
import type { Nouns, Store } from '../store/index.js';
import type { WebhookRow } from '../store/webhooks.js';
import type { EventOf } from './ahead.js';
import type { AttemptResult } from './attempt.js';

/** How long a claim lasts without being prolonged: an attempt with its time limit, and room for a slow database. */
export const CLAIM_MS = 30_000;

export interface SettleDeps {
  store: Store;
  clock: Clock;
  /** From 0 to below 1. */
  random: () => number;
  log: Logger;
}

/** A lane in hand: its claim, the failures in a row that it has had, and its events. */
export interface Lane {
  claim: LaneClaim;
  failures: number;
  eventOf: EventOf;
}

/** What was tried, and how it ended. */
export interface Tried {
  lane: Lane;
  webhook: WebhookRow;
  delivery: DeliveryRow;
  result: AttemptResult;
}

const attemptRow = ({ delivery, result }: Tried) => ({
  attempt: delivery.attempts + 1,
  at: result.at,
  status: result.status,
  durationMs: result.durationMs,
  response: result.response,
  error: result.error,
});

/** Gives the lane back, due at once when something is pending in it. Needs the lane's row to be locked by `hold`. */
async function giveBack(
  tx: Nouns,
  { claim, failures }: Pick<Lane, 'claim' | 'failures'>,
  dueAt: number,
): Promise<void> {
  const head = await tx.deliveries.head(claim.webhookId, claim.sessionId);
  await tx.deliveryLanes.release(claim, { nextAttemptAt: head ? dueAt : null, failures });
}

/**
 * Writes a success down. Answers the next delivery of the lane, which is then still ours, or null when it was given
 * back: nothing is pending, `goOn` is false, or another process has taken it. It does not wait for the disk: what a crash
 * takes back is delivered once more.
 */
export async function settleSuccess(
  deps: SettleDeps,
  tried: Tried,
  goOn: boolean,
): Promise<DeliveryRow | null> {
  const { store, clock } = deps;
  const { lane, delivery } = tried;
  const { claim } = lane;
  const { value: next } = await store.transactionEarly(async (tx) => {
    if (!(await tx.deliveryLanes.hold(claim, clock.now() + CLAIM_MS))) return null;
    await tx.deliveries.recordAttempt(delivery.id, attemptRow(tried), 'delivered');
    const head = goOn ? await tx.deliveries.head(claim.webhookId, claim.sessionId) : null;
    if (!head) await giveBack(tx, { claim, failures: 0 }, clock.now());
    return head;
  });
  lane.failures = 0;
  if (tried.webhook.failingSince !== null) await noteRecovery(deps, claim.webhookId);
  return next;
}

/** Writes an attempt down and keeps the lane; false when it has been lost. */
export async function noteAttempt(
  { store, clock }: SettleDeps,
  tried: Tried,
  outcome: 'delivered' | 'failed',
): Promise<boolean> {
  return store.transaction(async (tx) => {
    if (!(await tx.deliveryLanes.hold(tried.lane.claim, clock.now() + CLAIM_MS))) return false;
    await tx.deliveries.recordAttempt(tried.delivery.id, attemptRow(tried), outcome);
    return true;
  });
}

/**
 * Writes a refusal down and gives the delivery up, since the receiver takes others. The lane goes to the end of the line.
 */
export async function settleRefusal(deps: SettleDeps, tried: Tried): Promise<void> {
  const { store, clock, log } = deps;
  const { lane, delivery } = tried;
  await store.transaction(async (tx) => {
    if (!(await tx.deliveryLanes.hold(lane.claim, clock.now() + CLAIM_MS))) return;
    await tx.deliveries.recordAttempt(delivery.id, attemptRow(tried), 'failed');
    await tx.deliveries.skip(delivery.id, clock.now());
    await giveBack(tx, { claim: lane.claim, failures: 0 }, clock.now());
  });
  const { id: deliveryId, webhookId, sessionId, seq } = delivery;
  log.warn({ deliveryId, webhookId, sessionId, seq }, 'an event that the receiver refuses was put aside');
}

/** Writes a failure down and gives the lane back until its next try. */
export async function settleFailure(deps: SettleDeps, tried: Tried): Promise<void> {
  const { store, clock, random } = deps;
  const { lane, delivery, result } = tried;
  const { claim } = lane;
  // Before the transaction: lanes are never locked while a webhook's row is waited for.
  await noteFailure(deps, tried);
  const failures = lane.failures + 1;
  const dueAt = clock.now() + deliveryRetryDelayMs(failures, random(), result.retryAfterMs);
  await store.transaction(async (tx) => {
    if (!(await tx.deliveryLanes.hold(claim, clock.now() + CLAIM_MS))) return;
    const isPending = await tx.deliveries.recordAttempt(delivery.id, attemptRow(tried), 'failed');
    // All of the lane that is past its lifetime, not the head alone: each would else wait for a probe of its own.
    await tx.deliveries.expire(claim.webhookId, claim.sessionId, clock.now());
    // What its owner has skipped meanwhile holds nobody up.
    await giveBack(tx, { claim, failures }, isPending ? dueAt : clock.now());
  });
}

/** Gives a lane back that was not tried, or whose attempt was cut off. */
export async function settleUntried({ store, clock }: SettleDeps, lane: Lane): Promise<void> {
  await store.transaction(async (tx) => {
    if (await tx.deliveryLanes.hold(lane.claim, clock.now() + CLAIM_MS))
      await giveBack(tx, lane, clock.now());
  });
}

/** The receiver is back: if it was paused, all its lanes go on now rather than at their next probe. */
async function noteRecovery({ store, clock, log }: SettleDeps, webhookId: string): Promise<void> {
  if (!(await store.webhooks.markHealthy(webhookId))) return;
  await store.deliveryLanes.hurry(webhookId, clock.now());
  log.info({ webhookId }, 'webhook enabled again after a success');
}

async function noteFailure({ store, clock, log }: SettleDeps, { webhook, result }: Tried): Promise<void> {
  const now = clock.now();
  if (result.status === 410) {
    await store.webhooks.setState(webhook.id, 'disabled', 'The receiver answered 410 Gone.');
    log.warn({ webhookId: webhook.id }, 'webhook disabled: 410 Gone');
    return;
  }
  if (webhook.failingSince === null) {
    await store.webhooks.markFailing(webhook.id, now);
    return;
  }
  if (webhook.state !== 'enabled' || now - webhook.failingSince < WEBHOOK_PAUSED_AFTER_MS) return;
  const since = new Date(webhook.failingSince).toISOString();
  const reason = `No delivery has succeeded since ${since}. ${result.error ?? ''} It is tried every few minutes and enabled at the first success.`;
  await store.webhooks.pause(webhook.id, reason);
  log.warn({ webhookId: webhook.id, failingSince: since }, 'webhook paused');
}
