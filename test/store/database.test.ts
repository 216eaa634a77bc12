/**
 * Opening a database: migrations run once whoever starts at the same time, and one gateway per embedded file.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sql } from 'kysely';
import { startChild } from '../support/child.js';
import { describeOnEachEngine, useEngine, type TestDatabase } from '../support/databases.js';
import { NOW, addSessions, messageOf } from './builders.js';

const OPEN = new URL('./children/open.ts', import.meta.url);

const migrations = async ({ database }: TestDatabase): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(
    database.db,
  );
  return rows.map(({ name }) => name);
};

describeOnEachEngine('database', ({ engine, newUrl, openUrl, open }) => {
  it('is migrated at the first opening and left alone at the next', async () => {
    const url = await newUrl();
    const first = await openUrl(url);
    const before = await migrations(first);
    expect(before[0]).toBe('0001-foundation');
    await addSessions(first.store, 'shop');
    if (engine === 'sqlite') await first.close();
    const second = await openUrl(url);
    expect(await migrations(second)).toEqual(before);
    expect(await second.store.sessions.find('shop')).not.toBeNull();
  });

  it('refuses values of the wrong type', async () => {
    const { database, store } = await open();
    await addSessions(store, 'shop');
    const wrong = sql`update sessions set epoch = 'many'`.execute(database.db);
    await expect(wrong).rejects.toThrow(/integer|bigint/i);
    await expect(
      sql`insert into gateway_state (name, value) values ('n', 7)`.execute(database.db),
    ).rejects.toThrow(/blob|bytea/i);
  });

  it('keeps 64-bit numbers exactly', async () => {
    const { store, database } = await open();
    const numbers = [0, 1, 2 ** 31, 2 ** 32 + 1, NOW, Number.MAX_SAFE_INTEGER, -1];
    for (const number of numbers) {
      const { id } = await store.messages.insert(messageOf({ expiresAt: number, retryAt: number }));
      expect(await store.messages.find(id)).toMatchObject({ expiresAt: number, retryAt: number });
    }
    const exact = sql<{ id: string }>`select id from messages where expires_at = ${Number.MAX_SAFE_INTEGER}`;
    expect((await exact.execute(database.db)).rows).toHaveLength(1);
  });

  it('makes nothing durable of a transaction that throws', async () => {
    const { store } = await open();
    const failing = store.transaction(async (tx) => {
      await addSessions({ ...store, ...tx }, 'shop');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.sessions.find('shop')).toBeNull();
  });
});

describe('the two engines', () => {
  const engines = [useEngine('sqlite'), useEngine('postgres')];

  it('have the same tables and columns', async () => {
    const columns = engines.map(async ({ open }) => {
      const tables = await (await open()).database.db.introspection.getTables();
      return tables.flatMap((table) => table.columns.map((column) => `${table.name}.${column.name}`)).sort();
    });
    const [embedded, postgres] = await Promise.all(columns);
    expect(embedded).toContain('sessions.epoch');
    expect(postgres).toEqual(embedded);
  });
});

describe('a Postgres that several gateways open at once', () => {
  const { newUrl, openUrl } = useEngine('postgres');

  it('is migrated once by openings of one process', async () => {
    const url = await newUrl();
    const all = await Promise.all(Array.from({ length: 4 }, () => openUrl(url)));
    for (const one of all) expect(await migrations(one)).toHaveLength(new Set(await migrations(one)).size);
  });

  it('is migrated once by several processes', async () => {
    const url = await newUrl();
    const children = [startChild(OPEN, url, 'close'), startChild(OPEN, url, 'close')];
    for (const child of children) expect(await child.exit()).toEqual({ code: 0, stderr: '' });
    expect((await migrations(await openUrl(url)))[0]).toBe('0001-foundation');
  });
});

describe('an embedded file', () => {
  const { newUrl, openUrl } = useEngine('sqlite');

  it('is refused to a second opening, with what to do', async () => {
    const url = await newUrl();
    const first = await openUrl(url);
    await expect(openUrl(url)).rejects.toThrow(/Another gateway is running on this data folder .*Postgres/);
    await first.close();
    await addSessions((await openUrl(url)).store, 'shop');
  });

  it('is refused while another process holds it, and free once that is killed', async () => {
    const url = await newUrl();
    const holder = startChild(OPEN, url);
    await holder.heard('open');
    await expect(openUrl(url)).rejects.toThrow('Another gateway is running on this data folder');
    await holder.kill();
    await addSessions((await openUrl(url)).store, 'shop');
  });

  it('does not speak of another gateway when the folder cannot be written', async () => {
    const url = await newUrl();
    const file = url.slice('file:'.length);
    mkdirSync(`${file}.lock`, { recursive: true });
    const refused = openUrl(url);
    await expect(refused).rejects.toThrow(/could not be locked/);
    await expect(refused).rejects.not.toThrow(/Another gateway/);
  });

  it('is not overwritten when it is no database', async () => {
    const url = await newUrl();
    const file = url.slice('file:'.length);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'dear diary');
    await expect(openUrl(url)).rejects.toThrow();
    expect(readFileSync(file, 'utf8')).toBe('dear diary');
    expect(existsSync(`${file}-wal`)).toBe(false);
  });
});
