/**
 * Messages that could not be decrypted: their senders are asked for them again. What does not come after a while is
 * reported. Written by whatsapp/decryptions before WhatsApp is told, worked off by whatsapp/inboxLoop.
 */
import { sql } from 'kysely';
import type { StanzaAttributes } from './inbox.js';
import { oneRowStatement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { toFlag } from './messageRows.js';
import { fromJson } from './values.js';

export interface Undecrypted {
  stanza: StanzaAttributes;
  firstSeenAt: number;
}

/** A message to remember. */
export interface NewUndecrypted extends Undecrypted {
  /** It was never encrypted for this device: its sender need not be asked. */
  phoneOnly?: boolean;
}

/** How often it was asked for, and when last. */
export interface Asked extends Required<NewUndecrypted> {
  asked: number;
  askedAt: number | null;
}

export interface AskedLimits {
  /** Those asked for as often as this are left alone. */
  most: number;
  /** And those first seen before this, milliseconds since 1970. */
  since: number;
  limit: number;
}

const toUndecrypted = (row: { stanza: string; first_seen_at: number }): Undecrypted => ({
  stanza: fromJson(row.stanza) as StanzaAttributes,
  firstSeenAt: row.first_seen_at,
});

/** Each message that comes asks for this, and hardly ever there is one. */
const anyOf = oneRowStatement((q, { sessionId }: { sessionId: string }) =>
  q.selectFrom('undecrypted').select('stanza_id').where('session_id', '=', sessionId).limit(sql.lit(1)),
);

const columnsOf = (stanza: StanzaAttributes) => ({
  chat: stanza.from ?? '',
  sender: stanza.participant ?? '',
  stanza_id: stanza.id ?? '',
});

export function createUndecryptedStore(context: StoreContext) {
  const { q } = context;
  return {
    /** Remembers a message; a further try of the same one changes nothing. */
    async add(sessionId: string, { stanza, firstSeenAt, phoneOnly }: NewUndecrypted): Promise<void> {
      await q
        .insertInto('undecrypted')
        .values({
          session_id: sessionId,
          ...columnsOf(stanza),
          stanza: JSON.stringify(stanza),
          first_seen_at: firstSeenAt,
          phone_only: toFlag(phoneOnly ?? false),
          reported_at: null,
          asked_at: null,
        })
        .onConflict((conflict) => conflict.columns(['session_id', 'chat', 'sender', 'stanza_id']).doNothing())
        .execute();
    },

    /** Those not reported yet, the oldest first. */
    async waiting(sessionId: string, limit: number): Promise<Undecrypted[]> {
      const rows = await q
        .selectFrom('undecrypted')
        .select(['stanza', 'first_seen_at'])
        .where('session_id', '=', sessionId)
        .where('reported_at', 'is', null)
        .orderBy('first_seen_at')
        .orderBy('stanza_id')
        .limit(limit)
        .execute();
      return rows.map(toUndecrypted);
    },

    /** What is missing under the id, reported or not. */
    async find(sessionId: string, stanzaId: string): Promise<Undecrypted | null> {
      const row = await q
        .selectFrom('undecrypted')
        .select(['stanza', 'first_seen_at'])
        .where('session_id', '=', sessionId)
        .where('stanza_id', '=', stanzaId)
        .limit(1)
        .executeTakeFirst();
      return row ? toUndecrypted(row) : null;
    },

    ...asking({ q }),
    ...settling(context),

    async clear(sessionId: string): Promise<void> {
      await q.deleteFrom('undecrypted').where('session_id', '=', sessionId).execute();
    },
  };
}

const asking = ({ q }: Pick<StoreContext, 'q'>) => ({
  /** Those that may be asked for again, reported or not; the oldest first. */
  async askable(sessionId: string, { most, since, limit }: AskedLimits): Promise<Asked[]> {
    const rows = await q
      .selectFrom('undecrypted')
      .select(['stanza', 'first_seen_at', 'phone_only', 'asked', 'asked_at'])
      .where('session_id', '=', sessionId)
      .where('asked', '<', most)
      .where('first_seen_at', '>=', since)
      .orderBy('first_seen_at')
      .orderBy('stanza_id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      ...toUndecrypted(row),
      phoneOnly: row.phone_only === 1,
      asked: row.asked,
      askedAt: row.asked_at,
    }));
  },

  /** Counts a request to send it again. */
  async countAsked(sessionId: string, stanza: StanzaAttributes, now: number): Promise<void> {
    const { chat, sender, stanza_id } = columnsOf(stanza);
    await q
      .updateTable('undecrypted')
      .set((row) => ({ asked: row('asked', '+', 1), asked_at: now }))
      .where('session_id', '=', sessionId)
      .where('chat', '=', chat)
      .where('sender', '=', sender)
      .where('stanza_id', '=', stanza_id)
      .execute();
  },
});

const settling = ({ q, ...context }: Pick<StoreContext, 'q' | 'engine'>) => ({
  async setReported(sessionId: string, stanza: StanzaAttributes, now: number): Promise<void> {
    let query = q.updateTable('undecrypted').set({ reported_at: now }).where('session_id', '=', sessionId);
    for (const [column, value] of Object.entries(columnsOf(stanza)))
      query = query.where(column as 'chat' | 'sender' | 'stanza_id', '=', value);
    await query.execute();
  },

  /** The message has come after all, by whichever address of its sender. */
  async resolve(sessionId: string, stanzaIds: readonly string[]): Promise<void> {
    if (stanzaIds.length === 0) return;
    const { rows } = await anyOf({ q, ...context }, { sessionId });
    if (rows.length === 0) return;
    await q
      .deleteFrom('undecrypted')
      .where('session_id', '=', sessionId)
      .where('stanza_id', 'in', stanzaIds)
      .execute();
  },

  /** Forgets what was reported before the time. */
  async forgetReported(sessionId: string, before: number): Promise<void> {
    await q
      .deleteFrom('undecrypted')
      .where('session_id', '=', sessionId)
      .where('reported_at', '<', before)
      .execute();
  },

  /** How many wait for their sender, and how many were reported and have not come since. */
  async count(): Promise<{ waiting: number; reported: number }> {
    const row = await q
      .selectFrom('undecrypted')
      .select((select) => [
        select.fn.countAll<number>().as('all'),
        select.fn.count<number>('reported_at').as('reported'),
      ])
      .executeTakeFirst();
    const reported = row?.reported ?? 0;
    return { waiting: (row?.all ?? 0) - reported, reported };
  },
});
