/**
 * Sessions, their policy, QR codes and recipients on the wire. Used by routes/sessions, routes/sessionLife, routes/qr.
 */
import { z } from 'zod';
import { SESSION_STATUSES, type Session } from '../../domain/session.js';
import type { QueueState } from '../../outbox/types.js';
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
import { hold, toHold } from './hold.js';
import { policy } from './policy.js';

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
