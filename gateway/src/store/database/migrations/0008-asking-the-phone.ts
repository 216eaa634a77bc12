/**
 * Messages that came without their content and were never encrypted for us: only the own phone has them.
 */
import { sql, type Kysely, type Migration } from 'kysely';
import { integer, type Engine } from './columns.js';

/** The migration for one engine. */
export const askingThePhone = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table undecrypted add column phone_only ${integer(engine)} not null default 0`.execute(
      db,
    );
  },
});
