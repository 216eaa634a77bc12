/**
 * Messages and uploaded media on the wire. Used by routes/messages and routes/media.
 * Lists only what is built: a field or type that does nothing yet is refused by name rather than ignored.
 */
import { z } from 'zod';
import { MESSAGE_STATUSES, MESSAGE_TYPES, type Message } from '../../domain/message.js';
import { warningsOf } from '../../domain/warning.js';
import type { MessageRecipient } from '../../outbox/types.js';
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
import * as content from './content.js';
import type { MessageOutlook } from '../../outbox/types.js';
import { hold, toHold } from './hold.js';

const envelope = {
  sessionId: sessionId.optional().meta({ description: 'Absent: the connected session that is least busy' }),
  to: z.string().min(1).max(100).meta({ description: 'Phone number or JID', example: '+4915112345678' }),
  sendAt: givenTime.optional().meta({ description: 'Not before this time' }),
  expiresAt: givenTime
    .optional()
    .meta({ description: 'Of no use after this time: dropped if not sent by then' }),
  priority: z
    .int()
    .min(-100)
    .max(100)
    .optional()
    .meta({ description: 'Higher goes first, between chats; within a chat the order stays. Default 0' }),
  typing: z
    .boolean()
    .optional()
    .meta({ description: 'Whether typing is shown first; absent: as the policy says' }),
  reference: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: "The caller's own id, to find it by" }),
  dryRun: z.boolean().optional().meta({ description: 'Check everything, store and send nothing' }),
};

/** Kinds that can quote another message. */
const quoting = { ...envelope, context: content.context.optional() };

const inTime = ({ sendAt, expiresAt }: { sendAt?: number | undefined; expiresAt?: number | undefined }) =>
  sendAt === undefined || expiresAt === undefined || sendAt < expiresAt;

const kinds = [
  z
    .strictObject({ ...quoting, type: z.literal('text').optional(), text: content.text })
    .meta({ id: 'NewText' }),
  z.strictObject({ ...quoting, type: z.literal('image'), image: content.image }).meta({ id: 'NewImage' }),
  z.strictObject({ ...quoting, type: z.literal('video'), video: content.video }).meta({ id: 'NewVideo' }),
  z.strictObject({ ...quoting, type: z.literal('audio'), audio: content.audio }).meta({ id: 'NewAudio' }),
  z
    .strictObject({ ...quoting, type: z.literal('document'), document: content.document })
    .meta({ id: 'NewDocument' }),
  z
    .strictObject({ ...quoting, type: z.literal('sticker'), sticker: content.sticker })
    .meta({ id: 'NewSticker' }),
  z
    .strictObject({ ...quoting, type: z.literal('media'), media: content.media })
    .meta({ id: 'NewMedia', description: 'The kind is told from the bytes of the file' }),
  z
    .strictObject({ ...quoting, type: z.literal('location'), location: content.location })
    .meta({ id: 'NewLocation' }),
  z
    .strictObject({ ...quoting, type: z.literal('contacts'), contacts: content.contacts })
    .meta({ id: 'NewContacts' }),
  z.strictObject({ ...quoting, type: z.literal('poll'), poll: content.poll }).meta({ id: 'NewPoll' }),
  z
    .strictObject({ ...envelope, type: z.literal('reaction'), reaction: content.reaction })
    .meta({ id: 'NewReaction' }),
  z
    .strictObject({ ...envelope, type: z.literal('edit'), edit: content.edit })
    .meta({ id: 'NewEdit', description: 'Of a text that was sent from here' }),
  z
    .strictObject({ ...envelope, type: z.literal('revoke'), revoke: content.revoke })
    .meta({ id: 'NewRevoke', description: 'Deletes a message that was sent from here, for everyone' }),
] as const;

const NEW_TYPES = [...MESSAGE_TYPES, 'media'];
const TYPE_ERROR = `is not a type of message; there are ${NEW_TYPES.join(', ')}`;

