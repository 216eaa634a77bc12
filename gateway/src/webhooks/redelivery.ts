/**
 * Deliveries as a webhook's owner sees them, and what makes them happen on request: a test, one again, or a part of the
 * log again. It only writes rows; the dispatcher sends.
 */
import type { Caller } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import { wantsEvent, type StoredEvent } from '../domain/event.js';
import { DELIVERY_LIFETIME_MS } from '../domain/retry.js';
import type { DeliveryRow } from '../store/deliveries.js';
import type { Store } from '../store/index.js';
import type { WebhookRow } from '../store/webhooks.js';
import { canSee, findVisible, mustBeEnabled, sessionsWithin } from './access.js';
import { createTextMatcher } from './textFilter.js';
import type { Delivery, ReplayRequest, Webhooks } from './types.js';
import type { WebhooksDeps } from './webhooks.js';

type Redelivery = Pick<Webhooks, 'test' | 'deliveries' | 'redeliver' | 'skip' | 'replay'>;
type Deps = Pick<WebhooksDeps, 'store' | 'clock' | 'wake'>;

const ATTEMPTS_SHOWN = 20;
const REPLAY_PAGE = 500;

async function toDelivery(store: Store, row: DeliveryRow, nextAttemptAt: number | null): Promise<Delivery> {
  const { id, webhookId, sessionId, eventId, eventType, seq, state, attempts, createdAt, finishedAt } = row;
  return {
    id,
    webhookId,
    sessionId,
    eventId,
    eventType,
    seq,
    state,
    createdAt,
    finishedAt,
    attemptCount: attempts,
    nextAttemptAt: state === 'pending' ? nextAttemptAt : null,
    attempts: attempts === 0 ? [] : await store.deliveries.attempts(id, ATTEMPTS_SHOWN),
  };
}

/** @throws GatewayError delivery_not_found */
async function readDelivery(store: Store, row: DeliveryRow | null): Promise<Delivery> {
  if (!row) throw gatewayError('delivery_not_found');
  const lanes = await store.deliveryLanes.nextAttempts(row.webhookId);
  return await toDelivery(store, row, lanes.get(row.sessionId) ?? null);
}

async function test({ store, clock, wake }: Deps, caller: Caller, id: string): Promise<Delivery> {
  mustBeEnabled(await findVisible(store, caller, id));
  const now = clock.now();
  const event = await store.transaction(async (tx) => {
    // The webhook's own id stands for the session: the test has a log and a lane of its own, so it takes no number of a
    // session's, waits behind no other event, and nobody else sees it.
    const data = { message: 'This is a test of the webhook.' };
    const appended = await tx.events.append({ type: 'webhook.test', sessionId: id, data }, now);
    if (!appended) throw new Error('an event without a dedupe key was refused');
    // Tried once: a test that arrives hours later is no test.
    await tx.deliveries.add({ webhookIds: [id], events: [appended], now, expiresAt: now });
    await tx.deliveryLanes.open([id], id, now);
    await tx.deliveryLanes.hurry(id, now, id);
    return appended;
  });
  wake();
  return await readDelivery(store, await store.deliveries.findByEvent(id, event));
}

/** @throws GatewayError delivery_not_found */
async function findDelivery(
  store: Store,
  caller: Caller,
  id: string,
): Promise<{ row: DeliveryRow; webhook: WebhookRow }> {
  const row = await store.deliveries.find(id);
  const webhook = row && (await store.webhooks.find(row.webhookId));
  if (!row || !webhook || !canSee(caller, webhook)) throw gatewayError('delivery_not_found');
  return { row, webhook };
}

async function redeliver(
  { store, clock, wake }: Deps,
  caller: Caller,
  deliveryId: string,
): Promise<Delivery> {
  const { row, webhook } = await findDelivery(store, caller, deliveryId);
  mustBeEnabled(webhook);
  const now = clock.now();
  await store.transaction(async (tx) => {
    // The lane first, as whoever settles does it: two that lock in another order would wait for each other.
    await tx.deliveryLanes.open([webhook.id], row.sessionId, now);
    await tx.deliveryLanes.hurry(webhook.id, now, row.sessionId);
    await tx.deliveries.reopen(row.id, now + DELIVERY_LIFETIME_MS);
  });
  wake();
  return await readDelivery(store, await store.deliveries.find(deliveryId));
}

