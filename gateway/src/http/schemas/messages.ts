/**
 * Messages and uploaded media on the wire. Used by routes/messages and routes/media.
 * Lists only what is built: a field or type that does nothing yet is refused by name rather than ignored.
 */
import { z } from 'zod';
import { MESSAGE_STATUSES, type Message } from '../../domain/message.js';
import {
  anyId,
  givenTime,
  pageFields,
  pageOf,
  seconds,
  sessionId,
  time,
  toNullableTime,
  toTime,
} from './common.js';
import { hold, toHold } from './sessions.js';

const SUPPORTED_TYPES = ['text', 'image'] as const;
const MAX_TEXT = 65_000;
const MAX_CAPTION = 1_024;

const envelope = {
  sessionId: sessionId.optional().meta({ description: 'Absent: the connected session that is least busy' }),
  to: z.string().min(1).max(100).meta({ description: 'Phone number or JID', example: '+4915112345678' }),
  sendAt: givenTime.optional().meta({ description: 'Not before this time' }),
  reference: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: "The caller's own id, to find it by" }),
  dryRun: z.boolean().optional().meta({ description: 'Check everything, store and send nothing' }),
};

const textBody = z.string().min(1).max(MAX_TEXT);
const text = z.union([z.strictObject({ body: textBody }), textBody.transform((body) => ({ body }))]);
const textMessage = z
  .strictObject({ ...envelope, type: z.literal('text').optional(), text })
  .meta({ id: 'NewTextMessage' });

const SOURCES = ['link', 'id', 'data'] as const;
const image = z
  .strictObject({
    link: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .max(4_096)
      .optional(),
    id: anyId.optional().meta({ description: 'Of POST /v1/media' }),
    data: z.base64({ error: 'must be base64' }).min(1).optional(),
    mimeType: z
      .string()
      .regex(/^[\w.+-]+\/[\w.+-]+$/, 'must be a MIME type')
      .optional(),
    caption: z.string().max(MAX_CAPTION).optional(),
  })
  .refine((given) => SOURCES.filter((source) => given[source] !== undefined).length === 1, {
    error: 'needs exactly one of link, id and data',
  })
  .refine((given) => given.data === undefined || given.mimeType !== undefined, {
    error: 'is required with data',
    path: ['mimeType'],
  });
const imageMessage = z
  .strictObject({ ...envelope, type: z.literal('image'), image })
  .meta({ id: 'NewImageMessage' });

const TYPE_ERROR = `is not supported; this version sends ${SUPPORTED_TYPES.join(' and ')}`;

export const newMessage = z
  .discriminatedUnion('type', [textMessage, imageMessage], {
    error: ({ path }) => (path?.at(-1) === 'type' ? TYPE_ERROR : undefined),
  })
  .meta({ id: 'NewMessage' });
export type NewMessageBody = z.output<typeof newMessage>;
export type ImageBody = z.output<typeof image>;

export const sendHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, 'must have 1-255 ASCII characters')
    .optional()
    .meta({ description: 'The same key and body give the same message again' }),
});

const DEFAULT_TIMEOUT_SECONDS = 15;
export const sendQuery = z.strictObject({
  wait: z.enum(['sent', 'delivered', 'read']).optional().meta({ description: 'Answer when this is reached' }),
  timeoutSeconds: seconds(DEFAULT_TIMEOUT_SECONDS),
});

export const messageQuery = z.strictObject({
  sessionId: sessionId.optional(),
  status: z.enum(MESSAGE_STATUSES).optional(),
  to: z.string().min(1).max(100).optional(),
  reference: z.string().min(1).max(255).optional(),
  campaignId: anyId.optional(),
  ...pageFields,
});

const status = z.enum(MESSAGE_STATUSES);
export const message = z
  .strictObject({
    id: z.string(),
    waId: z.string().meta({ description: 'Its id on WhatsApp' }),
    sessionId: z.string(),
    to: z.string(),
    type: z.enum(SUPPORTED_TYPES),
    status,
    queuedAt: time,
    sendAt: time.nullable(),
    hold: hold.nullable(),
    estimatedSendAt: time.nullable(),
    attempts: z.int(),
    error: z.strictObject({ code: z.string(), message: z.string(), retryable: z.boolean() }).nullable(),
    timeline: z.array(z.strictObject({ status, at: time })),
    reference: z.string().nullable(),
    campaignId: z.string().nullable(),
    test: z.boolean().meta({ description: 'Sent with a test key: nothing was handed to WhatsApp' }),
  })
  .meta({ id: 'Message' });
export const messagePage = pageOf(message);

export const mediaQuery = z.strictObject({
  filename: z.string().min(1).max(255).optional().meta({ description: 'For a raw body' }),
});
export const mediaFile = z
  .strictObject({ id: z.string(), mimeType: z.string(), sizeBytes: z.int(), sha256: z.string() })
  .meta({ id: 'MediaFile' });

export const toMessage = (row: Message, estimatedSendAt: number | null): z.output<typeof message> => ({
  id: row.id,
  waId: row.waId,
  sessionId: row.sessionId,
  to: row.to,
  type: row.content.type,
  status: row.status,
  queuedAt: toTime(row.queuedAt),
  sendAt: toNullableTime(row.sendAt),
  hold: row.hold && toHold(row.hold),
  estimatedSendAt: toNullableTime(estimatedSendAt),
  attempts: row.attempts,
  error: row.error && { code: row.error.code, message: row.error.message, retryable: row.error.retryable },
  timeline: row.timeline.map(({ status: reached, at }) => ({ status: reached, at: toTime(at) })),
  reference: row.reference,
  campaignId: row.campaignId,
  test: row.test,
});
