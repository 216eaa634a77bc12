/**
 * The kinds of messages that people send, as the control API takes them: checked by zod here, turned into protobufs in
 * `toProto.ts`. Whatever has no kind of its own can be given as the protobuf's JSON (`raw`).
 */
import { z } from 'zod';

const waId = z.string().min(1).max(64);
const number = z.string().regex(/^[1-9]\d{5,14}$/);
const text = z.string().min(1).max(65_536);

/** The message that is answered; `author` is its sender's number. */
const quote = z.strictObject({ waId, author: number, text: z.string() });

const context = {
  quote: quote.optional(),
  mentions: z.array(number).optional(),
  /** Disappearing message: seconds until it is gone. */
  expiresInSeconds: z.int().min(1).optional(),
  forwarded: z.boolean().optional(),
};

const kinds = [
  z.strictObject({ kind: z.literal('text'), text, ...context }),
  /** An empty emoji takes the reaction back. `author` is the sender of the message that is reacted to. */
  z.strictObject({ kind: z.literal('reaction'), waId, author: number, emoji: z.string().max(16) }),
  z.strictObject({ kind: z.literal('edit'), waId, text }),
  z.strictObject({ kind: z.literal('revoke'), waId }),
  z.strictObject({
    kind: z.literal('location'),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    name: z.string().optional(),
    address: z.string().optional(),
    live: z.boolean().default(false),
    ...context,
  }),
  z.strictObject({
    kind: z.literal('contacts'),
    contacts: z
      .array(z.strictObject({ name: text, number }))
      .min(1)
      .max(20),
    ...context,
  }),
  z.strictObject({
    kind: z.literal('poll'),
    question: text,
    options: z.array(text).min(2).max(12),
    selectable: z.int().min(0).max(12).default(1),
  }),
  /** A vote in a poll that the session sent; the simulated phone must have seen it. */
  z.strictObject({ kind: z.literal('vote'), waId, options: z.array(text).max(12) }),
  z.strictObject({
    kind: z.literal('button_reply'),
    waId,
    id: text,
    text,
    template: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('list_reply'),
    waId,
    id: text,
    title: text,
    description: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('media'),
    media: z.enum(['image', 'video', 'audio', 'voice', 'document', 'sticker']),
    /** The file itself. */
    base64: z.base64().min(1),
    mimetype: z.string().min(1),
    caption: z.string().optional(),
    fileName: z.string().optional(),
    seconds: z.int().min(0).optional(),
    viewOnce: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('raw'), message: z.record(z.string(), z.unknown()) }),
] as const;

export const contentSchema = z.discriminatedUnion('kind', kinds);

export type MessageContent = z.output<typeof contentSchema>;
export type MessageContentInput = z.input<typeof contentSchema>;
export type ContentOf<K extends MessageContent['kind']> = Extract<MessageContent, { kind: K }>;
