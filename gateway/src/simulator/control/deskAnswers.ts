/**
 * What the control API answers to the phone page: the desk with its phones. See answers.ts.
 */
import { z } from 'zod';
import type { Desk } from '../phone/desk.js';
import { TICKS } from '../phone/ticks.js';
import { policyAnswer } from './answers.js';

const count = z.int().min(0);
const text = z.string();
const textOrNull = z.string().nullable();
const tick = z.enum(TICKS);
const kind = z.enum(['phone', 'contact']);

const content = z.strictObject({
  kind: z.enum(['text', 'file', 'location', 'contacts', 'poll', 'other']),
  text: textOrNull,
  file: z
    .strictObject({
      kind: z.enum(['image', 'video', 'audio', 'voice', 'document', 'sticker']),
      mimetype: text,
      fileName: textOrNull,
      sizeBytes: count,
    })
    .nullable(),
  location: z
    .strictObject({ latitude: z.number(), longitude: z.number(), name: textOrNull, address: textOrNull })
    .nullable(),
  contacts: z.array(text),
  poll: z.strictObject({ options: z.array(text), selectable: count, secret: textOrNull }).nullable(),
  /** The message that it answers. */
  quote: z.strictObject({ waId: text, text: textOrNull }).nullable(),
  preview: z.strictObject({ title: text, description: textOrNull, url: text }).nullable(),
  isForwarded: z.boolean(),
  isViewOnce: z.boolean(),
});

const message = z.strictObject({
  waId: text,
  from: text,
  isMine: z.boolean(),
  fromDevice: count,
  addressing: z.enum(['pn', 'lid']),
  at: text,
  content,
  isEdited: z.boolean(),
  isRevoked: z.boolean(),
  authorName: text,
  tick: tick.nullable(),
  ticks: z.array(z.strictObject({ name: text, tick })),
  reactions: z.array(z.strictObject({ emoji: text, name: text, isMine: z.boolean() })),
  votes: z.array(z.strictObject({ option: text, names: z.array(text) })),
  quotedName: textOrNull,
});

const chat = {
  id: text,
  kind: z.enum(['direct', 'group']),
  title: text,
  typing: z.strictObject({ name: text, kind: z.enum(['composing', 'recording']), at: text }).nullable(),
};

const screen = z.strictObject({
  number: text,
  name: text,
  kind,
  isOnline: z.boolean(),
  policy: policyAnswer,
  linked: z.array(z.strictObject({ id: count, platform: text, isConnected: z.boolean() })),
  chats: z.array(z.strictObject({ ...chat, last: message.nullable(), unread: count })),
  open: z
    .strictObject({
      ...chat,
      members: z.array(z.strictObject({ number: text, name: text, role: text })),
      messages: z.array(message),
      hidden: count,
    })
    .nullable(),
});

export const deskAnswer = z.strictObject({
  /** Stands for the whole desk: a page asks with it for the next one. */
  tag: text,
  people: z.array(z.strictObject({ number: text, name: text, kind, linkedDevices: count })),
  peopleCount: count,
  codes: z.array(
    z.strictObject({
      id: text,
      platform: text,
      label: textOrNull,
      qr: textOrNull,
      codeFor: textOrNull,
    }),
  ),
  screens: z.array(screen.nullable()),
}) satisfies z.ZodType<Desk & { tag: string }>;
