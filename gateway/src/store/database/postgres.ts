/**
 * The shared database: Postgres through a pool of pg, behind Kysely's dialect. The only importer of pg.
 */
import { PostgresDialect, type Dialect } from 'kysely';
import pg from 'pg';

const POOL_SIZE = 10;

/** Our 64-bit columns hold times and counts, all below 2^53: numbers, where pg would answer text. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (
    ...[oid, format]: Parameters<typeof pg.types.getTypeParser>
  ): ((value: string) => unknown) =>
    oid === pg.types.builtins.INT8
      ? Number
      : (pg.types.getTypeParser(oid, format) as (value: string) => unknown),
};

/** A Kysely dialect over the connection URL. `onError` hears of idle connections that break. */
export function postgresDialect(url: string, onError: (error: Error) => void): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    types,
    application_name: 'sluice',
  });
  // Without a listener a broken idle connection would end the process.
  pool.on('error', onError);
  return new PostgresDialect({ pool });
}
