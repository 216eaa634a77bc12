/**
 * The embedded database: libsql (SQLite) in one file, WAL with synchronous FULL, behind Kysely's SQLite dialect.
 * The only importer of libsql.
 */
import Libsql from 'libsql';
import { SqliteDialect, type Dialect, type SqliteDatabase, type SqliteStatement } from 'kysely';
import { LRUCache } from 'lru-cache';

/** Statements kept prepared; libsql 0.5 does not free what is prepared again and again. */
const MAX_PREPARED = 500;

function openFile(file: string): Libsql.Database {
  const database = new Libsql(file);
  // FULL: a commit is on the disk before it is answered, also through a power cut. NORMAL would lose the last ones.
  for (const pragma of [
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
    'busy_timeout = 5000',
  ]) {
    database.pragma(pragma);
  }
  return database;
}

/** A Kysely dialect over the file, which is made when it does not exist. */
export function sqliteDialect(file: string): Dialect {
  const database = openFile(file);
  const prepared = new LRUCache<string, SqliteStatement>({ max: MAX_PREPARED });
  const adapter: SqliteDatabase = {
    prepare(sql) {
      const known = prepared.get(sql);
      if (known) return known;
      const statement = database.prepare(sql) as unknown as SqliteStatement;
      prepared.set(sql, statement);
      return statement;
    },
    close() {
      prepared.clear();
      database.close();
    },
  };
  return new SqliteDialect({ database: adapter });
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
