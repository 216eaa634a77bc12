/**
 * The queue of one session: what may be looked at next, chat by chat, and what is held or scheduled. The drain loop takes
 * from it. A message held for a reason of its own has `held_until`, and its chat waits with it; `due_at` (scheduled) is
 * skipped until due. Every query here is answered from a partial index over waiting messages (migration 0002).
 */
import { sql, type SqlBool } from 'kysely';
import type { Message, Standing } from '../domain/message.js';
import type { Executor } from './database/index.js';
import { oneRowStatement, statement } from './database/statement.js';
import type { StoreContext } from './index.js';
import {
  FOLLOWS,
  IN_LINE,
  MESSAGE_COLUMNS,
  NOT_HELD,
  SCHEDULED,
  toFlag,
  toMessage,
  toStanding,
} from './messageRows.js';
import { affected } from './values.js';

/** The messages of a session, or its test messages. */
export interface Lane {
  sessionId: string;
  test: boolean;
}

/** A lane as its columns say it. */
interface OfLane {
  sessionId: string;
  test: 0 | 1;
}

const lineOf = (q: Executor, { sessionId, test }: OfLane) =>
  q.selectFrom('messages').where('session_id', '=', sessionId).where('test', '=', test).where(IN_LINE);

/** The messages of a lane that are in line: queued, or being sent. */
export const inLane = (q: Executor, { sessionId, test }: Lane) =>
  lineOf(q, { sessionId, test: toFlag(test) });

/** A message that may be looked at. */
export interface Candidate {
  message: Message;
  /** The oldest message of its chat, which goes first. */
  headId: string;
  optedOut: boolean;
}

const HEAD_ID = sql<string>`(select head.id from messages as head where head.session_id = messages.session_id
  and head.chat_jid = messages.chat_jid and head.test = messages.test and head.status in ('queued', 'sending')
  order by head.position limit 1)`;

/** The answer to an opt-out is the one message that still goes. */
const OPTED_OUT = sql<SqlBool>`exists (select 1 from opt_outs where opt_outs.chat_jid = messages.chat_jid
    and (opt_outs.answer_message_id is null or opt_outs.answer_message_id <> messages.id))
  or exists (select 1 from opt_outs where opt_outs.phone = messages.recipient
    and (opt_outs.answer_message_id is null or opt_outs.answer_message_id <> messages.id))
  or exists (select 1 from opt_outs where opt_outs.lid = messages.chat_jid
    and (opt_outs.answer_message_id is null or opt_outs.answer_message_id <> messages.id))`;

const candidates = (q: Executor, lane: OfLane) =>
  lineOf(q, lane)
    .where(NOT_HELD)
    .select(MESSAGE_COLUMNS)
    .select([HEAD_ID.as('head_id'), OPTED_OUT.as('opted_out')])
    .orderBy('standing')
    .orderBy('priority', 'desc')
    .orderBy('position')
    .limit(1);
const firstOfAll = oneRowStatement((q, values: OfLane) => candidates(q, values));
const firstOfStanding = oneRowStatement((q, values: OfLane & { standing: number }) =>
  candidates(q, values).where('standing', '=', values.standing),
);

interface Free extends OfLane {
  standing: number;
}

const free = (q: Executor, lane: OfLane) => lineOf(q, lane).where(NOT_HELD).select('id').limit(1);
const anyFree = oneRowStatement((q, values: OfLane) => free(q, values));
const anyFreeOfStanding = oneRowStatement((q, values: Free) =>
  free(q, values).where('standing', '=', values.standing),
);

