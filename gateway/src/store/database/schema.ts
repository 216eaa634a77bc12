/**
 * The tables as Kysely sees them: one interface per table, columns as both engines return them.
 * Times are milliseconds since 1970, JSON is text, booleans are 0 or 1, `position` orders rows by arrival.
 */
import type { Generated } from 'kysely';
import type { CampaignTables } from './campaignTables.js';
import type { Bytes, NullableBytes } from './columnTypes.js';
import type {
  DeliveriesTable,
  DeliveryAttemptsTable,
  DeliveryLanesTable,
  EventCountersTable,
  EventsTable,
  WebhooksTable,
} from './deliveryTables.js';
import type { CommandsTable, MediaUploadsTable, MessageReceiptsTable } from './outgoingTables.js';
import type { InboxTable, PollsTable, PollVotesTable, UndecryptedTable } from './receivingTables.js';
import type { PacingTables } from './pacingTables.js';

type Flag = 0 | 1;

export interface SessionsTable {
  id: string;
  name: string | null;
  metadata: string;
  policy: string | null;
  desired: string;
  status: string;
  reason: string | null;
  status_since: number;
  phone: string | null;
  lid: string | null;
  push_name: string | null;
  qr: NullableBytes;
  qr_attempt: number;
  qr_expires_at: number | null;
  queue_paused: Flag;
  last_sent_at: number | null;
  last_active_at: number | null;
  created_at: number;
  owner: string | null;
  epoch: number;
  lease_expires_at: number | null;
  /** What the owner was asked to do: restart, wipe, logout or remove. */
  request: string | null;
  /** Whether files of incoming messages are downloaded. */
  download_media: Generated<Flag>;
  /** Whether messages of the account itself become events. */
  own_messages: Generated<Flag>;
}

export interface KeyValuesTable {
  namespace: string;
  key: string;
  value: Bytes;
}

export interface MessagesTable {
  position: Generated<number>;
  id: string;
  wa_id: string;
  session_id: string;
  key_id: string | null;
  recipient: string;
  chat_jid: string;
  type: string;
  content: string;
  context_message_id: string | null;
  status: string;
  priority: number;
  created_at: number;
  due_at: number | null;
  expires_at: number | null;
  retry_at: number | null;
  hold: string | null;
  attempts: number;
  error: string | null;
  timeline: string;
  reference: string | null;
  campaign_id: string | null;
  test: Flag;
  /** When WhatsApp acknowledged it; what is still undelivered long after is counted. */
  sent_at: number | null;
  /** The encoded protobuf of a media message, once its file is uploaded; a resend must carry the same. */
  wire: NullableBytes;
  /** 0: answers somebody who wrote lately; 2: known to go to somebody new; 1: neither, or not looked at yet. */
  standing: Generated<number>;
  /** Not looked at before, for a reason of its own; far away while a message of the same chat is before it. */
  held_until: number | null;
  /** Whether typing is shown first; null: as the policy says. */
  typing: Flag | null;
}

export interface IdempotencyKeysTable {
  scope: string;
  key: string;
  body_hash: string;
  message_id: string;
  created_at: number;
}

export interface RecipientsTable {
  phone: string;
  exists_on_whatsapp: Flag;
  jid: string | null;
  lid: string | null;
  checked_at: number;
}

export interface ApiKeysTable {
  id: string;
  name: string;
  role: string;
  mode: string;
  session_ids: string;
  prefix: string;
  hash: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
}

export interface MediaTable {
  id: string;
  key_id: string | null;
  mime_type: string;
  size_bytes: number;
  sha256: string;
  filename: string | null;
  path: string;
  created_at: number;
  /** The session whose message brought it; null: uploaded. */
  session_id: string | null;
}

export interface MediaDownloadsTable {
  id: string;
  session_id: string;
  inbox_position: number;
  state: string;
  attempts: number;
  /** Null when it is over. */
  next_attempt_at: number | null;
  /** Where the file lies now, when the sender's phone has uploaded it again. */
  direct_path: string | null;
  error: string | null;
  /** Number of the event that went out before the file was there. */
  announced_seq: number | null;
  created_at: number;
  finished_at: number | null;
}

export interface GatewayStateTable {
  name: string;
  value: Bytes;
}

export type { InboxTable };

export interface Schema extends PacingTables, CampaignTables {
  sessions: SessionsTable;
  key_values: KeyValuesTable;
  messages: MessagesTable;
  idempotency_keys: IdempotencyKeysTable;
  recipients: RecipientsTable;
  inbox: InboxTable;
  polls: PollsTable;
  poll_votes: PollVotesTable;
  undecrypted: UndecryptedTable;
  event_counters: EventCountersTable;
  events: EventsTable;
  webhooks: WebhooksTable;
  delivery_lanes: DeliveryLanesTable;
  deliveries: DeliveriesTable;
  delivery_attempts: DeliveryAttemptsTable;
  api_keys: ApiKeysTable;
  media: MediaTable;
  media_uploads: MediaUploadsTable;
  commands: CommandsTable;
  message_receipts: MessageReceiptsTable;
  media_downloads: MediaDownloadsTable;
  gateway_state: GatewayStateTable;
}
