/**
 * The limits of a session on the wire. Used by routes/sessions.
 */
import { z } from 'zod';
import { RESTRICTION_KINDS } from '../../domain/restriction.js';
import type { CapLimit, Limits } from '../../outbox/types.js';
import { time, toNullableTime, toTime } from './common.js';
import { hold, toHold } from './hold.js';
import { fullPolicy } from './policy.js';

const count = z.int().min(0);
const cap = (description: string) => count.nullable().meta({ description });

const use = {
  max: count,
  used: count,
  left: count,
  freesAt: time.nullable().meta({ description: 'When the next message fits under it; null: now' }),
};
const capLimit = z.strictObject(use).meta({ id: 'CapLimit', description: 'What is used and left of a cap' });

const gap = z.strictObject({
  gapMs: z
    .strictObject({ min: count, max: count })
    .nullable()
    .meta({ description: 'Wait between two messages; null: none' }),
  lastSentAt: time.nullable(),
});

const cooldown = z.strictObject({
  afterMessages: count,
  minMs: count,
  maxMs: count,
  used: count.meta({ description: 'Messages since the last pause' }),
});

const restriction = z.strictObject({
  kind: z.enum(RESTRICTION_KINDS),
  active: z.boolean(),
  until: time.nullable(),
  reason: z.string().nullable(),
  quota: z.strictObject({ total: z.int(), used: z.int() }).nullable(),
  since: time,
  message: z.string(),
});

export const limits = z
  .strictObject({
    policy: fullPolicy,
    gap,
    cooldown: cooldown.nullable(),
    perMinute: capLimit.nullable(),
    perHour: capLimit.nullable(),
    perDay: capLimit.nullable(),
    perMonth: capLimit.nullable(),
    newRecipientsPerDay: capLimit.nullable(),
    warmUp: z
      .strictObject({ ...use, day: count, days: count, dayEndsAt: time })
      .nullable()
      .meta({ description: 'null: over, or switched off' }),
    restrictions: z.array(restriction).meta({ description: 'What WhatsApp told of the number' }),
    queue: z.strictObject({
      size: count,
      max: cap('Messages that may wait; null: any number'),
      left: cap('How many more are taken; null: any number'),
      paused: z.boolean(),
    }),
    messagesToday: count.meta({ description: 'Since midnight UTC' }),
    nextSendAt: time
      .nullable()
      .meta({ description: 'The next possible send; null: not before the cause in `hold` is gone' }),
    hold: hold.nullable(),
  })
  .meta({
    id: 'Limits',
    description: 'What is used and left of each cap of the policy; null means no limit',
  });

const toCap = (limit: CapLimit | null) => limit && { ...limit, freesAt: toNullableTime(limit.freesAt) };

export const toLimits = ({ gap: { gapMs, lastSentAt }, warmUp, hold: held, ...rest }: Limits) => ({
  ...rest,
  gap: { gapMs, lastSentAt: toNullableTime(lastSentAt) },
  perMinute: toCap(rest.perMinute),
  perHour: toCap(rest.perHour),
  perDay: toCap(rest.perDay),
  perMonth: toCap(rest.perMonth),
  newRecipientsPerDay: toCap(rest.newRecipientsPerDay),
  warmUp: warmUp && {
    ...warmUp,
    freesAt: toNullableTime(warmUp.freesAt),
    dayEndsAt: toTime(warmUp.dayEndsAt),
  },
  restrictions: rest.restrictions.map((one) => ({
    ...one,
    until: toNullableTime(one.until),
    since: toTime(one.since),
  })),
  nextSendAt: toNullableTime(rest.nextSendAt),
  hold: held && toHold(held),
});
