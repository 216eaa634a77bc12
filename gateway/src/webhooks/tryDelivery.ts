/**
 * One delivery made: its webhook is read anew, since its owner may have changed it, and its event is signed and posted. It
 * settles nothing. Used by lane.ts and passBy.ts.
 */
import { toEnvelope, type StoredEvent } from '../domain/event.js';
import type { GuardedFetch } from '../net/guardedFetch.js';
import type { DeliveryRow } from '../store/deliveries.js';
import type { WebhookRow } from '../store/webhooks.js';
import { attemptDelivery, type AttemptRequest } from './attempt.js';
import type { Lane, SettleDeps, Tried } from './settle.js';
import { signatureHeaders } from './signature.js';
import type { Slot } from './slots.js';

export interface TryDeps extends SettleDeps {
  post: GuardedFetch['post'];
  /** For the User-Agent header. */
  version: string;
  /** Aborted: do not even finish the attempt. */
  abort: AbortSignal;
}

interface Work {
  webhook: WebhookRow;
  delivery: DeliveryRow;
  event: StoredEvent;
}

/** What the delivery needs; null when it is not to be sent. */
async function load({ store, clock }: TryDeps, lane: Lane, delivery: DeliveryRow): Promise<Work | null> {
  const webhook = await store.webhooks.find(delivery.webhookId);
  if (!webhook || webhook.state === 'disabled') return null;
  const event = await lane.eventOf(delivery);
  if (event) return { webhook, delivery, event };
  await store.deliveries.bury(delivery.id, clock.now());
  return null;
}

async function toRequest(deps: TryDeps, { webhook, event }: Work): Promise<AttemptRequest | null> {
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

/** Makes one delivery of the lane. Null: it was not tried, or cut off, and the lane is to be given back. */
export async function tryDelivery(
  deps: TryDeps,
  { lane, slot }: { lane: Lane; slot: Slot },
  delivery: DeliveryRow,
): Promise<Tried | null> {
  const work = await load(deps, lane, delivery);
  const request = work && (await toRequest(deps, work));
  if (!work || !request) return null;
  const { clock, post, abort, log } = deps;
  const result = await attemptDelivery({ clock, post, signal: abort }, request);
  if (abort.aborted && result.status === null) return null;
  slot.ended({ failed: result.error !== null });
  log.debug(
    {
      webhookId: work.webhook.id,
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
  return { lane, webhook: work.webhook, delivery, result };
}
