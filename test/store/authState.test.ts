/**
 * Baileys' auth state in the database: whole commits under the fence, values that come back as they were, nothing
 * readable in the table, and a failing database that is never taken for "no such key".
 */
import { proto, type SignalDataSet } from '@whiskeysockets/baileys';
import { LeaseLostError, type Store } from '../../gateway/src/store/index.js';
import { wipeAuthState } from '../../gateway/src/whatsapp/authState.js';
import { describeOnEachEngine, newCipher, type TestDatabase } from '../support/databases.js';
import { bytes, openAuth, texts } from './auth.js';
import { NOW, addSessions } from './builders.js';

/** A database with session s1, owned. */
async function prepare(open: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const test = await open();
  await addSessions(test.store, 's1');
  await test.store.leases.takeFree({ owner: 'one', now: NOW, ttlMs: 1_000 });
  return test;
}

/** The present owner loses the session to another. */
const loseLease = async ({ store }: TestDatabase): Promise<void> => {
  const taken = await store.leases.takeFree({ owner: 'two', now: NOW + 1_001, ttlMs: 1_000 });
  expect(taken).toHaveLength(1);
};

const rawRows = async ({ database }: TestDatabase): Promise<Buffer[]> => {
  const rows = await database.db.selectFrom('key_values').select('value').orderBy('key').execute();
  return rows.map(({ value }) => Buffer.from(value as Buffer));
};

const KEYS: SignalDataSet = { 'sender-key': { a: bytes('A1'), b: bytes('B1') } };

