/**
 * Kysely's driver for the embedded database: one connection, used by one at a time. Used by sqlite.ts alone.
 * Whatever Kysely has written is on the disk when its promise resolves; a transaction of `transact` is answered at its
 * commit, and the caller waits for the disk itself (see groupCommit).
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type Kysely,
  type QueryResult,
  type SqliteStatement,
} from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Durability } from './durability.js';
import type { Schema } from './schema.js';
import type { Compiled, RunCompiled } from './statement.js';

/** Statements kept prepared; libsql 0.5 does not free what is prepared again and again. */
const MAX_PREPARED = 500;

/** The part of libsql that is needed. */
export interface RawDatabase {
  prepare: (sql: string) => unknown;
  close: () => unknown;
}

/** What libsql's statements have beside those that Kysely knows. */
interface RawStatement extends SqliteStatement {
  /** Rows as arrays: libsql makes an object's names anew for each row, which costs more than many a query. */
  raw: (toggle: boolean) => unknown;
  columns: () => { name: string }[];
  /** The first row alone; writes are whole all the same, since SQLite makes them before it gives back the first. */
  get: (parameters: readonly unknown[]) => unknown;
}

interface Prepared {
  statement: RawStatement;
  /** The columns of the rows that it gives back; null: it gives none. */
  columns: string[] | null;
  writes: boolean;
}

/** The connection, who holds it, and whether its holder has written. */
export interface SharedConnection {
  connection: DatabaseConnection;
  /** One after the other, in the order of asking. */
  take: () => Promise<void>;
  release: () => void;
  /** Whether something has been written since it was last asked. */
  hasWritten: () => boolean;
  close: () => void;
}

/** Everything but a plain `select` may change the database; `with` and `pragma` are taken for writes too. */
const WRITES = /^\s*(?!select\b|begin\b|commit\b|rollback\b|savepoint\b|release\b)/i;

function toRow(columns: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let index = 0; index < columns.length; index += 1) row[columns[index] ?? ''] = values[index];
  return row;
}

function prepareRaw(database: RawDatabase, sql: string): Prepared {
  const statement = database.prepare(sql) as RawStatement;
  const writes = WRITES.test(sql);
  if (!statement.reader) return { statement, columns: null, writes };
  statement.raw(true);
  return { statement, columns: statement.columns().map(({ name }) => name), writes };
}

function createLock(): { take: () => Promise<void>; release: () => void } {
  const waiting: (() => void)[] = [];
  let taken = false;
  return {
    take() {
      if (taken) return new Promise((resolve) => waiting.push(resolve));
      taken = true;
      return Promise.resolve();
    },
    release() {
      const next = waiting.shift();
      if (next) next();
      else taken = false;
    },
  };
}

export function createSharedConnection(database: RawDatabase): SharedConnection {
  const prepared = new LRUCache<string, Prepared>({ max: MAX_PREPARED });
  let written = false;

  function prepare(sql: string): Prepared {
    const known = prepared.get(sql);
    if (known) return known;
    const made = prepareRaw(database, sql);
    prepared.set(sql, made);
    return made;
  }

  function execute<R>({ sql, parameters, oneRow }: Compiled): QueryResult<R> {
    const { statement, columns, writes } = prepare(sql);
    if (writes) written = true;
    if (columns && oneRow === true) {
      const values = statement.get(parameters) as unknown[] | undefined;
      return { rows: values ? [toRow(columns, values) as R] : [] };
    }
    if (columns) {
      const rows = statement.all(parameters) as unknown[][];
      return { rows: rows.map((values) => toRow(columns, values) as R) };
    }
    const { changes } = statement.run(parameters);
    return { numAffectedRows: BigInt(changes), rows: [] };
  }

  return {
    ...createLock(),
    connection: {
      executeQuery: <R>(query: Compiled) =>
        new Promise<QueryResult<R>>((resolve) => {
          resolve(execute<R>(query));
        }),
      streamQuery: () => {
        throw new Error('The embedded database does not stream; page through the rows.');
      },
    },
    hasWritten() {
      const was = written;
      written = false;
      return was;
    },
    close() {
      prepared.clear();
      database.close();
    },
  };
}

/** Gives the connection back. @returns whether anything was written, which no sync has covered then */
function handBack(shared: SharedConnection, durability: Durability): boolean {
  const written = shared.hasWritten();
  // Noted before anybody else can write: a sync that begins now covers it.
  if (written) durability.committed();
  shared.release();
  return written;
}

const BEGIN = CompiledQuery.raw('begin');
const COMMIT = CompiledQuery.raw('commit');
const ROLLBACK = CompiledQuery.raw('rollback');

export function createSqliteDriver(shared: SharedConnection, durability: Durability): Driver {
  const { connection } = shared;
  const run = async (query: CompiledQuery): Promise<void> => {
    await connection.executeQuery(query);
  };
  return {
    init: () => Promise.resolve(),
    async acquireConnection() {
      durability.assertIntact();
      await shared.take();
      return connection;
    },
    beginTransaction: () => run(BEGIN),
    commitTransaction: () => run(COMMIT),
    rollbackTransaction: () => run(ROLLBACK),
    async releaseConnection() {
      if (handBack(shared, durability)) await durability.reached();
    },
    // Whoever opened the connection closes it.
    destroy: () => Promise.resolve(),
  };
}

/** The ways of a compiled query to the database that leave out Kysely, and Kysely for who is in a transaction. */
export interface Direct {
  /** By itself, as a query on `db` runs. */
  alone: RunCompiled;
  /** A transaction, answered at its commit, which is before it is on the disk; all of it, or nothing when it throws. */
  transact: (work: () => Promise<void>) => Promise<void>;
  /** In the transaction that holds the connection now; only for who is inside of it. */
  within: RunCompiled;
  /** The same for queries that are built; one for all transactions, since there is one connection. */
  inside: Kysely<Schema>;
}

/** For who is inside of a transaction: the connection is theirs already. */
export const insideDriver = ({ connection }: SharedConnection): Driver => ({
  init: () => Promise.resolve(),
  acquireConnection: () => Promise.resolve(connection),
  releaseConnection: () => Promise.resolve(),
  beginTransaction: () => Promise.reject(new Error('A transaction is running here already.')),
  commitTransaction: () => Promise.resolve(),
  rollbackTransaction: () => Promise.resolve(),
  destroy: () => Promise.resolve(),
});

export function createDirect(
  shared: SharedConnection,
  durability: Durability,
  driver: Driver,
): Omit<Direct, 'inside'> {
  const { connection } = shared;

  async function inTransaction(work: () => Promise<void>): Promise<void> {
    await connection.executeQuery(BEGIN);
    try {
      await work();
      await connection.executeQuery(COMMIT);
    } catch (error) {
      // Some errors have ended the transaction already; what went wrong first is what is told.
      await connection.executeQuery(ROLLBACK).catch(() => undefined);
      throw error;
    }
  }

  return {
    async transact(work) {
      await driver.acquireConnection();
      try {
        await inTransaction(work);
      } finally {
        handBack(shared, durability);
      }
    },
    async alone(query) {
      const held = await driver.acquireConnection();
      try {
        return await held.executeQuery(query);
      } finally {
        await driver.releaseConnection(held);
      }
    },
    within: (query) => connection.executeQuery(query),
  };
}
