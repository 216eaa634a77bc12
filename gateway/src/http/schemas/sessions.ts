/**
 * Sessions, their policy, QR codes and recipients on the wire. Used by routes/sessions, routes/sessionLife, routes/qr.
 */
import { z } from 'zod';
import { PRESETS } from '../../domain/policy.js';
import { SESSION_STATUSES, type Session } from '../../domain/session.js';
import type { Limits, QueueState } from '../../outbox/types.js';
import {
  MAX_WAIT_SECONDS,
  jsonValue,
  metadata,
  pageOf,
  seconds,
  sessionId,
  time,
  toNullableTime,
  toTime,
} from './common.js';

const MAX_GAP_MS = 24 * 60 * 60 * 1000;

const gap = z
  .strictObject({ min: z.int().min(0).max(MAX_GAP_MS), max: z.int().min(0).max(MAX_GAP_MS) })
  .refine(({ min, max }) => min <= max, { error: 'must not be smaller than min', path: ['max'] });

const policy = z
  .strictObject({
    preset: z.enum(PRESETS),
    gapMs: gap.nullable().meta({ description: 'Wait between two messages; null: none' }),
    queueMax: z.int().min(1).nullable().meta({ description: 'Messages that may wait; null: any number' }),
    checkRecipient: z
      .boolean()
      .meta({ description: 'Ask WhatsApp whether the number exists before accepting' }),
  })
  .partial()
  .meta({
    id: 'Policy',
    description: 'A preset, and the fields that differ from it. `unpaced` needs an admin key.',
  });

const name = z.string().trim().min(1).max(100);
const downloadMedia = z
  .boolean()
  .meta({ description: 'Fetch the files of incoming messages and keep them for GET /v1/media/{id}' });
const ownMessages = z.boolean().meta({
  description: 'Events also for what the owner types on the phone or another device, with `fromMe` true',
});

export const newSession = z
  .strictObject({
    id: sessionId.optional().meta({ description: 'Made up when absent' }),
    name: name.optional(),
    policy: policy.optional(),
    metadata: metadata.optional(),
    downloadMedia: downloadMedia.default(true),
    ownMessages: ownMessages.default(false),
    start: z.boolean().default(true).meta({ description: 'Connect at once' }),
  })
  .meta({ id: 'NewSession' });

export const sessionPatch = z
  .strictObject({ name: name.nullable(), policy: policy.nullable(), metadata, downloadMedia, ownMessages })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'must name something to change')
  .meta({ id: 'SessionPatch' });

export const restart = z
  .strictObject({ wipe: z.boolean().default(false).meta({ description: 'Forget the pairing first' }) })
  .meta({ id: 'SessionRestart' });

const DEFAULT_WAIT_SECONDS = 30;
export const sessionQuery = z.strictObject({
  waitFor: z
    .enum(SESSION_STATUSES)
    .optional()
    .meta({ description: 'Answer when the session has this status' }),
  timeoutSeconds: seconds(DEFAULT_WAIT_SECONDS).meta({ description: `At most ${MAX_WAIT_SECONDS}` }),
});

export const QR_FORMATS = ['json', 'png', 'svg', 'text'] as const;
export const qrQuery = z.strictObject({
  format: z.enum(QR_FORMATS).optional().meta({ description: 'Instead of the Accept header' }),
  waitSeconds: seconds(0).meta({ description: 'Wait so long for a code' }),
});

export const qrCode = z
  .strictObject({
    qr: z.string(),
    image: z.string().meta({ description: 'data: URL of a PNG' }),
    attempt: z.int(),
    expiresAt: time,
  })
  .meta({ id: 'QrCode' });

export const pairingCodeRequest = z
  .strictObject({
    phone: z
      .string()
      .min(1)
      .max(100)
      .meta({ description: 'Number of the phone to link, with country code', example: '+4915112345678' }),
  })
  .meta({ id: 'PairingCodeRequest' });
export const pairingCode = z
  .strictObject({ code: z.string().meta({ example: 'ABCD1234' }), expiresAt: time })
  .meta({ id: 'PairingCode' });

export const recipientParams = z.strictObject({
  id: sessionId,
  phone: z.string().min(1).max(100).meta({ description: 'Digits with or without +, or a JID' }),
});
export const recipient = z
  .strictObject({
    exists: z.boolean(),
    phone: z.string(),
    jid: z.string().nullable(),
    lid: z.string().nullable(),
  })
  .meta({ id: 'Recipient' });

export const hold = z
  .strictObject({ code: z.string(), message: z.string(), until: time.nullable() })
  .meta({ id: 'Hold', description: 'Why nothing is sent at the moment' });

const count = z.int().min(0);
const cap = (description: string) => count.nullable().meta({ description });

export const limits = z
  .strictObject({
    gap: z.strictObject({
      gapMs: z
        .strictObject({ min: count, max: count })
        .nullable()
        .meta({ description: 'Wait between two messages; null: none' }),
      lastSentAt: time.nullable(),
    }),
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

export const session = z
  .strictObject({
    id: z.string(),
    name: z.string().nullable(),
    status: z.enum(SESSION_STATUSES),
    reason: z.strictObject({ code: z.string(), message: z.string(), action: z.string() }).nullable(),
    since: time,
    phone: z.string().nullable(),
    lid: z.string().nullable(),
    pushName: z.string().nullable(),
    queue: z.strictObject({
      size: z.int(),
      paused: z.boolean(),
      nextSendAt: time.nullable(),
      hold: hold.nullable(),
    }),
    lastActiveAt: time.nullable(),
    messagesToday: z.int(),
    metadata: z.record(z.string(), jsonValue),
    downloadMedia,
    ownMessages,
    createdAt: time,
  })
  .meta({ id: 'Session' });
export const sessionPage = pageOf(session);

type Hold = z.output<typeof hold>;
export const toHold = (held: { code: string; message: string; until: number | null }): Hold => ({
  code: held.code,
  message: held.message,
  until: toNullableTime(held.until),
});

export const toLimits = ({ gap, queue, messagesToday, nextSendAt, hold: held }: Limits) => ({
  gap: { gapMs: gap.gapMs, lastSentAt: toNullableTime(gap.lastSentAt) },
  queue,
  messagesToday,
  nextSendAt: toNullableTime(nextSendAt),
  hold: held && toHold(held),
});

export const toSession = (row: Session, queue: QueueState) => ({
  id: row.id,
  name: row.name,
  status: row.status,
  reason: row.reason,
  since: toTime(row.since),
  phone: row.phone,
  lid: row.lid,
  pushName: row.pushName,
  queue: {
    size: queue.size,
    paused: row.queuePaused,
    nextSendAt: toNullableTime(queue.nextSendAt),
    hold: queue.hold && toHold(queue.hold),
  },
  lastActiveAt: toNullableTime(row.lastActiveAt),
  messagesToday: queue.messagesToday,
  metadata: row.metadata,
  downloadMedia: row.downloadMedia,
  ownMessages: row.ownMessages,
  createdAt: toTime(row.createdAt),
});
