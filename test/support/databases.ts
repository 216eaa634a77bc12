/**
 * Databases for tests: a fresh embedded file, or a fresh database on a real Postgres, migrated and with a store on it.
 * `describeOnEachEngine` runs one suite on both. What a test opens is closed after that test; the server and the
 * files go with the test file (see support/folder).
 */
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { createCipher, type Cipher } from '../../gateway/src/lib/cipher.js';
import { openDatabase, type Database, type Engine } from '../../gateway/src/store/database/index.js';
import { createStore, type Store } from '../../gateway/src/store/index.js';
import { openTestFolder, type TestFolder } from './folder.js';

const ENGINES: Engine[] = ['sqlite', 'postgres'];
const TEMPLATE = 'migrated';

/** An open database with a store, and what opened it. */
export interface TestDatabase {
  url: string;
  engine: Engine;
  database: Database;
  store: Store;
  cipher: Cipher;
  /** Opens the same database once more, as another process does. Embedded: refused while this one is open. */
  openAgain: (cipher?: Cipher) => Promise<TestDatabase>;
  close: () => Promise<void>;
}

export interface EngineUnderTest {
  engine: Engine;
  /** A new database, migrated. Call it in a test or in `beforeEach`: it is closed after the test. */
  open: () => Promise<TestDatabase>;
  /** The URL of a new database that was never migrated. */
  newUrl: () => Promise<string>;
  /** Opens a database by its URL, and closes it after the test. */
  openUrl: (url: string, cipher?: Cipher) => Promise<TestDatabase>;
}

export const newCipher = (): Cipher => createCipher(randomBytes(32));

/** Runs the suite on the embedded database and on Postgres. */
export function describeOnEachEngine(name: string, suite: (engine: EngineUnderTest) => void): void {
  describe.each(ENGINES)(`${name} on %s`, (engine) => suite(useEngine(engine)));
}

// One server for the whole test file: this module is loaded anew for each, and its afterAll runs after all suites.
let made: Promise<TestFolder> | null = null;
let server: Promise<Database> | null = null;
let migratedFile: Promise<string> | null = null;
let count = 0;
const folder = (): Promise<TestFolder> => (made ??= openTestFolder());
const newName = (): string => `test_${String(++count)}`;

afterAll(async () => {
  if (server) await (await server).close();
  if (made) await (await made).close();
});

const newFile = async (): Promise<string> => `file:${join((await folder()).path, newName(), 'sluice.db')}`;

/** A copy of a file that was migrated once. */
async function newMigratedFile(): Promise<string> {
  const [source, url] = [await (migratedFile ??= makeMigratedFile()), await newFile()];
  mkdirSync(dirname(pathOf(url)));
  copyFileSync(pathOf(source), pathOf(url));
  return url;
}

async function makeMigratedFile(): Promise<string> {
  const url = await newFile();
  await (await openDatabase(url, { onError: ignoreBrokenConnection })).close();
  return url;
}

const pathOf = (url: string): string => url.slice('file:'.length);

async function newPostgres(source: string): Promise<string> {
  const place = await folder();
  const { db } = await (server ??= openServer(place));
  const name = newName();
  await sql`create database ${sql.id(name)} template ${sql.id(source)} strategy file_copy`.execute(db);
  return place.postgresUrl(name);
}

/** One engine, for the tests of the `describe` around the call. */
export function useEngine(engine: Engine): EngineUnderTest {
  let opened: TestDatabase[] = [];

  afterEach(async () => {
    const closing = opened;
    opened = [];
    await Promise.all(closing.map((database) => database.close()));
  });

  async function openUrl(url: string, cipher = newCipher()): Promise<TestDatabase> {
    const database = await openDatabase(url, { onError: ignoreBrokenConnection });
    const handle = toHandle(url, database, cipher);
    opened.push(handle);
    return handle;
  }

  function toHandle(url: string, database: Database, cipher: Cipher): TestDatabase {
    let closing: Promise<void> | null = null;
    return {
      url,
      engine,
      database,
      cipher,
      store: createStore(database, cipher),
      openAgain: (otherCipher = cipher) => openUrl(url, otherCipher),
      close: () => (closing ??= database.close()),
    };
  }

  return {
    engine,
    openUrl,
    newUrl: () => (engine === 'sqlite' ? newFile() : newPostgres('template1')),
    open: async () => openUrl(engine === 'sqlite' ? await newMigratedFile() : await newPostgres(TEMPLATE)),
  };
}

/** Makes the migrated template; answers a connection to the server's own database. */
async function openServer(folder: TestFolder): Promise<Database> {
  const server = await openDatabase(await folder.postgresUrl('postgres'), {
    onError: ignoreBrokenConnection,
  });
  await sql`create database ${sql.id(TEMPLATE)}`.execute(server.db);
  const template = await openDatabase(await folder.postgresUrl(TEMPLATE), {
    onError: ignoreBrokenConnection,
  });
  await template.close();
  return server;
}

/** A test that breaks a connection looks at what becomes of the queries on it. */
const ignoreBrokenConnection = (): void => undefined;
