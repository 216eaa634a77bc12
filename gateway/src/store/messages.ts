/**
 * The outbox's rows: messages with their status, in the order they were accepted. The table is the queue.
 * `retry_at` holds a session's line, `due_at` (scheduled) is skipped until due: two columns, or retries are overtaken.
 */
import { sql, type Selectable } from 'kysely';
import {
  MESSAGE_STATUSES,
  type Hold,
  type Message,
  type MessageContent,
  type MessageStatus,
} from '../domain/message.js';
import type { MessagesTable } from './database/schema.js';
import type { StoreContext } from './index.js';
import { affected, fromJson, fromNullableJson, toBuffer, toNullableJson } from './values.js';

export type MessageInsert = Omit<Message, 'position'>;

/** What changes in a message's life. */
export type MessageUpdate = Partial<
  Pick<Message, 'status' | 'retryAt' | 'hold' | 'attempts' | 'error' | 'timeline' | 'chatJid'>
>;

export interface MessageQuery {
  /** Empty: every session. */
  sessionIds: string[];
  status?: MessageStatus | undefined;
  to?: string | undefined;
  reference?: string | undefined;
  campaignId?: string | undefined;
  keyId?: string | undefined;
  limit: number;
  /** Position before which to list: newest first. */
  before?: number | undefined;
}

const WAITING = ['scheduled', 'queued', 'sending'] as const;

function toStatus(text: string): MessageStatus {
  const status = MESSAGE_STATUSES.find((known) => known === text);
  if (!status) throw new Error(`The database holds an unknown message status: ${text}`);
  return status;
}

/** Everything but `wire`, which only a resend needs. */
const COLUMNS = [
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
] as const;

const toMessage = (row: Omit<Selectable<MessagesTable>, 'wire'>): Message => ({
  position: row.position,
  id: row.id,
  waId: row.wa_id,
  sessionId: row.session_id,
  keyId: row.key_id,
  to: row.recipient,
  chatJid: row.chat_jid,
  content: fromJson<MessageContent>(row.content),
  contextMessageId: row.context_message_id,
  status: toStatus(row.status),
  priority: row.priority,
  queuedAt: row.created_at,
  sendAt: row.due_at,
  expiresAt: row.expires_at,
  retryAt: row.retry_at,
  hold: fromNullableJson<Hold>(row.hold),
  attempts: row.attempts,
  error: fromNullableJson(row.error),
  timeline: fromJson(row.timeline),
  reference: row.reference,
  campaignId: row.campaign_id,
  test: row.test === 1,
});

const toColumns = (message: MessageInsert) => ({
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
  test: message.test ? (1 as const) : (0 as const),
});

const toChanges = (update: MessageUpdate) => ({
  ...(update.status !== undefined && { status: update.status }),
  ...(update.retryAt !== undefined && { retry_at: update.retryAt }),
  ...(update.hold !== undefined && { hold: toNullableJson(update.hold) }),
  ...(update.attempts !== undefined && { attempts: update.attempts }),
  ...(update.error !== undefined && { error: toNullableJson(update.error) }),
  ...(update.timeline !== undefined && { timeline: JSON.stringify(update.timeline) }),
  ...(update.chatJid !== undefined && { chat_jid: update.chatJid }),
});

