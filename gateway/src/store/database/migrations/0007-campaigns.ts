/**
 * Seventh migration: campaigns, and what became of each of their recipients. Forward only, as 0001.
 */
import { sql, type Kysely, type Migration } from 'kysely';
import { integer, type Engine } from './columns.js';

export const campaigns = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const int = integer(engine);
    const end = sql.raw(engine === 'sqlite' ? ' strict' : '');
    await sql`create table campaigns (
      id text primary key, key_id text not null, caller text not null, name text not null,
      session_ids text not null, template text not null, send_at ${int}, state text not null,
      total ${int} not null, next_row ${int} not null default 0, canceling ${int} not null default 0,
      created_at ${int} not null, idempotency_key text, body_hash text,
      unique (key_id, idempotency_key))${end}`.execute(db);
    await sql`create table campaign_recipients (
      campaign_id text not null, n ${int} not null, recipient text not null, variables text not null,
      message_id text, error_code text, error_message text, primary key (campaign_id, n))${end}`.execute(db);
    await sql`create index messages_by_campaign on messages (campaign_id, status)
      where campaign_id is not null`.execute(db);
  },
});
