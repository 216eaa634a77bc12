/**
 * A message as a row of `messages`, and back. Pure; used by the nouns in messages, messageLine and messageCounts.
 */
import { sql, type Selectable, type SqlBool } from 'kysely';
import { NEVER } from '../domain/campaign.js';
import {
  MESSAGE_STATUSES,
  STANDINGS,
  type Hold,
  type Message,
  type MessageContent,
  type MessageError,
  type MessageStatus,
  type Standing,
  type TimelineEntry,
} from '../domain/message.js';
import type { MessagesTable } from './database/schema.js';
import { fromJson, fromNullableJson, toNullableJson } from './values.js';

/** Where it stands in the queue; `open` when absent. */
export type MessageInsert = Omit<Message, 'position'> & { standing?: Standing };

/** What changes in a message's life. A change of status ends what held it, unless `heldUntil` says otherwise. */
export type MessageUpdate = Partial<
  Pick<Message, 'status' | 'retryAt' | 'hold' | 'attempts' | 'error' | 'timeline' | 'chatJid' | 'expiresAt'>
> & {
  /** When WhatsApp acknowledged it, milliseconds since 1970. */
  sentAt?: number;
  /** It is not looked at before; milliseconds since 1970, or FOLLOWS. */
  heldUntil?: number | null;
  standing?: Standing;
};

/** `held_until` of a message that waits for an older one of its chat, which is held. */
export const FOLLOWS = 9_000_000_000_000_000;

/** Which rows a partial index holds, word by word as in migration 0002: SQLite uses one for the same text only. */
export const IN_LINE = sql<SqlBool>`status in ('queued', 'sending')`;
export const NOT_HELD = sql<SqlBool>`held_until is null`;
export const SCHEDULED = sql<SqlBool>`status = 'scheduled'`;
export const CAN_EXPIRE = sql<SqlBool>`status in ('scheduled', 'queued') and expires_at is not null`;

function toStatus(text: string): MessageStatus {
  const status = MESSAGE_STATUSES.find((known) => known === text);
  if (!status) throw new Error(`The database holds an unknown message status: ${text}`);
  return status;
}

/** Everything but `wire`, which only a resend needs, and `sent_at`, which only the count of undelivered ones does. */
export const MESSAGE_COLUMNS = [
  'position',
  'id',
  'wa_id',
  'session_id',
  'key_id',
  'recipient',
  'chat_jid',
  'type',
  'content',
  'context_message_id',
  'status',
  'priority',
  'created_at',
  'due_at',
  'expires_at',
  'retry_at',
  'hold',
  'attempts',
  'error',
  'timeline',
  'reference',
  'campaign_id',
  'test',
  'typing',
] as const;

/** What is given when a message is stored: all of these but the position, and its standing. */
export const INSERTED_COLUMNS = [
  ...MESSAGE_COLUMNS.filter((column) => column !== 'position'),
  'standing' as const,
];

export type MessageRow = Pick<Selectable<MessagesTable>, (typeof MESSAGE_COLUMNS)[number]>;

export const toMessage = (row: MessageRow): Message => ({
  position: row.position,
  id: row.id,
  waId: row.wa_id,
  sessionId: row.session_id,
  keyId: row.key_id,
  to: row.recipient,
  chatJid: row.chat_jid,
  content: fromJson(row.content) as MessageContent,
  contextMessageId: row.context_message_id,
  status: toStatus(row.status),
  priority: row.priority,
  queuedAt: row.created_at,
  sendAt: row.due_at === NEVER ? null : row.due_at,
  expiresAt: row.expires_at,
  retryAt: row.retry_at,
  hold: fromNullableJson(row.hold) as Hold | null,
  attempts: row.attempts,
  error: fromNullableJson(row.error) as MessageError | null,
  timeline: fromJson(row.timeline) as TimelineEntry[],
  reference: row.reference,
  campaignId: row.campaign_id,
  test: row.test === 1,
  ...(row.typing !== null && { typing: row.typing === 1 }),
});

/** As a number, in the order in which the queue is looked through. */
export const toStanding = (standing: Standing): number => STANDINGS.indexOf(standing);

export const toFlag = (value: boolean): 0 | 1 => (value ? 1 : 0);

export const toColumns = (message: MessageInsert) => ({
  id: message.id,
  wa_id: message.waId,
  session_id: message.sessionId,
  key_id: message.keyId,
  recipient: message.to,
  chat_jid: message.chatJid,
  type: message.content.type,
  content: JSON.stringify(message.content),
  context_message_id: message.contextMessageId,
  status: message.status,
  priority: message.priority,
  created_at: message.queuedAt,
  due_at: message.sendAt,
  expires_at: message.expiresAt,
  retry_at: message.retryAt,
  hold: toNullableJson(message.hold),
  attempts: message.attempts,
  error: toNullableJson(message.error),
  timeline: JSON.stringify(message.timeline),
  reference: message.reference,
  campaign_id: message.campaignId,
  test: toFlag(message.test),
  standing: toStanding(message.standing ?? 'open'),
  typing: message.typing === undefined ? null : toFlag(message.typing),
});

export const toChanges = (update: MessageUpdate) => ({
  ...(update.status !== undefined && { status: update.status, held_until: null }),
  ...(update.heldUntil !== undefined && { held_until: update.heldUntil }),
  ...(update.standing !== undefined && { standing: toStanding(update.standing) }),
  ...(update.retryAt !== undefined && { retry_at: update.retryAt }),
  ...(update.hold !== undefined && { hold: toNullableJson(update.hold) }),
  ...(update.attempts !== undefined && { attempts: update.attempts }),
  ...(update.error !== undefined && { error: toNullableJson(update.error) }),
  ...(update.timeline !== undefined && { timeline: JSON.stringify(update.timeline) }),
  ...(update.sentAt !== undefined && { sent_at: update.sentAt }),
  ...(update.chatJid !== undefined && { chat_jid: update.chatJid }),
  ...(update.expiresAt !== undefined && { expires_at: update.expiresAt }),
});

/** The message as it is after the update. */
export function withChanges(message: Message, update: MessageUpdate): Message {
  const {
    status = message.status,
    retryAt = message.retryAt,
    hold = message.hold,
    attempts = message.attempts,
    error = message.error,
    timeline = message.timeline,
    chatJid = message.chatJid,
    expiresAt = message.expiresAt,
  } = update;
  return { ...message, status, retryAt, hold, attempts, error, timeline, chatJid, expiresAt };
}
