/**
 * The sending policy on the wire, as it is given and as GET /v1/sessions/{id}/limits shows it. Used by schemas/sessions
 * and schemas/limits.
 */
import { z } from 'zod';
import { PRESETS } from '../../domain/presets.js';
import { isTimeZone } from '../../domain/quietHours.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_COUNT = 10_000_000;

const ms = z.int().min(0).max(DAY_MS);
const count = z.int().min(1).max(MAX_COUNT);
const NOT_SMALLER = 'must not be smaller than';

const range = z
  .strictObject({ min: ms, max: ms })
  .refine(({ min, max }) => min <= max, { error: `${NOT_SMALLER} min`, path: ['max'] });

const typingParts = z
  .strictObject({
    perCharacterMs: z.int().min(0).max(10_000),
    minMs: z.int().min(0).max(60_000),
    maxMs: z.int().min(0).max(60_000),
  })
  .partial()
  .refine(({ minMs, maxMs }) => minMs === undefined || maxMs === undefined || minMs <= maxMs, {
    error: `${NOT_SMALLER} minMs`,
    path: ['maxMs'],
  });

const cooldown = z
  .strictObject({ afterMessages: count, minMs: ms, maxMs: ms })
  .refine(({ minMs, maxMs }) => minMs <= maxMs, { error: `${NOT_SMALLER} minMs`, path: ['maxMs'] });

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day like 22:00');

const quietHours = z
  .strictObject({
    from: clock,
    to: clock,
    timeZone: z
      .string()
      .max(100)
      .refine(isTimeZone, 'is not a time zone; give an IANA name like Europe/Berlin')
      .meta({ example: 'Europe/Berlin' }),
  })
  .refine(({ from, to }) => from !== to, { error: 'must differ from from', path: ['to'] });

const warmUp = z
  .strictObject({
    enabled: z.boolean(),
    firstDay: count.meta({ description: 'Messages on the first day' }),
    growth: z.number().min(1).max(100).meta({ description: 'So many times as many each day' }),
    days: z.int().min(1).max(365),
  })
  .partial();

const optOut = z
  .strictObject({
    keywords: z.array(z.string().trim().min(1).max(50)).max(100),
    answer: z.string().trim().min(1).max(1_000).nullable(),
  })
  .partial();

const identicalText = z.strictObject({
  max: count.max(1_000),
  perMs: z
    .int()
    .min(1_000)
    .max(30 * DAY_MS),
});

const cap = (description: string) => count.nullable().meta({ description: `${description}; null: no limit` });

/** What a user gives. */
export const policy = z
  .strictObject({
    preset: z.enum(PRESETS),
    gapMs: range.nullable().meta({ description: 'Wait between two messages; null: none' }),
    typing: z
      .union([z.boolean(), typingParts])
      .nullable()
      .meta({ description: 'Typing shown before a text, in proportion to it; true: as usual, null: none' }),
    cooldown: cooldown.nullable().meta({ description: 'A longer pause after so many messages' }),
    perMinute: cap('Messages in any 60 seconds'),
    perHour: cap('Messages in any 60 minutes'),
    perDay: cap('Messages in any 24 hours'),
    perMonth: cap('Messages in any 30 days'),
    newRecipientsPerDay: cap('First messages to new people in any 24 hours'),
    recipientCooldownMs: z
      .int()
      .min(1)
      .max(30 * DAY_MS)
      .nullable()
      .meta({ description: 'Between two messages to one recipient' }),
    identicalText: identicalText.nullable().meta({ description: 'Messages with the same text' }),
    onLimit: z
      .enum(['queue', 'reject'])
      .meta({ description: 'What a cap does to a message: it waits, or is refused with 429' }),
    queueMax: count.nullable().meta({ description: 'Messages that may wait; null: any number' }),
    warmUp: warmUp.meta({ description: 'A new number begins with few messages a day' }),
    quietHours: quietHours.nullable().meta({ description: 'Nothing is sent between these times of day' }),
    replyGapMs: range
      .nullable()
      .meta({ description: 'Replies within 24 hours go first, with this gap; null: like all others' }),
    checkRecipient: z
      .boolean()
      .meta({ description: 'Ask WhatsApp whether the number exists before accepting' }),
    optOut: optOut.meta({ description: 'Words that put their sender on the opt-out list' }),
  })
  .partial()
  .meta({
    id: 'Policy',
    description: 'A preset, and the fields that differ from it. `unpaced` needs an admin key.',
  });

const whole = z.int().min(0);

/** The complete policy, as it is answered. */
export const fullPolicy = z
  .strictObject({
    preset: z.enum(PRESETS),
    gapMs: z.strictObject({ min: whole, max: whole }).nullable(),
    typing: z.strictObject({ perCharacterMs: whole, minMs: whole, maxMs: whole }).nullable(),
    cooldown: z.strictObject({ afterMessages: whole, minMs: whole, maxMs: whole }).nullable(),
    perMinute: whole.nullable(),
    perHour: whole.nullable(),
    perDay: whole.nullable(),
    perMonth: whole.nullable(),
    newRecipientsPerDay: whole.nullable(),
    recipientCooldownMs: whole.nullable(),
    identicalText: z.strictObject({ max: whole, perMs: whole }).nullable(),
    onLimit: z.enum(['queue', 'reject']),
    queueMax: whole.nullable(),
    warmUp: z.strictObject({ enabled: z.boolean(), firstDay: whole, growth: z.number(), days: whole }),
    quietHours: z.strictObject({ from: z.string(), to: z.string(), timeZone: z.string() }).nullable(),
    replyGapMs: z.strictObject({ min: whole, max: whole }).nullable(),
    checkRecipient: z.boolean(),
    optOut: z.strictObject({ keywords: z.array(z.string()), answer: z.string().nullable() }),
  })
  .meta({ id: 'FullPolicy', description: 'The policy with the values of its preset; null means no limit' });