export function createMessagesStore({ q }: StoreContext) {
  const waiting = (sessionId: string) =>
    q.selectFrom('messages').where('session_id', '=', sessionId).where('status', 'in', WAITING);

  const one = async (column: 'id' | 'wa_id', value: string): Promise<Message | null> => {
    const row = await q.selectFrom('messages').select(COLUMNS).where(column, '=', value).executeTakeFirst();
    return row ? toMessage(row) : null;
  };

  return {
    find: (id: string) => one('id', id),
    findByWaId: (waId: string) => one('wa_id', waId),

    async insert(message: MessageInsert): Promise<Message> {
      const { position } = await q
        .insertInto('messages')
        .values(toColumns(message))
        .returning('position')
        .executeTakeFirstOrThrow();
      return { ...message, position };
    },

    /**
     * The message at the head of the session's line: the oldest that is neither sent nor scheduled for later;
     * with `only.test`, of the test messages or of the others.
     */
    async head(sessionId: string, now: number, only: { test?: boolean } = {}): Promise<Message | null> {
      let line = waiting(sessionId);
      if (only.test !== undefined) line = line.where('test', '=', only.test ? 1 : 0);
      const row = await line
        .select(COLUMNS)
        .where((where) => where.or([where('due_at', 'is', null), where('due_at', '<=', now)]))
        .orderBy('position')
        .limit(1)
        .executeTakeFirst();
      return row ? toMessage(row) : null;
    },

    /** When the next scheduled message falls due; null when none is scheduled. */
    async nextDue(sessionId: string, now: number): Promise<number | null> {
      const row = await waiting(sessionId)
        .select((select) => select.fn.min<number | null>('due_at').as('due'))
        .where('due_at', '>', now)
        .executeTakeFirst();
      return row?.due ?? null;
    },

    /** Changes a message if it is still in one of the statuses; null when it is not. */
    async update(id: string, from: readonly MessageStatus[], update: MessageUpdate): Promise<Message | null> {
      const row = await q
        .updateTable('messages')
        .set(toChanges(update))
        .where('id', '=', id)
        .where('status', 'in', from)
        .returning(COLUMNS)
        .executeTakeFirst();
      return row ? toMessage(row) : null;
    },

    /** Messages waiting in the session's line, scheduled ones included. */
    async countWaiting(sessionId: string): Promise<number> {
      const row = await waiting(sessionId)
        .select((select) => select.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },

    /** Messages waiting in all lines together. */
    async countAllWaiting(): Promise<number> {
      const row = await q
        .selectFrom('messages')
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('status', 'in', WAITING)
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },

    /** Messages of the session's line that go before this position. */
    async countAhead(sessionId: string, position: number): Promise<number> {
      const row = await waiting(sessionId)
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('position', '<', position)
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },

    /** Messages of the session accepted since the time and not failed. */
    async countSince(sessionId: string, since: number): Promise<number> {
      const row = await q
        .selectFrom('messages')
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('session_id', '=', sessionId)
        .where('created_at', '>=', since)
        .where('status', 'in', ['sent', 'delivered', 'read', 'played'])
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },

    async list(query: MessageQuery): Promise<Message[]> {
      let select = q.selectFrom('messages').select(COLUMNS);
      if (query.sessionIds.length > 0) select = select.where('session_id', 'in', query.sessionIds);
      if (query.status !== undefined) select = select.where('status', '=', query.status);
      if (query.to !== undefined) select = select.where('recipient', '=', query.to);
      if (query.reference !== undefined) select = select.where('reference', '=', query.reference);
      if (query.campaignId !== undefined) select = select.where('campaign_id', '=', query.campaignId);
      if (query.keyId !== undefined) select = select.where('key_id', '=', query.keyId);
      if (query.before !== undefined) select = select.where('position', '<', query.before);
      const rows = await select
        .orderBy(sql`position`, 'desc')
        .limit(query.limit)
        .execute();
      return rows.map(toMessage);
    },

    /** The encoded protobuf of a message whose file was uploaded before. */
    async wire(id: string): Promise<Buffer | null> {
      const row = await q.selectFrom('messages').select('wire').where('id', '=', id).executeTakeFirst();
      return row?.wire ? toBuffer(row.wire) : null;
    },

    async setWire(id: string, wire: Buffer): Promise<void> {
      await q.updateTable('messages').set({ wire }).where('id', '=', id).execute();
    },

    /** Ends everything that waits in a session, because the session goes. */
    async removeWaiting(sessionId: string): Promise<number> {
      return affected(
        await q
          .deleteFrom('messages')
          .where('session_id', '=', sessionId)
          .where('status', 'in', WAITING)
          .execute(),
      );
    },
  };
}