export const newMessage = z
  .discriminatedUnion('type', kinds, {
    error: ({ path }) => (path?.at(-1) === 'type' ? TYPE_ERROR : undefined),
  })
  .refine(inTime, { error: 'must be later than sendAt', path: ['expiresAt'] })
  .meta({ id: 'NewMessage' });
export type NewMessageBody = z.output<typeof newMessage>;

export const idempotencyKey = z.string().regex(/^[\x20-\x7e]{1,255}$/, 'must have 1-255 ASCII characters');

export const sendHeaders = z.object({
  'idempotency-key': idempotencyKey
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
  ...pageFields(/^\d{1,15}$/),
});

const status = z.enum(MESSAGE_STATUSES);
const messageFields = {
  id: z.string(),
  waId: z.string().meta({ description: 'Its id on WhatsApp' }),
  sessionId: z.string(),
  to: z.string(),
  type: z.enum(MESSAGE_TYPES),
  status,
  queuedAt: time,
  sendAt: time.nullable(),
  hold: hold.nullable(),
  estimatedSendAt: time.nullable(),
  attempts: z.int(),
  error: z.strictObject({ code: z.string(), message: z.string(), retryable: z.boolean() }).nullable(),
  warnings: z
    .array(z.strictObject({ code: z.string(), message: z.string() }))
    .optional()
    .meta({ description: 'Only when there is something to know although the message is sent' }),
  timeline: z.array(z.strictObject({ status, at: time })),
  reference: z.string().nullable(),
  campaignId: z.string().nullable(),
  test: z.boolean().meta({ description: 'Sent with a test key: nothing was handed to WhatsApp' }),
};
export const message = z.strictObject(messageFields).meta({ id: 'Message' });
export const messagePage = pageOf(message);

const messageRecipient = z.strictObject({
  jid: z.string(),
  phone: z.string().nullable(),
  lid: z.string().nullable(),
  deliveredAt: time.nullable(),
  readAt: time.nullable(),
  playedAt: time.nullable(),
});
export const messageDetail = z
  .strictObject({
    ...messageFields,
    recipients: z
      .array(messageRecipient)
      .meta({ description: 'The person written to; of a group each member who has received it' }),
  })
  .meta({ id: 'MessageDetail' });

export const mediaQuery = z.strictObject({
  filename: z.string().min(1).max(255).optional().meta({ description: 'For a raw body' }),
});
export const mediaFile = z
  .strictObject({ id: z.string(), mimeType: z.string(), sizeBytes: z.int(), sha256: z.string() })
  .meta({ id: 'MediaFile' });

export const toMessage = (
  row: Message,
  { hold: held, estimatedSendAt }: MessageOutlook,
): z.output<typeof message> => ({
  id: row.id,
  waId: row.waId,
  sessionId: row.sessionId,
  to: row.to,
  type: row.content.type,
  status: row.status,
  queuedAt: toTime(row.queuedAt),
  sendAt: toNullableTime(row.sendAt),
  hold: held && toHold(held),
  estimatedSendAt: toNullableTime(estimatedSendAt),
  attempts: row.attempts,
  error: row.error && { code: row.error.code, message: row.error.message, retryable: row.error.retryable },
  ...(warningsOf(row.content).length > 0 && { warnings: warningsOf(row.content) }),
  timeline: row.timeline.map(({ status: reached, at }) => ({ status: reached, at: toTime(at) })),
  reference: row.reference,
  campaignId: row.campaignId,
  test: row.test,
});

export const toMessageRecipient = (row: MessageRecipient): z.output<typeof messageRecipient> => ({
  jid: row.jid,
  phone: row.phone,
  lid: row.lid,
  deliveredAt: toNullableTime(row.deliveredAt),
  readAt: toNullableTime(row.readAt),
  playedAt: toNullableTime(row.playedAt),
});
