/**
 * All migrations in order, and the run at start. Forward only; under Kysely's lock (an advisory lock on Postgres,
 * the data folder's lock on SQLite), so that several processes may start at once.
 */
import { Migrator, type Kysely } from 'kysely';
import type { Schema } from '../schema.js';
import type { Engine } from './columns.js';
import { foundation } from './0001-foundation.js';
import { pacing } from './0002-pacing.js';
import { outgoing } from './0004-outgoing.js';
import { receiving } from './0005-receiving.js';
import { incomingMedia } from './0006-incoming-media.js';
import { campaigns } from './0007-campaigns.js';
import { askingThePhone } from './0008-asking-the-phone.js';
import { askingAgain } from './0009-asking-again.js';
import { refusedContacts } from './0010-refused-contacts.js';

/** Brings the database to the newest schema. @throws Error with the failing migration's name */
export async function migrate(db: Kysely<Schema>, engine: Engine): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: () =>
        Promise.resolve({
          '0001-foundation': foundation(engine),
          '0002-pacing': pacing(engine),
          '0004-outgoing': outgoing(engine),
          '0005-receiving': receiving(engine),
          '0006-incoming-media': incomingMedia(engine),
          '0007-campaigns': campaigns(engine),
          '0008-asking-the-phone': askingThePhone(engine),
          '0009-asking-again': askingAgain(engine),
          '0010-refused-contacts': refusedContacts(engine),
        }),
    },
    // Built side by side and listed by number: a database of before may lack one in the middle.
    allowUnorderedMigrations: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'unknown';
  throw new Error(`The database could not be brought up to date (migration ${failed}).`, { cause: error });
}
