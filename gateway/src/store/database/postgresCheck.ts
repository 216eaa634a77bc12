/**
 * Whether Postgres answers, and if not why, in words that help and hold no password. Used when the database is opened and by
 * commands/doctor; changes nothing.
 */
import pg from 'pg';

const TIMEOUT_MS = 10_000;

/** What to do about it, by the code of the system or of Postgres. */
const ADVICE: Record<string, string> = {
  ECONNREFUSED: 'Nothing listens there: start Postgres, or correct host and port.',
  ENOTFOUND: 'There is no such host: correct its name, or check DNS.',
  EAI_AGAIN: 'The name of the host cannot be looked up at the moment: check DNS.',
  ETIMEDOUT: 'Check the network and the firewall between here and Postgres.',
  ENOENT: 'There is no such socket: start Postgres, or correct the folder.',
  '28P01': 'The password is wrong, or there is no such user.',
  '28000': 'The server does not let this user in from here: check pg_hba.conf and TLS (sslmode).',
  '3D000': 'Create the database first: createdb, or CREATE DATABASE.',
  '53300': 'The server has no connections left: raise max_connections, or end some.',
  '57P03': 'The server is still starting: try again in a moment.',
};

/** Postgres cannot be used; the message says where, why and what to do. */
class PostgresUnreachable extends Error {
  override readonly name = 'PostgresUnreachable';
}

/** Host, port and database of a URL, without who connects. */
function placeOf(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    const host = searchParams.get('host') ?? hostname;
    const name = decodeURIComponent(pathname.slice(1));
    return `${host || 'localhost'}:${port || '5432'}${name === '' ? '' : `, database ${name}`}`;
  } catch {
    return 'the address in SLUICE_DATABASE_URL';
  }
}

function textIn(error: unknown, name: 'message' | 'code'): string | null {
  const value = (error as Record<string, unknown> | null)?.[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A host with several addresses fails with one error for each. */
function firstOf(error: unknown): unknown {
  const errors = (error as { errors?: unknown } | null)?.errors;
  return Array.isArray(errors) && errors.length > 0 ? (errors as unknown[])[0] : error;
}

function unreachable(url: string, error: unknown): Error {
  const first = firstOf(error);
  const why = textIn(first, 'message') ?? String(first);
  const advice =
    ADVICE[textIn(first, 'code') ?? ''] ?? 'Check SLUICE_DATABASE_URL and whether Postgres runs.';
  return new PostgresUnreachable(`Postgres at ${placeOf(url)} cannot be used: ${why}. ${advice}`, {
    cause: error,
  });
}

/** The server's version. @throws Error that says why it cannot be used and what to do */
export async function pingPostgres(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? '';
  } catch (error) {
    throw unreachable(url, error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