describeOnEachEngine('auth state', ({ engine, open }) => {
  it('gives bytes back as bytes, in this process and in the next', async () => {
    const { store } = await prepare(open);
    const keyPair = { public: Buffer.from([1, 2, 255]), private: Uint8Array.from([3, 0, 4]) };
    const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const { state } = await openAuth(store);
    await state.keys.set({ 'pre-key': { '1': keyPair }, session: { 'x.0': everyByte } });
    for (const auth of [state, (await openAuth(store)).state]) {
      const pair = (await auth.keys.get('pre-key', ['1']))['1'];
      expect(Buffer.from(pair?.public ?? [])).toEqual(Buffer.from([1, 2, 255]));
      expect(Buffer.from(pair?.private ?? [])).toEqual(Buffer.from([3, 0, 4]));
      const session = (await auth.keys.get('session', ['x.0']))['x.0'];
      expect(session).toBeInstanceOf(Uint8Array);
      expect(Buffer.from(session ?? [])).toEqual(Buffer.from(everyByte));
    }
  });

  it('revives app state sync keys as protobuf', async () => {
    const { store } = await prepare(open);
    const key = proto.Message.AppStateSyncKeyData.fromObject({
      keyData: bytes('sync key'),
      fingerprint: { rawId: 7, currentIndex: 1, deviceIndexes: [0] },
      timestamp: 1_760_000_000,
    });
    await (await openAuth(store)).state.keys.set({ 'app-state-sync-key': { AAAA: key } });
    const { state } = await openAuth(store);
    const found = (await state.keys.get('app-state-sync-key', ['AAAA'])).AAAA;
    const encode = (data: proto.Message.IAppStateSyncKeyData | undefined): Buffer =>
      Buffer.from(proto.Message.AppStateSyncKeyData.encode(data ?? {}).finish());
    expect(encode(found)).toEqual(encode(key));
    expect(Buffer.from(found?.keyData ?? []).toString()).toBe('sync key');
  });

  it('discards the credentials of a pairing by code that never finished', async () => {
    const { store } = await prepare(open);
    const first = await openAuth(store);
    // What asking for a code leaves behind at once.
    Object.assign(first.state.creds, { me: { id: '4915112345678@s.whatsapp.net', name: '~' } });
    await first.saveCreds();
    await first.saved();
    const second = await openAuth(store);
    expect(second.state.creds.me).toBeUndefined();
    expect(second.state.creds.noiseKey).not.toEqual(first.state.creds.noiseKey);
    Object.assign(second.state.creds, { me: { id: '4915112345678:1@s.whatsapp.net' }, account: {} });
    await second.saveCreds();
    await second.saved();
    const third = await openAuth(store);
    expect([third.isPaired(), third.state.creds.me?.id]).toEqual([true, '4915112345678:1@s.whatsapp.net']);
  });

  it('sets some keys and deletes others at once', async () => {
    const { store } = await prepare(open);
    const { state } = await openAuth(store);
    await state.keys.set(KEYS);
    await state.keys.set({ 'sender-key': { a: null, c: bytes('C1') }, 'pre-key': { '1': null } });
    for (const auth of [state, (await openAuth(store)).state]) {
      const found = await auth.keys.get('sender-key', ['a', 'b', 'c', 'd']);
      expect(Object.keys(found).sort()).toEqual(['b', 'c']);
    }
  });

  it('leaves nothing of a commit whose transaction fails', async () => {
    const { store } = await prepare(open);
    let failing = false;
    const auth = await openAuth(store, {
      alongside: () => async (tx) => {
        if (!failing) return;
        await tx.recipients.save({ phone: '1', exists: true, jid: null, lid: null, checkedAt: NOW });
        throw new Error('the disk is full');
      },
    });
    await auth.state.keys.set(KEYS);
    failing = true;
    const change: SignalDataSet = { 'sender-key': { a: bytes('A2'), b: null, c: bytes('C2') } };
    await expect(auth.state.keys.set(change)).rejects.toThrow('the disk is full');
    for (const { state } of [auth, await openAuth(store)]) {
      const found = await state.keys.get('sender-key', ['a', 'b', 'c']);
      expect(texts(found)).toEqual({ a: 'A1', b: 'B1' });
    }
    expect(await store.recipients.find('1')).toBeNull();
  });

  it('tells the caller that the lease is lost, and writes nothing', async () => {
    const test = await prepare(open);
    const auth = await openAuth(test.store);
    await auth.state.keys.set(KEYS);
    await auth.saveCreds();
    const before = await rawRows(test);
    await loseLease(test);
    await expect(auth.state.keys.set({ 'sender-key': { a: bytes('A2') } })).rejects.toThrow(LeaseLostError);
    await expect(auth.saveCreds()).rejects.toThrow(LeaseLostError);
    await expect(auth.state.keys.set({ 'sender-key': { b: null } })).rejects.toThrow(LeaseLostError);
    expect(await rawRows(test)).toEqual(before);
    const found = await auth.state.keys.get('sender-key', ['a', 'b']);
    expect(Buffer.from(found.a ?? []).toString()).toBe('A1');
    expect(Buffer.from(found.b ?? []).toString()).toBe('B1');
  });

  it('keeps credentials, one save after the other', async () => {
    const { store } = await prepare(open);
    const auth = await openAuth(store);
    expect(auth.isPaired()).toBe(false);
    const saves = Array.from({ length: 10 }, (_, index) => {
      auth.state.creds.nextPreKeyId = index;
      return auth.saveCreds();
    });
    await Promise.all(saves);
    auth.state.creds.me = { id: '4915112345678:1@s.whatsapp.net' };
    auth.state.creds.account = { details: bytes('details') };
    await auth.saveCreds();
    await auth.saved();
    const again = await openAuth(store);
    expect(again.isPaired()).toBe(true);
    expect(again.state.creds.nextPreKeyId).toBe(9);
    expect(Buffer.from(again.state.creds.noiseKey.private)).toEqual(
      Buffer.from(auth.state.creds.noiseKey.private),
    );
  });

  it('writes new prekeys and the number of the next in one transaction: a crash never lets a number be used twice', async () => {
    const { store } = await prepare(open);
    const commits: string[][] = [];
    const watched: Store = {
      ...store,
      transactionEarly: (work) =>
        store.transactionEarly((tx) =>
          work({
            ...tx,
            keyValues: {
              ...tx.keyValues,
              async setMany(namespace, entries) {
                commits.push(entries.map(({ key }) => key));
                await tx.keyValues.setMany(namespace, entries);
              },
            },
          }),
        ),
    };
    const { state } = await openAuth(watched);
    state.creds.nextPreKeyId = 3;
    const pair = { public: bytes('public'), private: bytes('private') };
    await state.keys.set({ 'pre-key': { '1': pair, '2': pair } });
    expect(commits.map((keys) => keys.sort())).toEqual([['creds', 'pre-key:1', 'pre-key:2']]);
    expect((await openAuth(store)).state.creds.nextPreKeyId).toBe(3);
    await state.keys.set({ 'pre-key': { '1': null }, session: { 'x.0': bytes('session') } });
    expect(commits.slice(1).flat()).not.toContain('creds');
  });

  it('ends the socket when a key cannot be read: a message would be refused for good', async () => {
    const { store } = await prepare(open);
    const failures: unknown[] = [];
    const failing: Store = {
      ...store,
      keyValues: {
        ...store.keyValues,
        getMany: (namespace, keys) =>
          keys.includes('creds')
            ? store.keyValues.getMany(namespace, keys)
            : Promise.reject(new Error('the disk is gone')),
      },
    };
    const { state } = await openAuth(failing, { onFailed: (error) => failures.push(error) });
    await expect(state.keys.get('session', ['x.0'])).rejects.toThrow('the disk is gone');
    expect(failures).toEqual([expect.objectContaining({ message: 'the disk is gone' })]);
  });

  it('has nothing readable in the table', async () => {
    const test = await prepare(open);
    const auth = await openAuth(test.store);
    auth.state.creds.advSecretKey = 'a very well known secret';
    await auth.saveCreds();
    await auth.state.keys.set({ 'sender-key': { a: bytes('plain session') } });
    const rows = await rawRows(test);
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      for (const text of [
        'well known',
        'advSecretKey',
        'plain session',
        Buffer.from('plain session').toString('base64'),
      ]) {
        expect(row.includes(text)).toBe(false);
      }
    }
  });

  it('never overwrites credentials that it cannot read', async () => {
    const test = await prepare(open);
    await (await openAuth(test.store)).saveCreds();
    const before = await rawRows(test);
    if (engine === 'sqlite') await test.close();
    const stranger = await test.openAgain(newCipher());
    await expect(openAuth(stranger.store)).rejects.toThrow();
    expect(await rawRows(stranger)).toEqual(before);
  });

  it('forgets one session', async () => {
    const test = await prepare(open);
    await (await openAuth(test.store)).saveCreds();
    await test.store.transaction((tx) => wipeAuthState(tx, 's1'));
    expect(await rawRows(test)).toEqual([]);
  });
});
