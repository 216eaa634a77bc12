/**
 * The embedded database: libsql (SQLite) in one file, in WAL mode, behind Kysely's SQLite dialect.
 * The only importer of libsql.
 */
import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import Libsql from 'libsql';
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type Driver } from 'kysely';
import { systemClock } from '../../lib/clock.js';
import { createDurability, type Sync } from './durability.js';
import {
  createDirect,
  createSharedConnection,
  createSqliteDriver,
  insideDriver,
  type Direct,
} from './sqliteDriver.js';
import type { Schema } from './schema.js';

const syncFile = promisify(fdatasync);

export interface SqliteDatabase {
  /** What it has written is on the disk when its promise resolves. */
  db: Kysely<Schema>;
  /** Resolves when everything committed until now is on the disk. @throws DurabilityError */
  durable: () => Promise<void>;
  durableSoon: () => Promise<void>;
  direct: Direct;
  close: () => Promise<void>;
}

function openFile(file: string): Libsql.Database {
  const database = new Libsql(file);
  // NORMAL: SQLite itself syncs the log only before it copies it into the database file. A commit is answered after a
  // sync of our own, made beside the main thread, which gives what FULL gives without holding up everything else.
  for (const pragma of [
    'journal_mode = WAL',
    'synchronous = NORMAL',
    'foreign_keys = ON',
    'busy_timeout = 5000',
    // Copying the log into the database file syncs both and holds everybody up: at 1,000 pages, SQLite's own measure, that
    // took two thirds of the time of all commits. The pages of a busy gateway are much the same ones again and again.
    'wal_autocheckpoint = 4000',
  ]) {
    database.pragma(pragma);
  }
  // The log's file exists from the first read on, and stays the same one until the database is closed.
  database.prepare('select count(*) from sqlite_schema').all();
  return database;
}

/** Kysely asks for a driver when it is first used; each view has its own over the one connection. */
const viewOf = (driver: Driver): Kysely<Schema> =>
  new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });

export interface OpenOptions {
  /** Told of connections that break while idle, and of a disk that does not keep what is written. */
  onError: (error: Error) => void;
  /** Stands around the sync of the embedded database's log; tests hold it, fail it, or look at the files there. */
  aroundSync?: (sync: Sync) => Sync;
}

/** Opens the file, which is made when it does not exist. */
export function openSqliteFile(file: string, { onError, aroundSync }: OpenOptions): SqliteDatabase {
  const database = openFile(file);
  // A file of its own, so that it may be closed: SQLite's locks are on the other two, and end with any closing of those.
  const log = openSync(`${file}-wal`, 'r+');
  const sync: Sync = () => syncFile(log);
  const durability = createDurability({
    sync: aroundSync?.(sync) ?? sync,
    clock: systemClock,
    onFailed: onError,
  });
  const shared = createSharedConnection(database);
  const driver = createSqliteDriver(shared, durability);
  const db = viewOf(driver);
  const inside = viewOf(insideDriver(shared));
  // What a process that was killed had committed is read from the system's memory, and may be on no disk yet.
  durability.committed();
  return {
    db,
    durable: durability.reached,
    durableSoon: durability.passed,
    direct: { ...createDirect(shared, durability, driver), inside },
    async close() {
      // A failed sync has been told to everybody who waited for it.
      await durability.reached().catch(() => undefined);
      await Promise.all([db, inside].map((view) => view.destroy()));
      shared.close();
      closeSync(log);
    },
  };
}
/**
 * Holds the data folder for this process: two gateways on one embedded file would both send. The lock is SQLite's own,
 * on a small file beside the database, so it ends with the process however that ends.
 * @returns the function that releases it
 * @throws Error when another process holds it
 */
export function lockDataFolder(lockFile: string): () => void {
  const lock = openLock(lockFile);
  try {
    lock.pragma('busy_timeout = 0');
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    throw lockError(lockFile, error);
  }
  return () => {
    lock.exec('rollback');
    lock.close();
  };
}

function openLock(lockFile: string): Libsql.Database {
  try {
    return new Libsql(lockFile);
  } catch (error) {
    throw lockError(lockFile, error);
  }
}

function lockError(lockFile: string, cause: unknown): Error {
  const { code } = cause as { code?: unknown };
  const message =
    code === 'SQLITE_BUSY'
      ? `Another gateway is running on this data folder (${lockFile} is locked). Stop it, set SLUICE_DATA_DIR to another folder, or use Postgres to run several.`
      : `The data folder could not be locked (${lockFile}). Check that the folder can be written to and the disk is not full.`;
  return new Error(message, { cause });
}
