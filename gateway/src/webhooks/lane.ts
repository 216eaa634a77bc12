/**
 * The run of one claimed lane: its pending deliveries one after another, each tried and settled before the next, until
 * none is left, one fails, or it is another lane's turn. Used by the dispatcher.
 */
import { toEnvelope, type StoredEvent } from '../domain/event.js';
import type { GuardedFetch } from '../net/guardedFetch.js';
import type { DeliveryRow } from '../store/deliveries.js';
import type { WebhookRow } from '../store/webhooks.js';
import { attemptDelivery, type AttemptRequest } from './attempt.js';
import { settleFailure, settleSuccess, settleUntried, type Lane, type SettleDeps } from './settle.js';
import { signatureHeaders } from './signature.js';
import type { Slot } from './slots.js';

/** Deliveries in a row before the lane goes to the end of the line, so that a long backlog lets others through. */
const TURN = 50;

export interface LaneDeps extends SettleDeps {
  fetch: GuardedFetch['fetch'];
  /** For the User-Agent header. */
  version: string;
  /** True: finish the attempt in hand, start no other. */
  isStopping: () => boolean;
  /** Aborted: do not even finish the attempt. */
  abort: AbortSignal;
}

interface Work {
  webhook: WebhookRow;
  delivery: DeliveryRow;
  event: StoredEvent;
}

/** Reads what the delivery needs, anew for each, since its owner may have changed it; null when it is not to be sent. */
async function load({ store, clock }: LaneDeps, delivery: DeliveryRow): Promise<Work | null> {
  const webhook = await store.webhooks.find(delivery.webhookId);
  if (!webhook || webhook.state === 'disabled') return null;
  const event = await store.events.find(delivery.sessionId, delivery.seq);
  if (event) return { webhook, delivery, event };
  await store.deliveries.bury(delivery.id, clock.now());
  return null;
}

async function toRequest(deps: LaneDeps, { webhook, event }: Work): Promise<AttemptRequest | null> {
  const secrets = await deps.store.webhooks.secrets(webhook.id);
  if (!secrets) return null;
  const body = JSON.stringify(toEnvelope(event));
  return {
    url: webhook.url,
    body,
    headers: {
      'user-agent': `Sluice/${deps.version}`,
      ...webhook.headers,
      'content-type': 'application/json',
      ...signatureHeaders(secrets, { id: event.id, at: deps.clock.now(), body }),
    },
  };
}

/** One delivery of the lane. Answers the next, or null when the lane has been given back. */
async function deliver(
  deps: LaneDeps,
  run: { lane: Lane; slot: Slot; last: boolean },
  work: Work,
): Promise<DeliveryRow | null> {
  const { lane, slot, last } = run;
  const request = await toRequest(deps, work);
  if (!request) {
    await settleUntried(deps, lane);
    return null;
  }
  const { store, clock, fetch, abort, log } = deps;
  // A receiver must not be told what a power cut would undo.
  await store.durable();
  const result = await attemptDelivery({ clock, fetch, signal: abort }, request);
  if (abort.aborted && result.status === null) {
    await settleUntried(deps, lane);
    return null;
  }
  const failed = result.error !== null;
  slot.ended({ failed });
  const { webhook, delivery } = work;
  log.debug(
    {
      webhookId: webhook.id,
      deliveryId: delivery.id,
      sessionId: delivery.sessionId,
      seq: delivery.seq,
      attempt: delivery.attempts + 1,
      status: result.status,
      durationMs: result.durationMs,
      error: result.error,
    },
    'delivery attempted',
  );
  const tried = { lane, webhook, delivery, result };
  if (!failed) return await settleSuccess(deps, tried, !last && !deps.isStopping());
  await settleFailure(deps, tried);
  return null;
}

/** Runs the lane until it is given back. Throws only when the database does; the claim then ends by its time. */
export async function runLane(deps: LaneDeps, lane: Lane, slot: Slot): Promise<void> {
  const { webhookId, sessionId } = lane.claim;
  let delivery = await deps.store.deliveries.head(webhookId, sessionId);
  for (let count = 1; delivery !== null && !deps.isStopping(); count += 1) {
    const work = await load(deps, delivery);
    if (!work) break;
    delivery = await deliver(deps, { lane, slot, last: count === TURN }, work);
    if (delivery === null) return;
  }
  await settleUntried(deps, lane);
}
