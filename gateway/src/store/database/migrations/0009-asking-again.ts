/**
 * How often the sender of a message that could not be decrypted was asked for it again, and when last.
 */
import { sql, type Kysely, type Migration } from 'kysely';
import { integer, type Engine } from './columns.js';

/** The migration for one engine. */
export const askingAgain = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const int = integer(engine);
    await sql`alter table undecrypted add column asked ${int} not null default 0`.execute(db);
    await sql`alter table undecrypted add column asked_at ${int}`.execute(db);
  },
});
