/**
 * Whether Postgres answers. Used by commands/doctor; changes nothing.
 */
import pg from 'pg';

const TIMEOUT_MS = 10_000;

/** The server's version. @throws Error when it does not answer */
export async function pingPostgres(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? '';
  } finally {
    await client.end();
  }
}
