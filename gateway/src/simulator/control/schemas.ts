/**
 * Bodies and queries of the control API, checked by zod. The client's types come from here too.
 */
import { z } from 'zod';
import { FAULT_KINDS } from '../faults/faults.js';

const MAX_WAIT_MS = 120_000;
const MAX_BATCH = 10_000;

export const phoneNumber = z
  .string()
  .regex(/^[1-9]\d{5,14}$/, 'digits only, country code first, 6 to 15 digits');
const name = z.string().min(1).max(100);
const addressing = z.enum(['pn', 'lid']);

export const policySchema = z.strictObject({ delivered: z.boolean(), read: z.boolean() }).partial();

export const newPhoneSchema = z.strictObject({ number: phoneNumber, name: name.default('Phone') });

export const newContactSchema = z.strictObject({
  number: phoneNumber,
  name: name.default('Contact'),
  /** Devices beside the phone. */
  companions: z.int().min(0).max(8).default(0),
  policy: policySchema.default({}),
});
export const newContactsSchema = z.union([newContactSchema, z.array(newContactSchema).min(1).max(MAX_BATCH)]);

export const scanSchema = z.strictObject({ qr: z.string().min(1).max(4096) });

export const incomingMessageSchema = z.strictObject({
  from: phoneNumber,
  text: z.string().min(1).max(65_536),
  addressing: addressing.default('pn'),
  /** A given message id; by default a new one. */
  waId: z.string().min(1).max(64).optional(),
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
  how: z.enum(['close', 'reset']).default('close'),
});

export const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  session: phoneNumber.optional(),
  recipient: z.string().min(1).optional(),
  xmlns: z.string().min(1).optional(),
  code: z.int().min(100).max(599).optional(),
  delayMs: z.int().min(0).max(600_000).optional(),
  count: z.int().min(1).optional(),
  durationMs: z.int().min(1).optional(),
});

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** What all lists of records understand: how many to wait for, and for how long. */
const waiting = {
  waitForCount: z.coerce.number().int().min(0).max(1_000_000).optional(),
  timeoutMs: z.coerce.number().int().min(0).max(MAX_WAIT_MS).default(0),
};
const parties = { from: z.string().optional(), to: z.string().optional(), waId: z.string().optional() };

export const messagesQuery = z.strictObject({
  ...waiting,
  ...parties,
  device: z.coerce.number().int().optional(),
  chat: z.string().optional(),
  /** Number of the session that sent it; the same as `from`. */
  session: z.string().optional(),
  text: z.string().optional(),
  copy: flag.optional(),
  displayed: flag.optional(),
});
export const deliveriesQuery = z.strictObject({
  ...waiting,
  ...parties,
  device: z.coerce.number().int().optional(),
  acknowledged: flag.optional(),
});
export const receiptsQuery = z.strictObject({ ...waiting, ...parties, type: z.string().optional() });
export const presencesQuery = z.strictObject({
  ...waiting,
  from: z.string().optional(),
  to: z.string().optional(),
  type: z.string().optional(),
});
export const errorsQuery = z.strictObject({
  ...waiting,
  kind: z.string().optional(),
  session: z.string().optional(),
});
export const connectionsQuery = z.strictObject({
  ...waiting,
  session: z.string().optional(),
  ready: flag.optional(),
});

export type NewPhone = z.input<typeof newPhoneSchema>;
export type NewContact = z.input<typeof newContactSchema>;
export type ContactPolicy = z.input<typeof policySchema>;
export type IncomingMessage = z.input<typeof incomingMessageSchema>;
export type ReceiptRequest = z.input<typeof receiptSchema>;
export type DropRequest = z.input<typeof dropSchema>;
export type FaultRequest = z.input<typeof faultSchema>;
export type MessageFilter = Partial<z.output<typeof messagesQuery>>;
export type DeliveryFilter = Partial<z.output<typeof deliveriesQuery>>;
export type ReceiptFilter = Partial<z.output<typeof receiptsQuery>>;
export type PresenceFilter = Partial<z.output<typeof presencesQuery>>;
export type ErrorFilter = Partial<z.output<typeof errorsQuery>>;
export type ConnectionFilter = Partial<z.output<typeof connectionsQuery>>;
