import type { Fence } from '../../../gateway/src/domain/session.js';
import type { Store } from '../../../gateway/src/store/index.js';
import { createWriteBehind, type Alongside } from '../../../gateway/src/whatsapp/writeBehind.js';
import { createFakeClock } from '../../support/fakeClock.js';
import { eventually } from '../../support/eventually.js';
import { openTestStore, type TestStore } from '../../support/testStore.js';
import { addSessions } from '../../store/builders.js';

let opened: TestStore;
let store: Store;
let fence: Fence;
const clock = createFakeClock();

beforeEach(async () => {
  opened = await openTestStore();
  store = opened.store;
  await addSessions(store, 's1');
  const [taken] = await store.leases.takeFree({ owner: 'me', now: clock.now(), ttlMs: 60_000 });
  if (!taken) throw new Error('the session was not taken');
  fence = taken;
});

afterEach(() => opened.close());

interface Wanted {
  alongside?: () => Alongside | null;
  failures?: unknown[];
  on?: Store;
}

const create = ({ alongside = () => null, failures = [], on = store }: Wanted = {}) =>
  createWriteBehind({ store: on, clock, fence, alongside, onFailed: (error) => failures.push(error) });

const stored = async (key: string): Promise<string | undefined> =>
  (await store.keyValues.getMany('s1', [key])).get(key)?.toString();

/** A store whose transactions fail while `failing` says so. */
const failingStore = (failing: () => boolean): Store => ({
  ...store,
  transactionEarly: (work) =>
    failing() ? Promise.reject(new Error('disk full')) : store.transactionEarly(work),
});

test('a key that may wait is read at once and written 20 ms later', async () => {
  const values = create();
  await values.set([{ key: 'session:a', value: '"1"' }]);
  expect(await values.get(['session:a'])).toEqual(['"1"']);
  expect(await stored('session:a')).toBeUndefined();
  clock.advance(20);
  await eventually('the write', async () => (await stored('session:a')) === '"1"');
});

test('any other key is durable when set resolves, and takes along what waits', async () => {
  const values = create();
  await values.set([{ key: 'session:a', value: '"1"' }]);
  await values.set([{ key: 'creds', value: '"2"' }]);
  expect([await stored('session:a'), await stored('creds')]).toEqual(['"1"', '"2"']);
});

test('a ratchet step that a plaintext goes along with is durable with it', async () => {
  let along = 0;
  const values = create({
    alongside: () => () => {
      along += 1;
      return Promise.resolve();
    },
  });
  await values.set([{ key: 'session:a', value: '"1"' }]);
  expect([await stored('session:a'), along]).toEqual(['"1"', 1]);
});

test('a tombstone deletes, in memory and in the database', async () => {
  const values = create();
  await values.set([{ key: 'pre-key:1', value: '"1"' }]);
  await values.set([{ key: 'pre-key:1', value: 'null' }]);
  expect(await values.get(['pre-key:1'])).toEqual([undefined]);
  expect(await stored('pre-key:1')).toBeUndefined();
});

test('an older value never lands on a newer one', async () => {
  const values = create();
  await Promise.all(
    ['1', '2', '3', '4'].map((value) => values.set([{ key: 'sender-key:g', value: `"${value}"` }])),
  );
  expect(await stored('sender-key:g')).toBe('"4"');
});

test('a write that fails is neither stored nor read', async () => {
  const values = create({ on: failingStore(() => true) });
  await expect(values.set([{ key: 'creds', value: '"1"' }])).rejects.toThrow('disk full');
  expect(await values.get(['creds'])).toEqual([undefined]);
});

test('a write that fails does not take a newer value of the same key with it', async () => {
  let count = 0;
  const values = create({ on: failingStore(() => (count += 1) === 1) });
  const first = values.set([{ key: 'creds', value: '"1"' }]);
  const second = values.set([{ key: 'creds', value: '"2"' }]);
  await expect(first).rejects.toThrow('disk full');
  await second;
  expect(await stored('creds')).toBe('"2"');
  expect(await values.get(['creds'])).toEqual(['"2"']);
});

test('a write in the background that fails is told, and the value stays in memory', async () => {
  const failures: unknown[] = [];
  let failing = true;
  const values = create({ failures, on: failingStore(() => failing) });
  await values.set([{ key: 'session:a', value: '"1"' }]);
  clock.advance(20);
  await eventually('the failure', () => failures.length === 1);
  failing = false;
  await values.flush();
  expect(await stored('session:a')).toBe('"1"');
});

test('after the lease is lost nothing is written', async () => {
  const values = create();
  await store.leases.releaseAll();
  await store.leases.takeFree({ owner: 'another', now: clock.now(), ttlMs: 60_000 });
  await expect(values.set([{ key: 'creds', value: '"1"' }])).rejects.toThrow('owned by another process');
  expect(await stored('creds')).toBeUndefined();
});

test('a write that is queued already takes no ratchet step without the plaintext that goes along with it', async () => {
  const commits: string[][] = [];
  let open = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  let first = true;
  /** The first transaction is held; each notes what it wrote. */
  const slow: Store = {
    ...store,
    transactionEarly: async (work) => {
      if (first) {
        first = false;
        await held;
      }
      const wrote: string[] = [];
      commits.push(wrote);
      return store.transactionEarly((tx) =>
        work({
          ...tx,
          keyValues: {
            ...tx.keyValues,
            setMany: (namespace, entries) => {
              wrote.push(...entries.map(({ key }) => key));
              return tx.keyValues.setMany(namespace, entries);
            },
          },
          inbox: {
            ...tx.inbox,
            insert: () => {
              wrote.push('plaintext');
              return Promise.resolve();
            },
          },
        }),
      );
    },
  };
  let plaintext: Alongside | null = null;
  const values = create({ on: slow, alongside: () => plaintext });
  const creds = values.set([{ key: 'creds', value: '"1"' }]);
  const again = values.set([{ key: 'creds', value: '"2"' }]);
  plaintext = (tx) => tx.inbox.insert({} as never);
  const ratchet = values.set([{ key: 'session:a', value: '"3"' }]);
  open();
  await Promise.all([creds, again, ratchet]);
  const withRatchet = commits.filter((wrote) => wrote.includes('session:a'));
  expect(withRatchet).toHaveLength(1);
  expect(withRatchet[0]).toContain('plaintext');
});
