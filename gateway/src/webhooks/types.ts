/**
 * What the rest of the gateway asks of events and webhooks. Implemented in this folder; outbox/ and whatsapp/ declare
 * the publisher they need themselves (`EventPublisher` in their own files), http/ and gateway.ts import these.
 * Times are milliseconds since 1970; the wire shapes (ISO 8601) are in http/schemas.
 */
import type { Caller } from '../domain/apiKey.js';
import type { EventType, NewEvent, StoredEvent, WebhookFilter } from '../domain/event.js';
import type { Nouns } from '../store/index.js';

export interface Publisher {
  /**
   * Appends the event and one delivery per webhook that wants it, inside the caller's transaction.
   * Null: an event with its dedupe key exists. Call `committed` after the transaction, so that delivery starts.
   */
  publish(tx: Nouns, event: NewEvent): Promise<StoredEvent | null>;
  committed(): void;
}

/**
 * `enabled`: delivered to. `paused`: it has been failing for a while; still probed, and enabled at the first success.
 * `disabled`: by its owner or because the receiver answered 410; nothing is sent or collected until it is enabled.
 */
export type WebhookState = 'enabled' | 'paused' | 'disabled';

export interface WebhookInput {
  url: string;
  /** Event types, or `*` for all. */
  events: string[];
  /** Empty: every session that the caller's key covers. */
  sessionIds: string[];
  filter: WebhookFilter | null;
  headers: Record<string, string>;
  description: string | null;
}

/** Only what is given changes. */
export interface WebhookPatch {
  url?: string | undefined;
  events?: string[] | undefined;
  sessionIds?: string[] | undefined;
  filter?: WebhookFilter | null | undefined;
  headers?: Record<string, string> | undefined;
  description?: string | null | undefined;
  enabled?: boolean | undefined;
}

export interface Webhook extends WebhookInput {
  id: string;
  state: WebhookState;
  /** Why it is paused or disabled, in a sentence; null while enabled. */
  stateReason: string | null;
  /** First failure since the last success; null while deliveries succeed. */
  failingSince: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface CreatedWebhook {
  webhook: Webhook;
  /** `whsec_...`, given only when the webhook is new; it is never shown again. */
  secret: string | null;
  /** True: new, answer 201. False: the same url, events and sessions existed; it is enabled again, answer 200. */
  created: boolean;
}

export interface RotatedSecret {
  webhook: Webhook;
  secret: string;
  /** Until then deliveries carry a signature of the old secret too. */
  previousSecretExpiresAt: number;
}

/** `dead`: given up after three days of failures; kept, and can be redelivered. */
export const DELIVERY_STATES = ['pending', 'delivered', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface DeliveryAttempt {
  /** From 1. */
  attempt: number;
  at: number;
  /** HTTP status; null when no answer came. */
  status: number | null;
  durationMs: number;
  /** First bytes of the answer's body, at most 1,024, as text. */
  response: string | null;
  /** Why it failed, in words; null for a success. */
  error: string | null;
}

export interface Delivery {
  id: string;
  webhookId: string;
  sessionId: string;
  eventId: string;
  eventType: EventType;
  seq: number;
  state: DeliveryState;
  /** How often it was tried. */
  attemptCount: number;
  /** When its line is tried next; null when it is not pending. Deliveries of one session wait for those before them. */
  nextAttemptAt: number | null;
  createdAt: number;
  finishedAt: number | null;
  /** The newest attempts, at most 20, oldest first. */
  attempts: DeliveryAttempt[];
}

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

export interface DeliveryQuery {
  state?: DeliveryState | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Exactly one of `afterSeq` and `since`. */
export interface ReplayRequest {
  /** Only this session; without it `afterSeq` is counted in each session of the webhook. */
  sessionId?: string | undefined;
  afterSeq?: number | undefined;
  /** Milliseconds since 1970. */
  since?: number | undefined;
}

/**
 * The operations on webhooks. A caller whose key is limited to sessions sees and touches only webhooks that are wholly
 * within them; all others are `webhook_not_found` to it.
 */
export interface Webhooks {
  /** @throws GatewayError invalid_request, target_not_allowed, forbidden */
  create(caller: Caller, input: WebhookInput): Promise<CreatedWebhook>;
  /** Oldest first. */
  list(caller: Caller, page: { limit: number; cursor?: string | undefined }): Promise<Page<Webhook>>;
  /** @throws GatewayError webhook_not_found, as do all below that take a webhook's id */
  get(caller: Caller, id: string): Promise<Webhook>;
  /** @throws GatewayError invalid_request, target_not_allowed, forbidden, invalid_state when another webhook is the same */
  patch(caller: Caller, id: string, patch: WebhookPatch): Promise<Webhook>;
  /** Removes it with its deliveries. */
  remove(caller: Caller, id: string): Promise<void>;
  /** Sends a `webhook.test` event to this webhook only, past its queue. @throws GatewayError invalid_state when disabled */
  test(caller: Caller, id: string): Promise<Delivery>;
  /** The old secret signs too for `graceSeconds` (default a day). */
  rotateSecret(
    caller: Caller,
    id: string,
    options?: { graceSeconds?: number | undefined },
  ): Promise<RotatedSecret>;
  /** Newest first. */
  deliveries(caller: Caller, id: string, query: DeliveryQuery): Promise<Page<Delivery>>;
  /** Sends one again, delivered or dead; a waiting one is tried now. @throws GatewayError delivery_not_found, invalid_state */
  redeliver(caller: Caller, deliveryId: string): Promise<Delivery>;
  /** Gives up a waiting one, so that those behind it go on; it can be redelivered. @throws GatewayError as above */
  skip(caller: Caller, deliveryId: string): Promise<Delivery>;
  /** Sends events of the log that the webhook wants (again), in order. @throws GatewayError invalid_request, invalid_state */
  replay(caller: Caller, id: string, request: ReplayRequest): Promise<{ queued: number }>;
}

export interface EventListRequest {
  sessionId?: string | undefined;
  /** Empty: every type. */
  types: string[];
  /** Events after this number; across sessions it is counted in each of them. */
  afterSeq?: number | undefined;
  /** `nextCursor` of the page before; for reading across sessions. */
  cursor?: string | undefined;
  limit: number;
  /** Wait so long for an event when there is none; 0: answer at once. */
  waitMs: number;
  /** Ends the wait when the client has gone. */
  signal?: AbortSignal | undefined;
}

export interface FollowRequest {
  sessionId?: string | undefined;
  types: string[];
  /** Id of the last event the client has seen (`Last-Event-ID`); absent: only what happens from now on. */
  lastEventId?: string | undefined;
  signal: AbortSignal;
}

/** Reading the event log. */
export interface Events {
  /**
   * Oldest first; `nextCursor` is null only for an empty page without a cursor, so a reader can always go on from it.
   * @throws GatewayError invalid_request, forbidden
   */
  list(caller: Caller, request: EventListRequest): Promise<Page<StoredEvent>>;
  /**
   * Events as they are stored, until `signal` is aborted. In order per session; after a resume across several sessions
   * a few seconds of events may come again, each with its id.
   * @throws GatewayError forbidden at the first step
   */
  follow(caller: Caller, request: FollowRequest): AsyncIterable<StoredEvent>;
  /** Looks now: events were committed. */
  wake(): void;
}