/** Gives up a waiting delivery, so that those behind it go on. */
async function skip({ store, clock, wake }: Deps, caller: Caller, deliveryId: string): Promise<Delivery> {
  const { row, webhook } = await findDelivery(store, caller, deliveryId);
  const now = clock.now();
  const isSkipped = await store.transaction(async (tx) => {
    await tx.deliveryLanes.hurry(webhook.id, now, row.sessionId);
    return tx.deliveries.skip(row.id, now);
  });
  if (!isSkipped) throw gatewayError('invalid_state', `The delivery is not waiting: it is ${row.state}.`);
  wake();
  return await readDelivery(store, await store.deliveries.find(deliveryId));
}

async function* pagesOfSession(
  store: Store,
  { sessionId, types, afterSeq: first }: { sessionId: string; types: string[]; afterSeq: number },
): AsyncGenerator<StoredEvent[]> {
  let afterSeq = first;
  for (;;) {
    const page = await store.events.listSession({ sessionId, types, afterSeq, limit: REPLAY_PAGE });
    const last = page.at(-1);
    if (!last) return;
    yield page;
    afterSeq = last.seq;
  }
}

async function* pagesByTime(
  store: Store,
  scope: { sessionIds: string[]; types: string[]; afterSeq: number | undefined },
  since: number,
): AsyncGenerator<StoredEvent[]> {
  let after = { at: since, id: '' };
  for (;;) {
    const page = await store.events.list({ ...scope, after, limit: REPLAY_PAGE });
    const last = page.at(-1);
    if (!last) return;
    yield page;
    after = { at: last.at, id: last.id };
  }
}

/** The events asked for, page by page in their order; `afterSeq` is counted in each session. */
async function* pages(
  store: Store,
  webhook: WebhookRow,
  request: ReplayRequest,
): AsyncGenerator<StoredEvent[]> {
  const types = webhook.events.includes('*') ? [] : webhook.events;
  const sessionIds = request.sessionId === undefined ? webhook.sessionIds : [request.sessionId];
  const [sessionId] = sessionIds;
  const { since, afterSeq } = request;
  if (sessionId !== undefined && sessionIds.length === 1 && afterSeq !== undefined)
    yield* pagesOfSession(store, { sessionId, types, afterSeq });
  else yield* pagesByTime(store, { sessionIds, types, afterSeq }, since ?? 0);
}

interface Replay {
  caller: Caller;
  id: string;
  request: ReplayRequest;
}

async function replay(
  { store, clock, wake }: Deps,
  { caller, id, request }: Replay,
): Promise<{ queued: number }> {
  const webhook = await findVisible(store, caller, id);
  mustBeEnabled(webhook);
  if ((request.afterSeq === undefined) === (request.since === undefined)) {
    throw gatewayError('invalid_request', 'Give either afterSeq or since.');
  }
  if (request.sessionId !== undefined) sessionsWithin(webhook, [request.sessionId]);
  const matches = createTextMatcher(() => undefined);
  let queued = 0;
  for await (const page of pages(store, webhook, request)) {
    const events = page.filter(
      (event) => event.type !== 'webhook.test' && wantsEvent(webhook, event, matches),
    );
    const now = clock.now();
    await store.transaction(async (tx) => {
      await tx.deliveries.add({ webhookIds: [id], events, now, expiresAt: now + DELIVERY_LIFETIME_MS });
      for (const sessionId of new Set(events.map((event) => event.sessionId))) {
        await tx.deliveryLanes.open([id], sessionId, now);
      }
    });
    queued += events.length;
    wake();
  }
  return { queued };
}

export function createRedelivery(deps: Deps): Redelivery {
  const { store } = deps;
  return {
    test: (caller, id) => test(deps, caller, id),
    redeliver: (caller, deliveryId) => redeliver(deps, caller, deliveryId),
    skip: (caller, deliveryId) => skip(deps, caller, deliveryId),
    replay: (caller, id, request) => replay(deps, { caller, id, request }),

    async deliveries(caller, id, { state, limit, cursor }) {
      await findVisible(store, caller, id);
      const rows = await store.deliveries.list({ webhookId: id, state, limit: limit + 1, before: cursor });
      const lanes = await store.deliveryLanes.nextAttempts(id);
      const shown = rows.slice(0, limit);
      const data = await Promise.all(
        shown.map((row) => toDelivery(store, row, lanes.get(row.sessionId) ?? null)),
      );
      return { data, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
    },
  };
}
