/**
 * The inbox: decrypted messages as they came, durable before WhatsApp gets the receipt, until they have become events.
 * Written by whatsapp/inbox and worked off in the order of arrival.
 */
import type { Selectable } from 'kysely';
import type { InboxTable } from './database/schema.js';
import { statement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { fromJson, toBuffer } from './values.js';

/** Attributes of the message stanza, as WhatsApp sent them. */
export type StanzaAttributes = Record<string, string>;

/** What an entry holds: a decrypted message, or the parts of another stanza as JSON (see whatsapp/stanzas). */
const INBOX_KINDS = ['message', 'unavailable', 'call', 'group'] as const;
export type InboxKind = (typeof INBOX_KINDS)[number];

export interface InboxEntry {
  position: number;
  sessionId: string;
  kind: InboxKind;
  stanza: StanzaAttributes;
  /** Of a message the padded protobuf, exactly as decryption gave it; of others the parts of the stanza. */
  plaintext: Buffer;
  receivedAt: number;
}

export interface InboxInsert {
  sessionId: string;
  /** A message by default. */
  kind?: InboxKind;
  stanza: StanzaAttributes;
  ciphertextHash: string;
  plaintext: Buffer;
  receivedAt: number;
}

const identityOf = (sessionId: string, stanza: StanzaAttributes, ciphertextHash: string) => ({
  session_id: sessionId,
  chat: stanza.from ?? '',
  sender: stanza.participant ?? '',
  stanza_id: stanza.id ?? '',
  ciphertext_hash: ciphertextHash,
});

const ENTRY_COLUMNS = ['position', 'session_id', 'kind', 'stanza', 'plaintext', 'received_at'] as const;

function toKind(text: string): InboxKind {
  const kind = INBOX_KINDS.find((known) => known === text);
  if (!kind) throw new Error(`The database holds an unknown kind of inbox entry: ${text}`);
  return kind;
}

const toEntry = (row: Pick<Selectable<InboxTable>, (typeof ENTRY_COLUMNS)[number]>): InboxEntry => ({
  position: row.position,
  sessionId: row.session_id,
  kind: toKind(row.kind),
  stanza: fromJson(row.stanza) as StanzaAttributes,
  plaintext: toBuffer(row.plaintext),
  receivedAt: row.received_at,
});

interface NewRow extends ReturnType<typeof identityOf> {
  kind: string;
  stanza: string;
  plaintext: Buffer;
  received_at: number;
}

const insertEntry = statement((q, row: NewRow) =>
  q
    .insertInto('inbox')
    .values({
      session_id: row.session_id,
      chat: row.chat,
      sender: row.sender,
      stanza_id: row.stanza_id,
      ciphertext_hash: row.ciphertext_hash,
      kind: row.kind,
      stanza: row.stanza,
      plaintext: row.plaintext,
      received_at: row.received_at,
    })
    .onConflict((conflict) =>
      conflict.columns(['session_id', 'chat', 'sender', 'stanza_id', 'ciphertext_hash']).doNothing(),
    ),
);

const pendingEntries = statement((q, { sessionId, limit }: { sessionId: string; limit: number }) =>
  q
    .selectFrom('inbox')
    .select(ENTRY_COLUMNS)
    .where('session_id', '=', sessionId)
    .where('processed_at', 'is', null)
    .orderBy('position')
    .limit(limit),
);

const finishEntry = statement((q, entry: { position: number; outcome: string; now: number }) =>
  q
    .updateTable('inbox')
    .set({ processed_at: entry.now, outcome: entry.outcome })
    .where('position', '=', entry.position),
);

export function createInboxStore(context: StoreContext) {
  const { q } = context;

  return {
    /** Keeps a plaintext; the same ciphertext of the same stanza again changes nothing. */
    async insert(entry: InboxInsert): Promise<void> {
      const { sessionId, kind = 'message', stanza, ciphertextHash, plaintext, receivedAt } = entry;
      await insertEntry(context, {
        ...identityOf(sessionId, stanza, ciphertextHash),
        kind,
        stanza: JSON.stringify(stanza),
        plaintext,
        received_at: receivedAt,
      });
    },

    /** Entries that have not become events yet, oldest first. */
    async pending(sessionId: string, limit: number): Promise<InboxEntry[]> {
      return (await pendingEntries(context, { sessionId, limit })).rows.map(toEntry);
    },

    /** Marks an entry as done; `outcome` says what became of it, for whoever looks into the table. */
    async finish(position: number, outcome: string, now: number): Promise<void> {
      await finishEntry(context, { position, outcome, now });
    },

    async clear(sessionId: string): Promise<void> {
      await q.deleteFrom('inbox').where('session_id', '=', sessionId).execute();
    },

    ...finding({ q }),
  };
}

const finding = ({ q }: Pick<StoreContext, 'q'>) => ({
  /** What came under WhatsApp's id of a message, in one of the sessions; empty: in any. The newest, if several. */
  async findByStanzaId(stanzaId: string, sessionIds: string[]): Promise<InboxEntry | null> {
    let query = q
      .selectFrom('inbox')
      .select(ENTRY_COLUMNS)
      .where('stanza_id', '=', stanzaId)
      .where('kind', '=', 'message');
    if (sessionIds.length > 0) query = query.where('session_id', 'in', sessionIds);
    const row = await query.orderBy('position', 'desc').limit(1).executeTakeFirst();
    return row ? toEntry(row) : null;
  },

  async find(position: number): Promise<InboxEntry | null> {
    const row = await q
      .selectFrom('inbox')
      .select(ENTRY_COLUMNS)
      .where('position', '=', position)
      .executeTakeFirst();
    return row ? toEntry(row) : null;
  },

  /** The plaintext kept for a ciphertext that cannot be decrypted a second time. */
  async findPlaintext(
    sessionId: string,
    stanza: StanzaAttributes,
    ciphertextHash: string,
  ): Promise<Buffer | null> {
    const identity = identityOf(sessionId, stanza, ciphertextHash);
    let query = q.selectFrom('inbox').select('plaintext');
    for (const [column, value] of Object.entries(identity)) {
      query = query.where(column as keyof typeof identity, '=', value);
    }
    const row = await query.executeTakeFirst();
    return row ? toBuffer(row.plaintext) : null;
  },
});
