/**
 * Encrypted key-value pairs: many at once, replaced and deleted, unreadable and untouched under another key.
 */
import { describeOnEachEngine, newCipher, type TestDatabase } from '../support/databases.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

const rawValues = async ({ database }: TestDatabase): Promise<Buffer[]> => {
  const rows = await database.db.selectFrom('key_values').select('value').orderBy('key').execute();
  return rows.map(({ value }) => Buffer.from(value as Buffer));
};

describeOnEachEngine('keyValues', ({ engine, open }) => {
  it('keeps bytes of every value, empty ones too', async () => {
    const { store } = await open();
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await store.keyValues.setMany('s1', [
      { key: 'all', value: all },
      { key: 'empty', value: Buffer.alloc(0) },
      { key: 'schlüssel:🔑', value: bytes('ß') },
    ]);
    const found = await store.keyValues.getMany('s1', ['all', 'empty', 'schlüssel:🔑', 'none']);
    expect(found).toEqual(
      new Map([
        ['all', all],
        ['empty', Buffer.alloc(0)],
        ['schlüssel:🔑', bytes('ß')],
      ]),
    );
  });

  it('sets, reads and deletes 3,000 entries', async () => {
    const { store } = await open();
    const keys = Array.from({ length: 3_000 }, (_, index) => `pre-key:${String(index)}`);
    const write = (suffix: string): Promise<void> =>
      store.transaction((tx) =>
        tx.keyValues.setMany(
          's1',
          keys.map((key) => ({ key, value: bytes(key + suffix) })),
        ),
      );
    await write('');
    await write('!');
    const found = await store.keyValues.getMany('s1', keys);
    expect(found.size).toBe(3_000);
    expect(found.get('pre-key:2999')).toEqual(bytes('pre-key:2999!'));
    expect(await store.keyValues.deleteMany('s1', keys.slice(1))).toBe(2_999);
    expect([...(await store.keyValues.getMany('s1', keys)).keys()]).toEqual(['pre-key:0']);
  });

  it('takes empty lists', async () => {
    const { store } = await open();
    await store.keyValues.setMany('s1', []);
    expect(await store.keyValues.getMany('s1', [])).toEqual(new Map());
    expect(await store.keyValues.deleteMany('s1', [])).toBe(0);
  });

  it('keeps namespaces apart', async () => {
    const { store } = await open();
    for (const namespace of ['s1', 's2']) {
      await store.keyValues.setMany(namespace, [{ key: 'k', value: bytes(namespace) }]);
    }
    expect(await store.keyValues.deleteMany('s1', ['k'])).toBe(1);
    expect((await store.keyValues.getMany('s2', ['k'])).get('k')).toEqual(bytes('s2'));
    await store.keyValues.clear('s2');
    expect((await store.keyValues.getMany('s2', ['k'])).size).toBe(0);
  });

  it('has no plaintext in the table', async () => {
    const test = await open();
    await test.store.keyValues.setMany('s1', [{ key: 'k', value: bytes('a secret noise key') }]);
    const [raw] = await rawValues(test);
    expect(raw?.includes('secret')).toBe(false);
  });

  it('rejects under another encryption key and leaves the rows as they are', async () => {
    const test = await open();
    await test.store.keyValues.setMany('s1', [{ key: 'k', value: bytes('v') }]);
    const before = await rawValues(test);
    if (engine === 'sqlite') await test.close();
    const stranger = await test.openAgain(newCipher());
    await expect(stranger.store.keyValues.getMany('s1', ['k'])).rejects.toThrow();
    expect(await rawValues(stranger)).toEqual(before);
  });

  it('leaves nothing of a transaction that fails', async () => {
    const { store } = await open();
    await store.keyValues.setMany('s1', [{ key: 'old', value: bytes('1') }]);
    const failing = store.transaction(async (tx) => {
      await tx.keyValues.setMany('s1', [
        { key: 'old', value: bytes('2') },
        { key: 'new', value: bytes('2') },
      ]);
      await tx.keyValues.deleteMany('s1', ['old']);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.keyValues.getMany('s1', ['old', 'new'])).toEqual(new Map([['old', bytes('1')]]));
  });
});
