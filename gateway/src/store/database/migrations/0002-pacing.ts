/**
 * Second migration: what pacing counts, who was written to, what WhatsApp restricts, who opted out; and the queue by chat.
 * Forward only, as 0001.
 */
import { sql, type Kysely, type Migration, type RawBuilder } from 'kysely';
import { integer, type Engine } from './columns.js';

const TABLES: Record<string, (int: RawBuilder<unknown>) => RawBuilder<unknown>> = {
  pacing_counters: (int) => sql`
    session_id text not null, test ${int} not null, phone text, last_sent_at ${int},
    since_cooldown ${int} not null default 0, warm_up_since ${int}, sent_all ${int} not null default 0,
    sent_unprompted ${int} not null default 0, sent_new ${int} not null default 0, open_message_id text,
    open_tracks text, primary key (session_id, test)`,
  sendings: (int) => sql`
    session_id text not null, test ${int} not null, track text not null, n ${int} not null, at ${int} not null,
    primary key (session_id, test, track, n)`,
  text_sendings: (int) => sql`
    session_id text not null, test ${int} not null, text_hash text not null, at ${int} not null`,
  contacts: (int) => sql`
    session_id text not null, test ${int} not null, chat_jid text not null, first_sent_at ${int},
    last_sent_at ${int}, last_received_at ${int}, primary key (session_id, test, chat_jid)`,
  restrictions: (int) => sql`
    session_id text not null, kind text not null, active ${int} not null, until ${int}, reason text,
    quota_total ${int}, quota_used ${int}, since ${int} not null, primary key (session_id, kind)`,
  opt_outs: (int) => sql`
    phone text primary key, chat_jid text not null, lid text, source text not null, keyword text,
    session_id text, created_at ${int} not null, answer_message_id text`,
};

const MESSAGE_COLUMNS = ['standing integer not null default 1', 'held_until', 'typing'];

// Each looks at waiting messages only, so that its cost does not grow with the history. The conditions stand in the
// queries word by word (store/messageLine): SQLite uses a partial index for the same text only.
const INDEXES = [
  `drop index messages_waiting`,
  `create index messages_ready on messages (session_id, test, standing, priority desc, position)
     where status in ('queued', 'sending') and held_until is null`,
  `create index messages_of_chat on messages (session_id, chat_jid, test, position)
     where status in ('queued', 'sending')`,
  `create index messages_held on messages (session_id, held_until) where held_until is not null`,
  `create index messages_scheduled on messages (session_id, due_at) where status = 'scheduled'`,
  `create index messages_expiring on messages (session_id, expires_at)
     where status in ('scheduled', 'queued') and expires_at is not null`,
  `create index sendings_by_time on sendings (session_id, test, track, at)`,
  `create index text_sendings_by_text on text_sendings (session_id, test, text_hash, at)`,
  `create index opt_outs_by_chat on opt_outs (chat_jid)`,
  `create index opt_outs_by_lid on opt_outs (lid) where lid is not null`,
  `create index recipients_by_lid on recipients (lid) where lid is not null`,
];

/** The migration for one engine. */
export const pacing = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const int = integer(engine);
    const end = sql.raw(engine === 'sqlite' ? ' strict' : '');
    for (const [name, lines] of Object.entries(TABLES)) {
      await sql`create table ${sql.table(name)} (${lines(int)})${end}`.execute(db);
    }
    for (const column of MESSAGE_COLUMNS) {
      const line = column.includes(' ') ? sql.raw(column) : sql`${sql.raw(column)} ${int}`;
      await sql`alter table messages add column ${line}`.execute(db);
    }
    for (const index of INDEXES) await sql.raw(index).execute(db);
  },
});
