/**
 * Webhooks, deliveries and events on the wire. Used by routes/webhooks, routes/deliveries and routes/events.
 */
import { z } from 'zod';
import { EVENT_TYPES } from '../../domain/event.js';
import { DELIVERY_STATES, type Delivery, type Webhook } from '../../webhooks/types.js';
import {
  anyId,
  givenTime,
  idCursor,
  jsonValue,
  pageFields,
  pageOf,
  queryNumber,
  seconds,
  sessionId,
  time,
  toNullableTime,
  toTime,
} from './common.js';

const eventType = z.enum([...EVENT_TYPES, '*']);

const filter = z.strictObject({
  chatKind: z.enum(['direct', 'group']).optional(),
  from: z.string().min(1).max(100).optional().meta({ description: 'Phone number or JID of the sender' }),
  textMatches: z.string().min(1).max(500).optional().meta({ description: 'Regular expression' }),
});

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const headers = z
  .record(
    z.string().regex(HEADER_NAME, 'is not a header name'),
    z.string().regex(/^[\x20-\x7e]{0,1000}$/, 'has characters that no header may have'),
  )
  .refine((value) => Object.keys(value).length <= 20, 'must not be more than 20')
  .meta({ description: 'Sent with every delivery, for example for the receiver to know it by' });

const fields = {
  url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).max(2_048),
  events: z.array(eventType).min(1).max(50).meta({ description: 'Event types, or `*` for all' }),
  sessionIds: z.array(sessionId).max(1_000).meta({ description: "Empty: every session of the caller's key" }),
  filter: filter.nullable().meta({ description: 'Speaks of message.received only' }),
  headers,
  description: z.string().max(500).nullable(),
};

export const newWebhook = z
  .strictObject({
    url: fields.url,
    events: fields.events,
    sessionIds: fields.sessionIds.default([]),
    filter: fields.filter.default(null),
    headers: fields.headers.default({}),
    description: fields.description.default(null),
  })
  .meta({ id: 'NewWebhook' });

export const webhookPatch = z
  .strictObject({ ...fields, enabled: z.boolean() })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'must name something to change')
  .meta({ id: 'WebhookPatch' });

const webhookFields = {
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  sessionIds: z.array(z.string()),
  filter: filter.nullable(),
  headers: z.record(z.string(), z.string()),
  description: z.string().nullable(),
  state: z.enum(['enabled', 'paused', 'disabled']),
  stateReason: z.string().nullable(),
  failingSince: time.nullable(),
  createdAt: time,
  updatedAt: time,
};
export const webhook = z.strictObject(webhookFields).meta({ id: 'Webhook' });
export const webhookPage = pageOf(webhook);

const secret = z.string().meta({ description: '`whsec_...`; it is not shown again' });
export const createdWebhook = z.strictObject({ ...webhookFields, secret }).meta({ id: 'CreatedWebhook' });
export const rotatedWebhook = z
  .strictObject({ ...webhookFields, secret, previousSecretExpiresAt: time })
  .meta({ id: 'RotatedWebhook' });

const DAY_SECONDS = 24 * 60 * 60;
export const secretRotation = z
  .strictObject({
    graceSeconds: z
      .int()
      .min(0)
      .max(7 * DAY_SECONDS)
      .optional(),
  })
  .meta({ id: 'SecretRotation' });

export const replay = z
  .strictObject({
    sessionId: sessionId.optional(),
    afterSeq: z.int().min(0).optional(),
    since: givenTime.optional(),
  })
  .refine(
    ({ afterSeq, since }) => (afterSeq === undefined) !== (since === undefined),
    'needs either afterSeq or since',
  )
  .meta({ id: 'Replay' });
export const replayed = z.strictObject({ queued: z.int() }).meta({ id: 'Replayed' });

export const deliveryQuery = z.strictObject({
  state: z.enum(DELIVERY_STATES).optional(),
  ...pageFields(idCursor('dlv')),
});
const attempt = z.strictObject({
  attempt: z.int(),
  at: time,
  status: z.int().nullable(),
  durationMs: z.int(),
  response: z.string().nullable(),
  error: z.string().nullable(),
});
export const delivery = z
  .strictObject({
    id: z.string(),
    webhookId: z.string(),
    sessionId: z.string(),
    eventId: z.string(),
    eventType: z.enum(EVENT_TYPES),
    seq: z.int(),
    state: z.enum(DELIVERY_STATES),
    attemptCount: z.int(),
    nextAttemptAt: time.nullable(),
    createdAt: time,
    finishedAt: time.nullable(),
    attempts: z.array(attempt),
  })
  .meta({ id: 'Delivery' });
export const deliveryPage = pageOf(delivery);

/** Comma-separated event types, or the parameter repeated; `*` and nothing mean all, as the empty list. */
const typeList = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((text) => text.split(',').map((part) => part.trim())))
  .transform((parts) => parts.filter((part) => part !== ''))
  .pipe(z.array(eventType))
  .transform((types) => types.flatMap((type) => (type === '*' ? [] : [type])))
  .optional()
  .meta({ override: { type: 'string' }, description: 'Comma-separated event types' });

export const eventQuery = z.strictObject({
  sessionId: sessionId.optional(),
  types: typeList,
  afterSeq: queryNumber(0, 999_999_999_999).optional(),
  // webhooks/cursor reads it, and refuses what is none.
  ...pageFields(/^.{1,512}$/),
  waitSeconds: seconds(0).meta({ description: 'Wait so long when there is none yet' }),
});
export const streamQuery = z.strictObject({ sessionId: sessionId.optional(), types: typeList });
export const streamHeaders = z.object({ 'last-event-id': anyId.optional() });

const event = z
  .strictObject({
    id: z.string(),
    seq: z.int().meta({ description: 'Grows by one per session, without gaps' }),
    type: z.enum(EVENT_TYPES),
    timestamp: time,
    sessionId: z.string(),
    data: z.record(z.string(), jsonValue),
  })
  .meta({ id: 'Event' });
export const eventPage = pageOf(event);

export const toWebhook = (row: Webhook): z.output<typeof webhook> => ({
  id: row.id,
  url: row.url,
  events: row.events,
  sessionIds: row.sessionIds,
  filter: row.filter,
  headers: row.headers,
  description: row.description,
  state: row.state,
  stateReason: row.stateReason,
  failingSince: toNullableTime(row.failingSince),
  createdAt: toTime(row.createdAt),
  updatedAt: toTime(row.updatedAt),
});

export const toDelivery = (row: Delivery): z.output<typeof delivery> => ({
  ...row,
  nextAttemptAt: toNullableTime(row.nextAttemptAt),
  createdAt: toTime(row.createdAt),
  finishedAt: toNullableTime(row.finishedAt),
  attempts: row.attempts.map((tried) => ({ ...tried, at: toTime(tried.at) })),
});
