/**
 * Files of incoming messages: which are to be fetched and what became of that, whom a stored file belongs to, and the
 * indexes by which old rows are found and deleted.
 */
import { sql, type Kysely, type Migration } from 'kysely';
import { integer, type Engine } from './columns.js';

const INDEXES = [
  // Only what waits: the cost of looking for work does not grow with the history.
  `create index media_downloads_due on media_downloads (next_attempt_at) where next_attempt_at is not null`,
  `create index media_downloads_by_age on media_downloads (created_at)`,
  `create index media_by_age on media (created_at)`,
  `create index deliveries_finished on deliveries (finished_at) where finished_at is not null`,
  `create index inbox_processed on inbox (processed_at) where processed_at is not null`,
  `create index idempotency_keys_by_age on idempotency_keys (created_at)`,
];

/** The migration for one engine. */
export const incomingMedia = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const int = integer(engine);
    const end = sql.raw(engine === 'sqlite' ? ' strict' : '');
    await sql`create table media_downloads (
      id text primary key, session_id text not null, inbox_position ${int} not null unique, state text not null,
      attempts ${int} not null default 0, next_attempt_at ${int}, direct_path text, error text,
      announced_seq ${int}, created_at ${int} not null, finished_at ${int})${end}`.execute(db);
    await sql`alter table media add column session_id text`.execute(db);
    await sql`alter table sessions add column download_media ${int} not null default 1`.execute(db);
    for (const index of INDEXES) await sql.raw(index).execute(db);
  },
});
