/**
 * What a message may say, kind by kind, on the wire. Used by schemas/messages, which adds the envelope.
 * Lists only what is built: a field that does nothing is refused by name rather than ignored.
 */
import { z } from 'zod';
import { anyId } from './common.js';

const MAX_TEXT = 65_000;
const MAX_CAPTION = 1_024;
const MAX_MENTIONS = 256;
const MAX_CONTACTS = 20;
const MAX_VCARD = 20_000;

const textBody = z.string().min(1).max(MAX_TEXT);
const phoneOrJid = z.string().min(1).max(100);

const fullText = z.strictObject({
  body: textBody,
  linkPreview: z
    .boolean()
    .optional()
    .meta({ description: 'Show what the first link leads to; true unless it is switched off' }),
  mentions: z
    .array(phoneOrJid)
    .max(MAX_MENTIONS)
    .optional()
    .meta({ description: 'Phone numbers or JIDs of people whom the text names with @' }),
});
export const text = z.union([fullText, textBody.transform((body): z.output<typeof fullText> => ({ body }))]);

const SOURCES = ['link', 'id', 'data'] as const;

const source = {
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
};
const caption = { caption: z.string().max(MAX_CAPTION).optional() };
const viewOnce = {
  viewOnce: z.boolean().optional().meta({ description: 'The recipient can open it only once' }),
};
const filename = {
  filename: z.string().trim().min(1).max(255).optional().meta({ description: 'The name that is shown' }),
};

const isGiven = (value: object, name: string): boolean =>
  (value as Record<string, unknown>)[name] !== undefined;

const file = <T extends z.ZodRawShape>(fields: T) =>
  z
    .strictObject({ ...source, ...fields })
    .refine((given: object) => SOURCES.filter((name) => isGiven(given, name)).length === 1, {
      error: 'needs exactly one of link, id and data',
    })
    .refine((given: object) => !isGiven(given, 'data') || isGiven(given, 'mimeType'), {
      error: 'is required with data',
      path: ['mimeType'],
    });

export const image = file({ ...caption, ...viewOnce });
export const video = file({
  ...caption,
  ...viewOnce,
  gif: z.boolean().optional().meta({
    description:
      'Plays by itself, over and over, without sound; of an image/gif ffmpeg makes the video, and without ffmpeg it is sent as an image, with a warning',
  }),
});
export const audio = file({
  ...viewOnce,
  voice: z.boolean().optional().meta({
    description:
      'A voice note; ffmpeg makes it Ogg with Opus, and without ffmpeg the audio is sent as it is, with a warning',
  }),
});
export const document = file({ ...caption, ...filename });
export const sticker = file({});
export const media = file({ ...caption, ...filename });

export const location = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: z.string().min(1).max(255).optional(),
  address: z.string().min(1).max(1_000).optional(),
});

const contactCard = z.strictObject({
  name: z.string().trim().min(1).max(255),
  phones: z
    .array(z.string().regex(/^\+?\d[\d\s().\-/]{2,28}$/, 'must be a phone number'))
    .min(1)
    .max(20),
});
const vcard = z.strictObject({
  vcard: z
    .string()
    .trim()
    .max(MAX_VCARD)
    .regex(/^BEGIN:VCARD\b[^]*\nEND:VCARD$/i, 'must be a vCard, from BEGIN:VCARD to END:VCARD'),
});
export const contacts = z.union([z.array(contactCard).min(1).max(MAX_CONTACTS), vcard]);

const MIN_OPTIONS = 2;
const MAX_OPTIONS = 12;
export const poll = z.strictObject({
  question: z.string().trim().min(1).max(255),
  options: z
    .array(z.string().trim().min(1).max(100))
    .min(MIN_OPTIONS)
    .max(MAX_OPTIONS)
    .refine((options) => new Set(options).size === options.length, 'must differ from one another'),
  multiple: z.boolean().default(false).meta({ description: 'A person may choose more than one option' }),
});

const messageId = anyId.meta({ description: 'Our id (msg_...) or WhatsApp’s' });
export const context = z.strictObject({ messageId }).meta({ description: 'The message that is quoted' });
export const reaction = z.strictObject({
  messageId,
  emoji: z
    .string()
    .max(32)
    .regex(/^\S*$/u, 'must be one emoji, or empty to take the reaction back')
    .meta({ description: 'Empty takes the reaction back' }),
});
export const edit = z.strictObject({ messageId, body: textBody });
export const revoke = z.strictObject({ messageId });
