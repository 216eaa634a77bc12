/**
 * Opens the database that the settings name and brings its schema up to date. Used by gateway.ts and by tests.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, type Transaction } from 'kysely';
import { migrate } from './migrations/index.js';
import type { Engine } from './migrations/columns.js';
import { postgresDialect } from './postgres.js';
import { lockDataFolder, sqliteDialect } from './sqlite.js';
import type { Schema } from './schema.js';

export type { Engine, Schema };
/** Where a query runs: the database itself, or a transaction in hand. */
export type Executor = Kysely<Schema> | Transaction<Schema>;

export interface Database {
  db: Kysely<Schema>;
  engine: Engine;
  close(): Promise<void>;
}

function openSqlite(file: string): Database {
  mkdirSync(dirname(file), { recursive: true });
  const unlock = lockDataFolder(`${file}.lock`);
  try {
    const db = new Kysely<Schema>({ dialect: sqliteDialect(file) });
    return {
      db,
      engine: 'sqlite',
      async close() {
        await db.destroy();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * Opens `file:<path>` or `postgres://...` and migrates it.
 * @throws Error when the file is held by another gateway, or the server cannot be reached
 */
export async function openDatabase(url: string, onError: (error: Error) => void): Promise<Database> {
  const database: Database = url.startsWith('file:')
    ? openSqlite(url.slice('file:'.length))
    : openPostgres(url, onError);
  try {
    await migrate(database.db, database.engine);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

function openPostgres(url: string, onError: (error: Error) => void): Database {
  const db = new Kysely<Schema>({ dialect: postgresDialect(url, onError) });
  return { db, engine: 'postgres', close: () => db.destroy() };
}
