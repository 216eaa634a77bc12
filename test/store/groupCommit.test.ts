/**
 * Transactions that share a commit on the embedded database: each fails alone, none is answered before the commit, and
 * a database that cannot begin one refuses them.
 */
import { createGroupCommit } from '../../gateway/src/store/database/groupCommit.js';
import type { Database, Direct } from '../../gateway/src/store/database/index.js';
import { createStore, type Store } from '../../gateway/src/store/index.js';
import { useEngine } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { createFakeClock } from '../support/fakeClock.js';
import { NOW } from './builders.js';

const { open } = useEngine('sqlite');

const save = (store: Store, phone: string, fails = false): Promise<string> =>
  store.transaction(async (tx) => {
    await tx.recipients.save({ phone, exists: true, jid: null, lid: null, checkedAt: NOW });
    if (fails) throw new Error(`no ${phone}`);
    return phone;
  });

function directOf({ direct }: Pick<Database, 'direct'>): Direct {
  if (!direct) throw new Error('The embedded database has shorter ways to its connection.');
  return direct;
}

const hundred = Array.from({ length: 100 }, (_, index) => String(index));

it('keeps the work of those that succeed and nothing of those that fail', async () => {
  const { store, database } = await open();
  const results = await Promise.allSettled(
    hundred.map((phone, index) => save(store, phone, index % 3 === 0)),
  );
  expect(results.map(({ status }) => status)).toEqual(
    hundred.map((_, index) => (index % 3 === 0 ? 'rejected' : 'fulfilled')),
  );
  const rows = await database.db.selectFrom('recipients').select('phone').execute();
  expect(rows).toHaveLength(66);
});

it('answers in the order of the calls, also beyond one commit', async () => {
  const { store } = await open();
  const many = Array.from({ length: 500 }, (_, index) => String(index));
  const answered: string[] = [];
  await Promise.all(many.map(async (phone) => answered.push(await save(store, phone))));
  expect(answered).toEqual(many);
});

it('lets a failing statement fail its own transaction only', async () => {
  const { store } = await open();
  const duplicate = store.transaction(async (tx) => {
    await tx.recipients.save({ phone: 'mine', exists: true, jid: null, lid: null, checkedAt: NOW });
    await tx.sessions.setStatus('none', {
      status: 'connected',
      reason: null,
      since: 'late' as unknown as number,
    });
    await tx.apiKeys.insert({ ...KEY, id: 'key_1' });
    await tx.apiKeys.insert({ ...KEY, id: 'key_2' });
  });
  const other = save(store, 'other');
  await expect(duplicate).rejects.toThrow();
  await other;
  expect(await store.recipients.find('mine')).toBeNull();
  expect(await store.recipients.find('other')).not.toBeNull();
  expect(await store.apiKeys.find('key_1')).toBeNull();
});

const KEY = {
  name: 'n',
  role: 'admin' as const,
  mode: 'live' as const,
  sessionIds: [],
  prefix: 'p',
  hash: 'the same',
  createdAt: NOW,
  expiresAt: null,
};

it('lets patient work share a commit that happens anyway, or waits 20 ms for one', async () => {
  const { database, cipher } = await open();
  const clock = createFakeClock();
  const store = createStore(database, cipher, clock);
  const done: string[] = [];
  const patient = (name: string) =>
    store.transactionSoon(() => Promise.resolve(name)).then(({ value }) => done.push(value));
  const first = patient('first');
  expect(done).toEqual([]);
  await save(store, 'anyway');
  await first;
  expect(clock.pending()).toBe(0);

  const second = patient('second');
  await eventually('the timer', () => clock.pending() === 1);
  clock.advance(19);
  await store.recipients.find('anyway');
  expect(done).toEqual(['first']);
  clock.advance(1);
  await second;
  expect(done).toEqual(['first', 'second']);
});

it('shares a commit among those that arrive in the same round of the event loop', async () => {
  const { database, store } = await open();
  let commits = 0;
  const direct = directOf(database);
  const counting = createGroupCommit(
    {
      ...direct,
      transact: (work) => {
        commits += 1;
        return direct.transact(work);
      },
    },
    database,
    createFakeClock(),
  );
  // Each of them begins in a callback of its own, as requests do.
  await Promise.all(
    hundred.map(
      (phone) =>
        new Promise<void>((resolve, reject) => {
          process.nextTick(() => {
            counting.run(() => Promise.resolve(phone)).then(() => resolve(), reject);
          });
        }),
    ),
  );
  expect(commits).toBe(1);
  await save(store, 'later');
});

it('lets everybody else go on while one makes transaction after transaction', async () => {
  const { store } = await open();
  let heard = 0;
  let goesOn = true;
  const listen = (): void => {
    heard += 1;
    if (goesOn) setImmediate(listen);
  };
  setImmediate(listen);
  for (const phone of hundred) {
    await store.transactionEarly(async (tx) => {
      await tx.recipients.save({ phone, exists: true, jid: null, lid: null, checkedAt: NOW });
    });
  }
  goesOn = false;
  expect(heard).toBeGreaterThan(50);
});

it('refuses work on a closed database instead of trying for ever', async () => {
  const { database, store, close } = await open();
  await save(store, '1');
  await close();
  await expect(save(store, '2')).rejects.toThrow();
  const commits = createGroupCommit(directOf(database), database, createFakeClock());
  const works = hundred.map(() => commits.run(() => Promise.resolve()));
  const results = await Promise.allSettled(works);
  expect(results.every(({ status }) => status === 'rejected')).toBe(true);
});
