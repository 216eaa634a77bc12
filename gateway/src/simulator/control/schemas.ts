/**
 * Bodies and queries of the control API, checked by zod. The client's types come from here too.
 */
import { z } from 'zod';
import { MEMBER_ACTIONS } from '../groups/membership.js';
import { contentSchema } from '../messages/kinds.js';
import { UNAVAILABLE } from '../messages/toLinkedDevice.js';
import { FAULT_KINDS } from '../faults/faults.js';
import { STREAM_ERRORS } from '../login/streamError.js';

const MAX_BATCH = 10_000;

const phoneNumber = z.string().regex(/^[1-9]\d{5,14}$/, 'digits only, country code first, 6 to 15 digits');
export const name = z.string().min(1).max(100);
const businessSchema = z.strictObject({
  description: z.string().min(1),
  category: z.string().optional(),
  email: z.string().optional(),
  website: z.string().optional(),
  address: z.string().optional(),
});
const addressing = z.enum(['pn', 'lid']);

export const policySchema = z.strictObject({ delivered: z.boolean(), read: z.boolean() }).partial();

export const newPhoneSchema = z.strictObject({ number: phoneNumber, name: name.default('Phone') });

const newContactSchema = z.strictObject({
  number: phoneNumber,
  name: name.default('Contact'),
  /** Other numbers by which WhatsApp finds it, as with and without a ninth digit. */
  alsoNumbers: z.array(phoneNumber).max(8).default([]),
  /** Devices beside the phone. */
  companions: z.int().min(0).max(8).default(0),
  policy: policySchema.default({}),
  business: businessSchema.optional(),
});
export const newContactsSchema = z.union([newContactSchema, z.array(newContactSchema).min(1).max(MAX_BATCH)]);

/** The text in a pairing QR code. */
export const qr = z.string().min(1).max(4096);

/** The code's text, or a picture in which it can be seen. */
export const scanSchema = z
  .strictObject({ qr: qr.optional(), picture: z.base64().min(1).optional() })
  .refine(
    (scan) => (scan.qr === undefined) !== (scan.picture === undefined),
    'exactly one of qr and picture is needed',
  );

/** The eight characters that a client shows, with or without the dash in the middle. */
export const codeSchema = z.strictObject({
  code: z
    .string()
    .transform((typed) => typed.replaceAll('-', '').toUpperCase())
    .pipe(z.string().length(8)),
});

const writing = {
  /** Short for content of kind `text`. */
  text: z.string().min(1).max(65_536).optional(),
  content: contentSchema.optional(),
  addressing: addressing.default('pn'),
  /** A given message id; by default a new one. */
  waId: z.string().min(1).max(64).optional(),
};
const eitherTextOrContent = (message: { text?: unknown; content?: unknown }): boolean =>
  (message.text === undefined) !== (message.content === undefined);
const EITHER = 'exactly one of text and content is needed';

/** From a contact to a session. */
const incoming = {
  from: phoneNumber,
  ...writing,
  /** Spoils the ciphertext once. */
  corrupt: z.boolean().optional(),
  /** The linked devices get the news without the content; `untyped` is what the phone hands over when it is asked. */
  unavailable: z.enum(UNAVAILABLE).optional(),
};
const incomingMessageSchema = z.strictObject(incoming).refine(eitherTextOrContent, EITHER);
/** From many to many. */
export const lettersSchema = z
  .array(z.strictObject({ to: phoneNumber, ...incoming }).refine(eitherTextOrContent, EITHER))
  .min(1)
  .max(MAX_BATCH);
/** Typed on the session's own phone. */
export const typedMessageSchema = z
  .strictObject({ to: phoneNumber, ...writing })
  .refine(eitherTextOrContent, EITHER);

const groupSubject = z.string().min(1).max(100);
export const newGroupSchema = z.strictObject({
  subject: groupSubject,
  /** Number of whoever makes it; it becomes superadmin. */
  creator: phoneNumber,
  members: z.array(phoneNumber).min(1).max(1024),
  addressing: addressing.default('lid'),
});
export const groupChangeSchema = z.strictObject({
  actor: phoneNumber,
  action: z.enum(MEMBER_ACTIONS),
  members: z.array(phoneNumber).min(1).max(1024),
});
export const subjectSchema = z.strictObject({ actor: phoneNumber, subject: groupSubject });
/** What one person changes; what is not named stays. An empty description takes it away. */
export const groupSettingsSchema = z.strictObject({
  actor: phoneNumber,
  description: z.string().max(2048).optional(),
  isAnnouncement: z.boolean().optional(),
  isLocked: z.boolean().optional(),
  membersAdd: z.boolean().optional(),
  approvesJoining: z.boolean().optional(),
  ephemeralSeconds: z.int().min(0).max(31_536_000).optional(),
});
/** Somebody follows a group's link. */
export const joinSchema = z.strictObject({ number: phoneNumber, code: z.string().min(1).max(100) });
export const groupMessageSchema = z
  .strictObject({ from: phoneNumber, text: writing.text, content: writing.content, waId: writing.waId })
  .refine(eitherTextOrContent, EITHER);

