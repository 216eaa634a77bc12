/**
 * What the control API answers: the source of the response schemas in its OpenAPI description and of the types that its
 * routes and the typed client share. A test holds real answers against the description.
 */
import { z } from 'zod';
import { FAULT_KINDS, type Fault } from '../faults/faults.js';
import type { PairedDevice } from '../pairing/pairing.js';
import type { Metrics } from '../records/metrics.js';
import {
  ERROR_KINDS,
  type Delivery,
  type RecordedError,
  type SeenCall,
  type SeenPresence,
  type SeenReceipt,
} from '../records/records.js';

const count = z.int().min(0);
const time = z.iso.datetime();
const addressing = z.enum(['pn', 'lid']);
export const policyAnswer = z.strictObject({ delivered: z.boolean(), read: z.boolean() });

const deviceAnswer = z.strictObject({
  id: count,
  kind: z.enum(['simulated', 'linked']),
  connected: z.boolean(),
  /** Past its login: messages reach it at once. */
  ready: z.boolean(),
  platform: z.string().nullable(),
  /** Stanzas that it has not acknowledged yet. */
  owed: count,
  preKeys: count.nullable(),
  logins: count,
});

export const accountAnswer = z.strictObject({
  kind: z.enum(['phone', 'contact']),
  number: z.string(),
  name: z.string(),
  jid: z.string(),
  lid: z.string(),
  policy: policyAnswer,
  devices: z.array(deviceAnswer),
});

export const groupAnswer = z.strictObject({
  id: z.string(),
  subject: z.string(),
  addressing,
  members: z.array(z.strictObject({ number: z.string(), role: z.enum(['member', 'admin', 'superadmin']) })),
  description: z.string().nullable(),
  isAnnouncement: z.boolean(),
  isLocked: z.boolean(),
  membersAdd: z.boolean(),
  approvesJoining: z.boolean(),
  ephemeralSeconds: count,
  inviteCode: z.string(),
  /** Numbers of those who wait for an admin. */
  requests: z.array(z.string()),
  /** JID of the community that it belongs to. */
  community: z.string().nullable(),
});

export const joinAnswer = z.strictObject({ state: z.enum(['joined', 'requested']) });

export const connectionAnswer = z.strictObject({
  id: z.string(),
  session: z.string().nullable(),
  device: count.nullable(),
  ready: z.boolean(),
  openedAt: time,
});

/** A client that shows a QR code or a pairing code right now. */
export const pairingAnswer = z.strictObject({
  platform: z.string(),
  /** The number that its code is for; null while it shows QR codes only. */
  codeFor: z.string().nullable(),
});

/** A message that a device saw; its protobuf as JSON, with bytes in base64 and enums by name. */
export const messageAnswer = z.strictObject({
  waId: z.string(),
  from: z.string(),
  fromDevice: count,
  to: z.string(),
  device: count,
  chat: z.string(),
  copy: z.boolean(),
  addressing,
  encryption: z.enum(['pkmsg', 'msg', 'skmsg', 'none']),
  edit: z.string().nullable(),
  text: z.string().nullable(),
  message: z.record(z.string(), z.unknown()),
  arrival: z.int().min(1),
  displayed: z.boolean(),
  at: time,
});

export const deliveryAnswer = z.strictObject({
  waId: z.string(),
  from: z.string(),
  to: z.string(),
  device: count,
  chat: z.string(),
  addressing,
  text: z.string().nullable(),
  sends: count,
  retries: count,
  acknowledged: z.boolean(),
  at: time,
}) satisfies z.ZodType<Delivery>;

export const receiptAnswer = z.strictObject({
  waIds: z.array(z.string()),
  from: z.string(),
  fromDevice: count,
  to: z.string(),
  type: z.string(),
  at: time,
}) satisfies z.ZodType<SeenReceipt>;

export const presenceAnswer = z.strictObject({
  from: z.string(),
  device: count,
  to: z.string().nullable(),
  type: z.string(),
  at: time,
}) satisfies z.ZodType<SeenPresence>;

export const callAnswer = z.strictObject({
  callId: z.string(),
  from: z.string(),
  device: count,
  to: z.string(),
  event: z.string(),
  at: time,
}) satisfies z.ZodType<SeenCall>;

export const errorAnswer = z.strictObject({
  kind: z.enum(ERROR_KINDS),
  detail: z.string(),
  session: z.string().nullable(),
  at: time,
}) satisfies z.ZodType<RecordedError>;

export const pairedAnswer = z.strictObject({
  number: z.string(),
  device: count,
  jid: z.string(),
  lid: z.string(),
}) satisfies z.ZodType<PairedDevice>;

export const faultAnswer = z.strictObject({
  id: z.string(),
  kind: z.enum(FAULT_KINDS),
  session: z.string().optional(),
  recipient: z.string().optional(),
  xmlns: z.string().optional(),
  code: z.int().optional(),
  delayMs: count.optional(),
  bytesPerSecond: z.int().optional(),
  count: z.int().optional(),
  durationMs: z.int().optional(),
  uses: count,
  /** Milliseconds since 1970. */
  endsAt: z.number().optional(),
}) satisfies z.ZodType<Partial<Fault>>;

export const metricsAnswer = z.strictObject({
  connections: count,
  logins: count,
  pairings: count,
  stanzasIn: count,
  stanzasOut: count,
  messagesIn: count,
  messagesOut: count,
  decrypted: count,
  encrypted: count,
  acknowledged: count,
  malformedConnections: count,
  /** Queries of clients by namespace. */
  queries: z.record(z.string(), count),
  uptimeMs: count,
  cpuMs: count,
  memoryBytes: count,
}) satisfies z.ZodType<ReturnType<Metrics['read']>>;

export const serverAnswer = z.strictObject({
  url: z.string(),
  rootKeyHex: z.string(),
  mediaCaPem: z.string(),
});
export const openApiAnswer = z.strictObject({
  openapi: z.string(),
  info: z.strictObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
});
export const waIdAnswer = z.strictObject({ waId: z.string() });
export const waIdsAnswer = z.strictObject({ waIds: z.array(z.string()).min(1) });
export const callIdAnswer = z.strictObject({ callId: z.string() });
export const readAnswer = z.strictObject({ read: count });
export const droppedAnswer = z.strictObject({ dropped: count });
export const mediaAnswer = z.strictObject({ mimetype: z.string(), base64: z.base64() });

/** All there are. */
export const itemsOf = <T extends z.ZodType>(item: T) => z.strictObject({ items: z.array(item) });
/** Those that match a filter; `complete` is false when a wait ended before enough had come. */
export const matchesOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), complete: z.boolean() });

export const problemAnswer = z.strictObject({ status: z.int(), code: z.string(), detail: z.string() });

export type AccountView = z.output<typeof accountAnswer>;
export type DeviceView = z.output<typeof deviceAnswer>;
export type GroupView = z.output<typeof groupAnswer>;
export type ConnectionView = z.output<typeof connectionAnswer>;
export type PairingView = z.output<typeof pairingAnswer>;
export type MessageView = z.output<typeof messageAnswer>;
export type DeliveryView = z.output<typeof deliveryAnswer>;
export type ReceiptView = z.output<typeof receiptAnswer>;
export type PresenceView = z.output<typeof presenceAnswer>;
export type CallView = z.output<typeof callAnswer>;
export type ErrorView = z.output<typeof errorAnswer>;
export type PairedView = z.output<typeof pairedAnswer>;
export type FaultView = z.output<typeof faultAnswer>;
export type MetricsView = z.output<typeof metricsAnswer>;
export type ServerView = z.output<typeof serverAnswer>;
