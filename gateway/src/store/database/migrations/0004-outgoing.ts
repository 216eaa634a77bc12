/**
 * Fourth migration: questions to a session's owner, files that WhatsApp has already, and what each member of a group
 * received.
 */
import { sql, type Kysely, type Migration } from 'kysely';
import { bytes, integer, type Engine } from './columns.js';

export const outgoing = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const int = integer(engine);
    const blob = bytes(engine);
    const end = sql.raw(engine === 'sqlite' ? ' strict' : '');
    await sql`create table commands (
      id text primary key, session_id text not null, kind text not null, input ${blob} not null,
      created_at ${int} not null, expires_at ${int} not null, taken_at ${int}, answer ${blob})${end}`.execute(
      db,
    );
    await sql`create table message_receipts (
      message_id text not null, participant text not null, delivered_at ${int} not null, read_at ${int},
      played_at ${int}, primary key (message_id, participant))${end}`.execute(db);
    await sql`create table media_uploads (
      session_id text not null, kind text not null, sha256 text not null, message ${blob} not null,
      uploaded_at ${int} not null, primary key (session_id, kind, sha256))${end}`.execute(db);
    await sql`create index media_uploads_by_time on media_uploads (uploaded_at)`.execute(db);
    await sql`alter table messages add column sent_at ${int}`.execute(db);
    await sql`create index messages_undelivered on messages (sent_at) where status = 'sent'`.execute(db);
  },
});
