/**
 * Writes that rc14 makes after its own transaction on the keys has ended: they are kept, durably, and in their order.
 */
import { addTransactionCapability, type SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import type { Store } from '../../gateway/src/store/index.js';
import { describeOnEachEngine } from '../support/databases.js';
import { bytes, openAuth, texts } from './auth.js';
import { NOW, addSessions } from './builders.js';

async function openKeys(store: Store) {
  await addSessions(store, 's1');
  await store.leases.takeFree({ owner: 'one', now: NOW, ttlMs: 1_000 });
  const auth = await openAuth(store);
  const options = { maxCommitRetries: 1, delayBetweenTriesMs: 0 };
  return { auth, keys: addTransactionCapability(auth.state.keys, pino({ level: 'silent' }), options) };
}

const set = async (keys: SignalKeyStoreWithTransaction, id: string, text: string): Promise<void> => {
  await keys.set({ 'sender-key': { [id]: bytes(text) } });
};
const get = async (keys: Pick<SignalKeyStoreWithTransaction, 'get'>, ...ids: string[]) =>
  texts(await keys.get('sender-key', ids));

/** Work that begins in the transaction in hand and goes on when it is told to. */
function later<T>(work: () => Promise<T>): { goOn: () => void; done: Promise<T> } {
  let goOn = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  return { goOn, done: told.then(work) };
}

describeOnEachEngine('keys after a transaction of Baileys', ({ open }) => {
  it.each([
    ['has written', true],
    ['has written nothing', false],
  ])('that %s: what it left behind still writes, and the next process reads it', async (_case, writes) => {
    const { store } = await open();
    const { auth, keys } = await openKeys(store);
    const { late } = await keys.transaction(async () => {
      if (writes) await set(keys, 'a', 'in time');
      return { late: later(() => set(keys, 'b', 'late')) };
    }, 'me');
    late.goOn();
    await late.done;
    expect(await get(keys, 'b')).toEqual({ b: 'late' });
    await auth.saved();
    const next = await openAuth(store);
    expect(await get(next.state.keys, 'a', 'b')).toEqual({ ...(writes && { a: 'in time' }), b: 'late' });
  });

  it('that failed: what it left behind writes, and what it wrote itself is undone', async () => {
    const { store } = await open();
    const { keys } = await openKeys(store);
    const left: ReturnType<typeof later>[] = [];
    const failing = keys.transaction(async () => {
      await set(keys, 'a', 'undone');
      left.push(later(() => set(keys, 'b', 'late')));
      throw new Error('no');
    }, 'me');
    await expect(failing).rejects.toThrow('no');
    for (const { goOn } of left) goOn();
    await Promise.all(left.map(({ done }) => done));
    expect(await get(keys, 'a', 'b')).toEqual({ b: 'late' });
  });

  it('a late transaction is one of its own, and a late read sees what others have written since', async () => {
    const { store } = await open();
    const { keys } = await openKeys(store);
    await set(keys, 'a', 'old');
    const { late } = await keys.transaction(async () => {
      await get(keys, 'a');
      const nested = async () => {
        await set(keys, 'b', 'nested');
        return get(keys, 'a');
      };
      return { late: later(() => keys.transaction(nested, 'me')) };
    }, 'me');
    await set(keys, 'a', 'new');
    late.goOn();
    expect(await late.done).toEqual({ a: 'new' });
    expect(await get(keys, 'b')).toEqual({ b: 'nested' });
  });

  it('a late write of the same key wins over the commit, and none shows before its transaction is done', async () => {
    const { store } = await open();
    const { auth, keys } = await openKeys(store);
    const { late } = await keys.transaction(async () => {
      await set(keys, 'a', 'in time');
      expect(await get(auth.state.keys, 'a')).toEqual({});
      expect(keys.isInTransaction()).toBe(true);
      return { late: later(() => set(keys, 'a', 'late')) };
    }, 'me');
    late.goOn();
    await late.done;
    expect(await get(keys, 'a')).toEqual({ a: 'late' });
  });
});
