/**
 * The outbox's rows: messages with their status, in the order they were accepted. The table is the queue.
 * Here are the messages one by one and as a list; a session's line is in messageLine, counts are in messageCounts,
 * uploaded protobufs in messageWires.
 */
import { sql, type QueryResult } from 'kysely';
import type { Message, MessageStatus } from '../domain/message.js';
import { oneRowStatement, statement, type Statement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { createMessageCounts } from './messageCounts.js';
import { createMessageLine } from './messageLine.js';
import {
  INSERTED_COLUMNS,
  MESSAGE_COLUMNS,
  toChanges,
  toColumns,
  toMessage,
  withChanges,
  type MessageInsert,
  type MessageRow,
  type MessageUpdate,
} from './messageRows.js';
import { createMessageTimes } from './messageTimes.js';
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

const findById = oneRowStatement((q, { id }: { id: string }) =>
  q.selectFrom('messages').select(MESSAGE_COLUMNS).where('id', '=', id),
);
const findByWaId = oneRowStatement((q, { waId }: { waId: string }) =>
  q.selectFrom('messages').select(MESSAGE_COLUMNS).where('wa_id', '=', waId),
);
const findByWaIdForUpdate = oneRowStatement((q, { waId }: { waId: string }, engine) => {
  const query = q.selectFrom('messages').select(MESSAGE_COLUMNS).where('wa_id', '=', waId);
  return engine === 'postgres' ? query.forUpdate() : query;
});
const insertMessage = oneRowStatement((q, row: ReturnType<typeof toColumns>) =>
  // Named one by one, because a placeholder stands for one value.
  q
    .insertInto('messages')
    .values(Object.fromEntries(INSERTED_COLUMNS.map((column) => [column, row[column]])) as typeof row)
    .returning('position'),
);

const findLastPosition = oneRowStatement((q) =>
  q.selectFrom('messages').select('position').orderBy('position', 'desc').limit(1),
);

type Changes = ReturnType<typeof toChanges>;

type Values = Changes & Record<string, unknown>;

/** One statement for each set of columns and number of statuses that are used; there are a dozen. */
const updates = new Map<string, Statement<Values, unknown>>();

function updateOf(columns: (keyof Changes)[], statuses: number): Statement<Values, unknown> {
  const name = `${columns.join()}:${String(statuses)}`;
  const known = updates.get(name);
  if (known) return known;
  const made = statement((q, values: Values) =>
    q
      .updateTable('messages')
      .set(Object.fromEntries(columns.map((column) => [column, values[column]])) as Changes)
      .where('id', '=', values.id as string)
      .where(
        'status',
        'in',
        Array.from({ length: statuses }, (_, index) => values[`from${String(index)}`] as string),
      ),
  );
  updates.set(name, made);
  return made;
}

async function change(
  context: StoreContext,
  id: string,
  { from, update }: { from: readonly MessageStatus[]; update: MessageUpdate },
): Promise<boolean> {
  const changes = toChanges(update);
  const run = updateOf(Object.keys(changes) as (keyof Changes)[], from.length);
  const statuses = Object.fromEntries(from.map((status, index) => [`from${String(index)}`, status]));
  const { numAffectedRows } = await run(context, { ...changes, ...statuses, id });
  return numAffectedRows === 1n;
}

const firstMessage = async (result: Promise<QueryResult<MessageRow>>): Promise<Message | null> => {
  const row = (await result).rows[0];
  return row ? toMessage(row) : null;
};

export function createMessagesStore(context: StoreContext) {
  const { q } = context;

  return {
    ...createMessageLine(context),
    ...createMessageTimes(context),
    ...createMessageCounts(context),
    ...createMessageWires(context),

    find: (id: string) => firstMessage(findById(context, { id })),
    findByWaId: (waId: string) => firstMessage(findByWaId(context, { waId })),

    /**
     * The same, inside a transaction, with the row kept as it is until the end. On Postgres it would otherwise change
     * between the reading and an update that names the status it has read; SQLite has one writer at a time.
     */
    findByWaIdForUpdate: (waId: string) => firstMessage(findByWaIdForUpdate(context, { waId })),

    async insert({ standing = 'open', ...message }: MessageInsert): Promise<Message> {
      const { rows } = await insertMessage(context, toColumns({ ...message, standing }));
      if (!rows[0]) throw new Error('The database gave no position to a new message.');
      return { ...message, position: rows[0].position };
    },

    /** The place of the message that was accepted last; 0 when there is none. */
    async lastPosition(): Promise<number> {
      const [row] = (await findLastPosition(context, {})).rows;
      return row?.position ?? 0;
    },

    /** Changes a message if it is still in one of the statuses; null when it is not. */
    async update(id: string, from: readonly MessageStatus[], update: MessageUpdate): Promise<Message | null> {
      return (await change(context, id, { from, update })) ? firstMessage(findById(context, { id })) : null;
    },

    /** The same for a message in hand, which is not read again: what is not changed here is taken to be as it was. */
    async move(
      message: Message,
      from: readonly MessageStatus[],
      update: MessageUpdate,
    ): Promise<Message | null> {
      return (await change(context, message.id, { from, update })) ? withChanges(message, update) : null;
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