const TYPING = ['composing', 'recording', 'paused'] as const;
const groupJid = z.string().regex(/^[\d-]{5,40}@g\.us$/, 'the JID of a group');
export const presenceSchema = z.union([
  z.strictObject({ to: phoneNumber, type: z.enum(['available', 'unavailable', ...TYPING]) }),
  /** In a group only typing is shown. */
  z.strictObject({ to: groupJid, type: z.enum(TYPING) }),
]);
export const onlineSchema = z.strictObject({
  online: z.boolean(),
  /** Milliseconds after which it is the other way round again. */
  durationMs: z.int().min(1).max(3_600_000).optional(),
});
export const reinstallSchema = z.strictObject({
  /** Whether the server tells those who know the contact; without it they find out by a failed message. */
  announce: z.boolean().default(true),
});
export const callSchema = z.strictObject({
  from: phoneNumber,
  callId: z.string().min(1).max(64).optional(),
  event: z.enum(['offer', 'terminate', 'timeout']).default('offer'),
  video: z.boolean().default(false),
});
export const expirySchema = z.strictObject({
  /** Whether the phone still has the file and uploads it again when it is asked to. */
  phoneHasIt: z.boolean().default(true),
});
export const restrictionsSchema = z.strictObject({
  timelock: z
    .strictObject({ durationMs: z.int().min(1), enforcementType: z.string().default('BIZ_QUALITY') })
    .nullable()
    .optional(),
  capping: z
    .strictObject({
      capping_status: z.enum(['NONE', 'FIRST_WARNING', 'SECOND_WARNING', 'CAPPED']),
      total_quota: z.int(),
      used_quota: z.int(),
    })
    .partial()
    .optional(),
});

export const incomingMessagesSchema = z.union([
  incomingMessageSchema,
  z.array(incomingMessageSchema).min(1).max(MAX_BATCH),
]);

export const receiptSchema = z.strictObject({
  from: phoneNumber,
  to: phoneNumber,
  waIds: z.array(z.string().min(1)).min(1).max(1000),
  type: z.enum(['delivered', 'read', 'played']).default('delivered'),
  addressing: addressing.default('pn'),
});

export const dropSchema = z.strictObject({
  session: phoneNumber.optional(),
  device: z.int().min(1).optional(),
  how: z.enum(['close', 'reset', 'stream_error']).default('close'),
  /** For `stream_error`. */
  code: z.union(STREAM_ERRORS.map((code) => z.literal(code))).default(503),
});

export const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  session: phoneNumber.optional(),
  recipient: z.string().min(1).optional(),
  xmlns: z.string().min(1).optional(),
  code: z.int().min(100).max(999).optional(),
  delayMs: z.int().min(0).max(600_000).optional(),
  bytesPerSecond: z.int().min(1).optional(),
  count: z.int().min(1).optional(),
  durationMs: z.int().min(1).optional(),
});

export type NewPhone = z.input<typeof newPhoneSchema>;
export type NewContact = z.input<typeof newContactSchema>;
export type ContactPolicy = z.input<typeof policySchema>;
export type IncomingMessage = z.input<typeof incomingMessageSchema>;
export type Letter = z.input<typeof lettersSchema>[number];
export type TypedMessage = z.input<typeof typedMessageSchema>;
export type NewGroup = z.input<typeof newGroupSchema>;
export type GroupChange = z.input<typeof groupChangeSchema>;
export type SubjectRequest = z.input<typeof subjectSchema>;
export type GroupSettingsRequest = z.input<typeof groupSettingsSchema>;
export type JoinRequest = z.input<typeof joinSchema>;
export type GroupMessageRequest = z.input<typeof groupMessageSchema>;
export type PresenceRequest = z.input<typeof presenceSchema>;
export type CallRequest = z.input<typeof callSchema>;
export type OnlineRequest = z.input<typeof onlineSchema>;
export type ExpiryRequest = z.input<typeof expirySchema>;
export type RestrictionsRequest = z.input<typeof restrictionsSchema>;
export type ReceiptRequest = z.input<typeof receiptSchema>;
export type DropRequest = z.input<typeof dropSchema>;
export type FaultRequest = z.input<typeof faultSchema>;
