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
  },
});
