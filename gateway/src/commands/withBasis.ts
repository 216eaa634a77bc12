/**
 * Opens what a command works on, without a gateway: settings, store, clock. Used by the commands that change rows.
 */
import { openBasis, type Basis } from '../basis.js';
import type { Config } from '../config.js';
import { createLogger } from '../lib/logger.js';
import { openDatabase } from '../store/database/index.js';

/** Closes the database afterwards. @throws Error when a gateway has the embedded database open */
export async function withBasis(config: Config, work: (basis: Basis) => Promise<void>): Promise<void> {
  const logger = createLogger('error');
  const onError = (error: Error): void => logger.error({ err: error }, 'the database failed');
  const database = await openDatabase(config.databaseUrl.reveal(), { onError });
  try {
    await work(await openBasis(config, { logger }, database));
  } finally {
    await database.close();
  }
}
