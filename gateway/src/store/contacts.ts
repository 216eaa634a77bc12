/**
 * With whom a session has written: first and last message there, last message from there, last refusal. Pacing asks it who
 * is new, who was written to a moment ago, who waits for an answer, and whom WhatsApp does not let it write to.
 */
import { oneRowStatement, statement } from './database/statement.js';
import type { StoreContext } from './index.js';
import type { Lane } from './messageLine.js';
import { toFlag } from './messageRows.js';

export interface Contact {
  firstSentAt: number | null;
  lastSentAt: number | null;
  lastReceivedAt: number | null;
  /** When WhatsApp last refused a message there for want of a chat. */
  refusedAt: number | null;
}

const laterOf = (a: number | null, b: number): number => Math.max(a ?? b, b);

interface Key {
  session_id: string;
  test: 0 | 1;
  chat_jid: string;
}

interface Times {
  first_sent_at: number | null;
  last_sent_at: number | null;
  last_received_at: number | null;
}

const findContact = oneRowStatement((q, key: Key) =>
  q
    .selectFrom('contacts')
    .select(['first_sent_at', 'last_sent_at', 'last_received_at', 'refused_at'])
    .where('session_id', '=', key.session_id)
    .where('test', '=', key.test)
    .where('chat_jid', '=', key.chat_jid),
);

const saveContact = statement((q, row: Key & Times) => {
  const times = {
    first_sent_at: row.first_sent_at,
    last_sent_at: row.last_sent_at,
    last_received_at: row.last_received_at,
  };
  return q
    .insertInto('contacts')
    .values({ session_id: row.session_id, test: row.test, chat_jid: row.chat_jid, ...times })
    .onConflict((conflict) => conflict.columns(['session_id', 'test', 'chat_jid']).doUpdateSet(times));
});

export function createContactsStore(context: StoreContext) {
  const keyOf = ({ sessionId, test }: Lane, chatJid: string): Key => ({
    session_id: sessionId,
    test: toFlag(test),
    chat_jid: chatJid,
  });

  async function find(lane: Lane, chatJid: string): Promise<Contact | null> {
    const row = (await findContact(context, keyOf(lane, chatJid))).rows[0];
    if (!row) return null;
    return {
      firstSentAt: row.first_sent_at,
      lastSentAt: row.last_sent_at,
      lastReceivedAt: row.last_received_at,
      refusedAt: row.refused_at,
    };
  }

  async function save(lane: Lane, chatJid: string, contact: Omit<Contact, 'refusedAt'>): Promise<void> {
    await saveContact(context, {
      ...keyOf(lane, chatJid),
      first_sent_at: contact.firstSentAt,
      last_sent_at: contact.lastSentAt,
      last_received_at: contact.lastReceivedAt,
    });
  }

  return {
    find,

    /** A message went there. */
    async sent(lane: Lane, chatJid: string, at: number): Promise<void> {
      const known = await find(lane, chatJid);
      await save(lane, chatJid, {
        firstSentAt: known?.firstSentAt ?? at,
        lastSentAt: laterOf(known?.lastSentAt ?? null, at),
        lastReceivedAt: known?.lastReceivedAt ?? null,
      });
    },

    /** WhatsApp refused a message there for want of a chat. */
    async refused(lane: Lane, chatJid: string, at: number): Promise<void> {
      await context.q
        .insertInto('contacts')
        .values({ ...keyOf(lane, chatJid), refused_at: at })
        .onConflict((conflict) =>
          conflict.columns(['session_id', 'test', 'chat_jid']).doUpdateSet({ refused_at: at }),
        )
        .execute();
    },

    /** A message came from there. */
    async received(lane: Lane, chatJid: string, at: number): Promise<void> {
      const known = await find(lane, chatJid);
      await save(lane, chatJid, {
        firstSentAt: known?.firstSentAt ?? null,
        lastSentAt: known?.lastSentAt ?? null,
        lastReceivedAt: laterOf(known?.lastReceivedAt ?? null, at),
      });
    },
  };
}
