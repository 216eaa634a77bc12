/**
 * What receiving of every kind needs: other stanzas than messages in the inbox, polls with their votes, messages that
 * could not be decrypted yet, and what a session wants to receive.
 */
import { sql, type Kysely, type Migration } from 'kysely';
import { bytes, integer, type Engine } from './columns.js';

/** The migration for one engine. */
export const receiving = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const int = integer(engine);
    const end = sql.raw(engine === 'sqlite' ? ' strict' : '');
    await sql`alter table sessions add column own_messages ${int} not null default 0`.execute(db);
    await sql`alter table inbox add column kind text not null default 'message'`.execute(db);
    await sql`create table polls (
      session_id text not null, message_id text not null, question text, options text not null,
      secret ${bytes(engine)} not null, creator_phone text, creator_lid text, created_at ${int} not null,
      primary key (session_id, message_id))${end}`.execute(db);
    await sql`create table poll_votes (
      session_id text not null, message_id text not null, voter text not null, choice text not null,
      primary key (session_id, message_id, voter))${end}`.execute(db);
    await sql`create table undecrypted (
      session_id text not null, chat text not null, sender text not null, stanza_id text not null,
      stanza text not null, first_seen_at ${int} not null, reported_at ${int},
      primary key (session_id, chat, sender, stanza_id))${end}`.execute(db);
  },
});