function createLooking(context: StoreContext) {
  const { q } = context;

  return {
    /** The first that is not held: by priority, then by age. Without a standing, replies come first. */
    async candidate({ sessionId, test }: Lane, standing?: Standing): Promise<Candidate | null> {
      const lane = { sessionId, test: toFlag(test) };
      const { rows } =
        standing === undefined
          ? await firstOfAll(context, lane)
          : await firstOfStanding(context, { ...lane, standing: toStanding(standing) });
      const row = rows[0];
      return row ? { message: toMessage(row), headId: row.head_id, optedOut: Boolean(row.opted_out) } : null;
    },

    /** Whether anything in the lane, or of this standing, may be looked at. */
    async hasCandidate({ sessionId, test }: Lane, standing?: Standing): Promise<boolean> {
      const lane = { sessionId, test: toFlag(test) };
      const { rows } =
        standing === undefined
          ? await anyFree(context, lane)
          : await anyFreeOfStanding(context, { ...lane, standing: toStanding(standing) });
      return rows.length > 0;
    },

    /** Whether the message is not to be looked at for a while. */
    async isHeld(id: string): Promise<boolean> {
      const row = await q.selectFrom('messages').select('held_until').where('id', '=', id).executeTakeFirst();
      return row?.held_until != null;
    },

    /** Whether messages wait behind a held one of their chat. */
    async hasFollowers(sessionId: string): Promise<boolean> {
      const row = await q
        .selectFrom('messages')
        .select('id')
        .where('session_id', '=', sessionId)
        .where(sql<SqlBool>`held_until is not null`)
        .where('held_until', '=', FOLLOWS)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

function createHolding({ q }: Pick<StoreContext, 'q'>) {
  const ofLane = (lane: Lane) => inLane(q, lane);

  return {
    /** What waits behind the held head of its chat is not looked at; answers how many more were put there. */
    async holdFollowers({ sessionId, test, chatJid, id }: Message, limit: number): Promise<number> {
      const ids = ofLane({ sessionId, test })
        .where('chat_jid', '=', chatJid)
        .where(NOT_HELD)
        .where('id', '<>', id)
        .select('id')
        .limit(limit);
      const held = q.updateTable('messages').set({ held_until: FOLLOWS }).where('id', 'in', ids);
      return affected(await held.execute());
    },

    /** The oldest message of the chat may be looked at again, because the one before it has gone. */
    async releaseFollower({ sessionId, test, chatJid }: Message): Promise<void> {
      const head = ofLane({ sessionId, test })
        .where('chat_jid', '=', chatJid)
        .select('id')
        .orderBy('position')
        .limit(1);
      await q
        .updateTable('messages')
        .set({ held_until: null })
        .where('id', '=', head)
        .where('held_until', '=', FOLLOWS)
        .execute();
    },

    /** Lets messages be looked at again whose time has come; with `all`, all but those that wait for a retry. */
    async releaseHeld(sessionId: string, until: { now: number } | 'all', limit: number): Promise<number> {
      const held = q
        .selectFrom('messages')
        .where('session_id', '=', sessionId)
        .where(sql<SqlBool>`held_until is not null`)
        .select('id')
        .limit(limit);
      const ids =
        until === 'all'
          ? held.where('held_until', '<', FOLLOWS).where('retry_at', 'is', null)
          : held.where('held_until', '<=', until.now);
      return affected(
        await q.updateTable('messages').set({ held_until: null }).where('id', 'in', ids).execute(),
      );
    },
  };
}

const restand = statement((q, values: OfLane & { chatJid: string; standing: number }) =>
  q
    .updateTable('messages')
    .set({ standing: values.standing })
    .where('session_id', '=', values.sessionId)
    .where('test', '=', values.test)
    .where('chat_jid', '=', values.chatJid)
    .where(IN_LINE),
);

function createStandings({ q, ...context }: Pick<StoreContext, 'q' | 'engine'>) {
  return {
    /** What waits for somebody new waits for somebody known now. */
    async welcome({ sessionId, test }: Lane, chatJid: string): Promise<void> {
      await q
        .updateTable('messages')
        .set({ standing: toStanding('open') })
        .where('session_id', '=', sessionId)
        .where('test', '=', toFlag(test))
        .where('chat_jid', '=', chatJid)
        .where('standing', '=', toStanding('new'))
        .where(IN_LINE)
        .execute();
    },

    /** Everything of a chat that waits stands otherwise now, because its person has written. */
    async setStanding({ sessionId, test }: Lane, chatJids: string[], standing: Standing): Promise<void> {
      const values = { sessionId, test: toFlag(test), standing: toStanding(standing) };
      for (const chatJid of chatJids) await restand({ q, ...context }, { ...values, chatJid });
    },
  };
}

function createRemoving({ q }: Pick<StoreContext, 'q'>) {
  return {
    /** Ends everything that waits in a session, because the session goes. */
    async removeWaiting(sessionId: string): Promise<number> {
      let removed = 0;
      for (const waiting of [IN_LINE, SCHEDULED]) {
        const ids = q.selectFrom('messages').where('session_id', '=', sessionId).where(waiting).select('id');
        // Their idempotency keys go along: a key that names a message which is gone could never be used again.
        await q.deleteFrom('idempotency_keys').where('message_id', 'in', ids).execute();
        const gone = q.deleteFrom('messages').where('session_id', '=', sessionId).where(waiting);
        removed += affected(await gone.execute());
      }
      return removed;
    },
  };
}

export const createMessageLine = (context: StoreContext) => ({
  ...createLooking(context),
  ...createHolding(context),
  ...createStandings(context),
  ...createRemoving(context),
});
