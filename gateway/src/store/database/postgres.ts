/**
 * The shared database: Postgres through a pool of pg, behind Kysely's dialect. The only importer of pg.
 */
import { PostgresDialect, type Dialect } from 'kysely';
import pg from 'pg';

const POOL_SIZE = 10;
/** Type number of `bigint` in pg_type; our 64-bit columns hold times and counts, all below 2^53. */
const INT8 = 20;

/** A Kysely dialect over the connection URL. `onError` hears of idle connections that break. */
export function postgresDialect(url: string, onError: (error: Error) => void): Dialect {
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
      oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format),
  };
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    types: types as pg.CustomTypesConfig,
    application_name: 'sluice',
  });
  // Without a listener a broken idle connection would end the process.
  pool.on('error', onError);
  return new PostgresDialect({ pool });
}
