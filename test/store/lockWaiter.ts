/**
 * Lets a test on Postgres go on only when another transaction waits for a lock, so that races are sure to happen.
 */
import { sql } from 'kysely';
import { eventually } from '../support/eventually.js';
import type { TestDatabase } from '../support/databases.js';

/** Resolves when some connection to this database waits for a lock. */
export async function lockWaiter({ database }: TestDatabase): Promise<void> {
  await eventually('a connection that waits for a lock', async () => {
    const { rows } = await sql`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      database.db,
    );
    return rows.length > 0;
  });
}
