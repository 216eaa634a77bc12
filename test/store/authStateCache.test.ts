/**
 * Auth state between memory and database: reads that fail or are slow, keys that are written a moment later, and what
 * is remembered when a write goes wrong.
 */
import { LeaseLostError, type Store } from '../../gateway/src/store/index.js';
import { describeOnEachEngine, type TestDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { createFakeClock } from '../support/fakeClock.js';
import { bytes, FENCE, openAuth, texts } from './auth.js';
import { NOW, addSessions } from './builders.js';

/** A database with session s1, owned. */
async function prepare(open: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const test = await open();
  await addSessions(test.store, 's1');
  await test.store.leases.takeFree({ owner: 'one', now: NOW, ttlMs: 1_000 });
  return test;
}

type GetMany = Store['keyValues']['getMany'];

const withReads = (store: Store, getMany: GetMany): Store => ({
  ...store,
  keyValues: { ...store.keyValues, getMany },
});

/** Reads of one key arrive only when told to. */
function slowReads(store: Store, key: string): { store: Store; asked: () => boolean; arrive: () => void } {
  let release: (() => void) | null = null;
  const slow = withReads(store, async (namespace, keys) => {
    const found = await store.keyValues.getMany(namespace, keys);
    if (keys.includes(key) && !release) await new Promise<void>((resolve) => (release = resolve));
    return found;
  });
  return { store: slow, asked: () => release !== null, arrive: () => release?.() };
}

const storedKeys = async ({ database }: TestDatabase): Promise<string[]> => {
  const rows = await database.db.selectFrom('key_values').select('key').orderBy('key').execute();
  return rows.map(({ key }) => key);
};

describeOnEachEngine('auth state', ({ open }) => {
  it('rejects when the database fails on a read, instead of answering that there is no key', async () => {
    const { store } = await prepare(open);
    await (await openAuth(store)).state.keys.set({ 'sender-key': { a: bytes('A1') } });
    let failing = false;
    const flaky = withReads(store, (namespace, keys) =>
      failing ? Promise.reject(new Error('connection lost')) : store.keyValues.getMany(namespace, keys),
    );
    const { state } = await openAuth(flaky);
    failing = true;
    await expect(state.keys.get('sender-key', ['a'])).rejects.toThrow('connection lost');
    await expect(openAuth(flaky)).rejects.toThrow('connection lost');
    failing = false;
    expect(texts(await state.keys.get('sender-key', ['a']))).toEqual({ a: 'A1' });
  });

  it('does not remember an older value that a slow read brings after a write', async () => {
    const { store } = await prepare(open);
    await (await openAuth(store)).state.keys.set({ 'sender-key': { a: bytes('A1') } });
    const slow = slowReads(store, 'sender-key:a');
    const { state } = await openAuth(slow.store);
    const read = Promise.resolve(state.keys.get('sender-key', ['a']));
    await eventually('the slow read', slow.asked);
    await state.keys.set({ 'sender-key': { a: bytes('A2') } });
    slow.arrive();
    await read;
    expect(texts(await state.keys.get('sender-key', ['a']))).toEqual({ a: 'A2' });
  });

  it('finds a remembered key also when it is written during a slow read of another', async () => {
    const { store } = await prepare(open);
    const slow = slowReads(store, 'sender-key:b');
    const { state } = await openAuth(slow.store);
    await state.keys.set({ 'sender-key': { a: bytes('A1') } });
    const read = Promise.resolve(state.keys.get('sender-key', ['a', 'b']));
    await eventually('the slow read', slow.asked);
    const write = state.keys.set({ 'sender-key': { a: bytes('A2') } });
    slow.arrive();
    expect(Object.keys(await read)).toEqual(['a']);
    await write;
  });

  it('reads a Signal session at once and has it in the database within 20 ms', async () => {
    const test = await prepare(open);
    const clock = createFakeClock();
    const { state } = await openAuth(test.store, { clock });
    await state.keys.set({ session: { a: bytes('A1'), b: bytes('B1') } });
    await state.keys.set({ session: { a: bytes('A2') }, 'device-list': { '49': ['1'] } });
    expect(texts(await state.keys.get('session', ['a', 'b']))).toEqual({ a: 'A2', b: 'B1' });
    expect(await storedKeys(test)).toEqual([]);
    clock.advance(20);
    await eventually('the write', async () => (await storedKeys(test)).length > 0);
    expect(await storedKeys(test)).toEqual(['device-list:49', 'session:a', 'session:b']);
    const { state: again } = await openAuth(test.store);
    expect(texts(await again.keys.get('session', ['a', 'b']))).toEqual({ a: 'A2', b: 'B1' });
  });

  it('finds a waiting key also when it is written during a slow read of another', async () => {
    const test = await prepare(open);
    const slow = slowReads(test.store, 'session:b');
    // One process's cache would hide it: 300 keys are more than it keeps.
    const { state, saved } = await openAuth(slow.store, { clock: createFakeClock() });
    const many = Array.from({ length: 300 }, (_, index) => `k${String(index)}`);
    await state.keys.set({ session: Object.fromEntries(many.map((id) => [id, bytes(id)])) });
    const read = Promise.resolve(state.keys.get('session', ['k0', 'b']));
    await eventually('the slow read', slow.asked);
    await saved();
    expect(await storedKeys(test)).toHaveLength(300);
    slow.arrive();
    expect(texts(await read)).toEqual({ k0: 'k0' });
  });

  it('makes waiting keys durable with the next write that must not wait, and on saved()', async () => {
    const test = await prepare(open);
    const { state, saved } = await openAuth(test.store, { clock: createFakeClock() });
    await state.keys.set({ session: { a: bytes('A1') } });
    await state.keys.set({ 'sender-key': { g: bytes('G1') } });
    expect(await storedKeys(test)).toEqual(['sender-key:g', 'session:a']);
    await state.keys.set({ session: { a: null } });
    await saved();
    expect(await storedKeys(test)).toEqual(['sender-key:g']);
  });

  it('makes a Signal session durable at once when something goes along with it', async () => {
    const test = await prepare(open);
    const { state } = await openAuth(test.store, {
      clock: createFakeClock(),
      alongside: () => (tx) =>
        tx.recipients.save({ phone: '1', exists: true, jid: null, lid: null, checkedAt: NOW }),
    });
    await state.keys.set({ session: { a: bytes('A1') } });
    expect(await storedKeys(test)).toEqual(['session:a']);
    expect(await test.store.recipients.find('1')).not.toBeNull();
  });

  it('says so when waiting keys cannot be written because the lease is lost', async () => {
    const test = await prepare(open);
    const clock = createFakeClock();
    const failures: unknown[] = [];
    const { state } = await openAuth(test.store, { clock, onFailed: (error) => failures.push(error) });
    await state.keys.set({ session: { a: bytes('A1') } });
    await test.store.leases.release(FENCE);
    clock.advance(20);
    await eventually('the failure', () => failures.length > 0);
    expect(failures[0]).toBeInstanceOf(LeaseLostError);
    expect(await storedKeys(test)).toEqual([]);
  });

  it('keeps waiting keys, and writes them later, when another write fails', async () => {
    const test = await prepare(open);
    const clock = createFakeClock();
    let failing = true;
    const flaky: Store = {
      ...test.store,
      transactionEarly: (work) =>
        failing ? Promise.reject(new Error('the disk is full')) : test.store.transactionEarly(work),
    };
    const { state } = await openAuth(flaky, { clock });
    await state.keys.set({ session: { a: bytes('A1') } });
    await expect(state.keys.set({ 'sender-key': { g: bytes('G1') } })).rejects.toThrow('the disk is full');
    expect(texts(await state.keys.get('sender-key', ['g']))).toEqual({});
    expect(texts(await state.keys.get('session', ['a']))).toEqual({ a: 'A1' });
    failing = false;
    clock.advance(20);
    await eventually('the write', async () => (await storedKeys(test)).length > 0);
    expect(await storedKeys(test)).toEqual(['session:a']);
  });
});
