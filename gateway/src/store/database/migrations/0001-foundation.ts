/**
 * First migration: sessions with their lease, auth state, outbox, inbox, event log, webhooks, API keys, media.
 * Forward only: a later change is a new file beside this one, listed in migrations/index.
 */
import { sql, type Kysely, type Migration, type RawBuilder } from 'kysely';
import { bytes, integer, position, type Engine } from './columns.js';

/** A table is written as lines of `name type constraints`, which read alike on both engines. */
type Lines = (types: {
  int: RawBuilder<unknown>;
  bytes: RawBuilder<unknown>;
  position: RawBuilder<unknown>;
}) => RawBuilder<unknown>;

const TABLES: Record<string, Lines> = {
  sessions: ({ int, bytes: blob }) => sql`
    id text primary key, name text, metadata text not null, policy text, desired text not null,
    status text not null, reason text, status_since ${int} not null, phone text, lid text, push_name text,
    qr ${blob}, qr_attempt ${int} not null default 0, qr_expires_at ${int},
    queue_paused ${int} not null default 0, last_sent_at ${int}, last_active_at ${int}, created_at ${int} not null,
    owner text, epoch ${int} not null default 0, lease_expires_at ${int}, request text`,
  key_values: ({ bytes: blob }) => sql`
    namespace text not null, key text not null, value ${blob} not null, primary key (namespace, key)`,
  messages: ({ int, bytes: blob, position: pos }) => sql`
    position ${pos}, id text not null unique, wa_id text not null unique, session_id text not null, key_id text,
    recipient text not null, chat_jid text not null, type text not null, content text not null,
    context_message_id text, status text not null, priority ${int} not null default 0, created_at ${int} not null,
    due_at ${int}, expires_at ${int}, retry_at ${int}, hold text, attempts ${int} not null default 0, error text,
    timeline text not null, reference text, campaign_id text, test ${int} not null default 0,
    wire ${blob}`,
  idempotency_keys: ({ int }) => sql`
    scope text not null, key text not null, body_hash text not null, message_id text not null,
    created_at ${int} not null, primary key (scope, key)`,
  recipients: ({ int }) => sql`
    phone text primary key, exists_on_whatsapp ${int} not null, jid text, lid text, checked_at ${int} not null`,
  inbox: ({ int, bytes: blob, position: pos }) => sql`
    position ${pos}, session_id text not null, chat text not null, sender text not null, stanza_id text not null,
    ciphertext_hash text not null, stanza text not null, plaintext ${blob} not null, received_at ${int} not null,
    processed_at ${int}, outcome text, unique (session_id, chat, sender, stanza_id, ciphertext_hash)`,
  event_counters: ({ int }) => sql`session_id text primary key, last_seq ${int} not null`,
  events: ({ int }) => sql`
    session_id text not null, seq ${int} not null, id text not null unique, type text not null, data text not null,
    dedupe_key text, created_at ${int} not null, primary key (session_id, seq), unique (session_id, dedupe_key)`,
  webhooks: ({ int, bytes: blob }) => sql`
    id text primary key, url text not null, events text not null, session_ids text not null, filter text,
    headers ${blob} not null, description text, identity text not null unique, secret ${blob} not null,
    previous_secret ${blob}, previous_secret_expires_at ${int}, state text not null, state_reason text,
    failing_since ${int}, created_at ${int} not null, updated_at ${int} not null`,
  delivery_lanes: ({ int }) => sql`
    webhook_id text not null references webhooks (id) on delete cascade, session_id text not null,
    next_attempt_at ${int}, failures ${int} not null default 0, claim text, claimed_until ${int},
    primary key (webhook_id, session_id)`,
  deliveries: ({ int }) => sql`
    id text primary key, webhook_id text not null references webhooks (id) on delete cascade,
    session_id text not null, seq ${int} not null, event_id text not null, event_type text not null,
    state text not null, attempts ${int} not null default 0, created_at ${int} not null,
    expires_at ${int} not null, finished_at ${int}, unique (webhook_id, session_id, seq)`,
  delivery_attempts: ({ int }) => sql`
    delivery_id text not null references deliveries (id) on delete cascade, attempt ${int} not null,
    at ${int} not null, status ${int}, duration_ms ${int} not null, response text, error text,
    primary key (delivery_id, attempt)`,
  api_keys: ({ int }) => sql`
    id text primary key, name text not null, role text not null, mode text not null, session_ids text not null,
    prefix text not null, hash text not null unique, created_at ${int} not null, expires_at ${int},
    revoked_at ${int}, last_used_at ${int}`,
  media: ({ int }) => sql`
    id text primary key, key_id text, mime_type text not null, size_bytes ${int} not null, sha256 text not null,
    filename text, path text not null, created_at ${int} not null`,
  gateway_state: ({ bytes: blob }) => sql`name text primary key, value ${blob} not null`,
};

const INDEXES = [
  // The outbox looks at waiting rows only, so its cost does not grow with the history.
  `create index messages_waiting on messages (session_id, position) where status in ('scheduled', 'queued', 'sending')`,
  `create index messages_by_session on messages (session_id, position)`,
  `create index messages_by_reference on messages (reference) where reference is not null`,
  `create index inbox_waiting on inbox (session_id, position) where processed_at is null`,
  `create index inbox_by_stanza on inbox (stanza_id)`,
  `create index deliveries_waiting on deliveries (webhook_id, session_id, seq) where state = 'pending'`,
  `create index deliveries_by_webhook on deliveries (webhook_id, id)`,
  `create index delivery_lanes_due on delivery_lanes (next_attempt_at) where next_attempt_at is not null`,
  `create index events_by_time on events (created_at, id)`,
];

/** The migration for one engine. */
export const foundation = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const types = { int: integer(engine), bytes: bytes(engine), position: position(engine) };
    // STRICT, because SQLite otherwise accepts values that Postgres refuses.
    const end = sql.raw(engine === 'sqlite' ? ' strict' : '');
    for (const [name, lines] of Object.entries(TABLES)) {
      await sql`create table ${sql.table(name)} (${lines(types)})${end}`.execute(db);
    }
    for (const index of INDEXES) await sql.raw(index).execute(db);
  },
});
