/**
 * Whom WhatsApp refused a message to for want of a chat, and when.
 */
import { sql, type Kysely, type Migration } from 'kysely';
import { integer, type Engine } from './columns.js';

/** The migration for one engine. */
export const refusedContacts = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table contacts add column refused_at ${integer(engine)}`.execute(db);
  },
});
