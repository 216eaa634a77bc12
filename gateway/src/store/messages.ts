/**
 * The outbox's rows: messages with their status, in the order they were accepted. The table is the queue.
 * Here are the messages one by one and as a list; a session's line is in messageLine, counts are in messageCounts,
 * uploaded protobufs in messageWires.
 */
import { sql } from 'kysely';
import type { Message, MessageStatus } from '../domain/message.js';
import type { StoreContext } from './index.js';
import { createMessageCounts } from './messageCounts.js';
import { createMessageLine } from './messageLine.js';
import {
  MESSAGE_COLUMNS,
  toChanges,
  toColumns,
  toMessage,
  type MessageInsert,
  type MessageUpdate,
} from './messageRows.js';
import { createMessageWires } from './messageWires.js';

export type { MessageInsert, MessageUpdate };

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

export function createMessagesStore(context: StoreContext) {
  const { q, engine } = context;

  const one = async (column: 'id' | 'wa_id', value: string): Promise<Message | null> => {
    const row = await q
      .selectFrom('messages')
      .select(MESSAGE_COLUMNS)
      .where(column, '=', value)
      .executeTakeFirst();
    return row ? toMessage(row) : null;
  };

  return {
    ...createMessageLine(context),
    ...createMessageCounts(context),
    ...createMessageWires(context),

    find: (id: string) => one('id', id),
    findByWaId: (waId: string) => one('wa_id', waId),

    /**
     * The same, inside a transaction, with the row kept as it is until the end. On Postgres it would otherwise change
     * between the reading and an update that names the status it has read; SQLite has one writer at a time.
     */
    async findByWaIdForUpdate(waId: string): Promise<Message | null> {
      let query = q.selectFrom('messages').select(MESSAGE_COLUMNS).where('wa_id', '=', waId);
      if (engine === 'postgres') query = query.forUpdate();
      const row = await query.executeTakeFirst();
      return row ? toMessage(row) : null;
    },

    async insert(message: MessageInsert): Promise<Message> {
      const { position } = await q
        .insertInto('messages')
        .values(toColumns(message))
        .returning('position')
        .executeTakeFirstOrThrow();
      return { ...message, position };
    },

    /** Changes a message if it is still in one of the statuses; null when it is not. */
    async update(id: string, from: readonly MessageStatus[], update: MessageUpdate): Promise<Message | null> {
      const row = await q
        .updateTable('messages')
        .set(toChanges(update))
        .where('id', '=', id)
        .where('status', 'in', from)
        .returning(MESSAGE_COLUMNS)
        .executeTakeFirst();
      return row ? toMessage(row) : null;
    },

    async list(query: MessageQuery): Promise<Message[]> {
      let select = q.selectFrom('messages').select(MESSAGE_COLUMNS);
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
  };
}
