/**
 * Opens the database that the settings name and brings its schema up to date. Used by gateway.ts and by tests.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, type Transaction } from 'kysely';
import { migrate } from './migrations/index.js';
import type { Engine } from './migrations/columns.js';
import { postgresDialect } from './postgres.js';
import { pingPostgres } from './postgresCheck.js';
import { lockDataFolder, openSqliteFile, type OpenOptions } from './sqlite.js';
import type { Direct } from './sqliteDriver.js';
import type { Schema } from './schema.js';

export type { Direct, Engine, OpenOptions, Schema };
/** Where a query runs: the database itself, or a transaction in hand. */
export type Executor = Kysely<Schema> | Transaction<Schema>;

export interface Database {
  /** What it has written is on the disk when its promise resolves. */
  db: Kysely<Schema>;
  /**
   * Resolves when everything that can be read now is on the disk. On Postgres that is always so: it shows a commit only
   * after its own log is written.
   * @throws DurabilityError
   */
  durable: () => Promise<void>;
  /** The same without asking for it: for what may wait for the next time that somebody does, or for 50 ms. */
  durableSoon: () => Promise<void>;
  /** On the embedded database alone: shorter ways to its one connection. */
  direct?: Direct;
  engine: Engine;
  close(): Promise<void>;
}

function openSqlite(file: string, options: OpenOptions): Database {
  mkdirSync(dirname(file), { recursive: true });
  const unlock = lockDataFolder(`${file}.lock`);
  try {
    const sqlite = openSqliteFile(file, options);
    return {
      ...sqlite,
      engine: 'sqlite',
      async close() {
        await sqlite.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function openPostgres(url: string, { onError }: OpenOptions): Promise<Database> {
  // First, so that a server that is away is not reported as a migration that fails.
  await pingPostgres(url);
  const db = new Kysely<Schema>({ dialect: postgresDialect(url, onError) });
  const durable = (): Promise<void> => Promise.resolve();
  return { db, durable, durableSoon: durable, engine: 'postgres', close: () => db.destroy() };
}

/**
 * Opens `file:<path>` or `postgres://...` and migrates it.
 * @throws Error when the file is held by another gateway, or the server cannot be reached
 */
export async function openDatabase(url: string, options: OpenOptions): Promise<Database> {
  const database: Database = url.startsWith('file:')
    ? openSqlite(url.slice('file:'.length), options)
    : await openPostgres(url, options);
  try {
    await migrate(database.db, database.engine);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
