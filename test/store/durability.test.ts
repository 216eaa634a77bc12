/**
 * Nothing is promised before it is on the disk: the order of commits and syncs, a disk that hangs, one that fails, and
 * what is left of the files after a power cut at any moment.
 */
import { copyFileSync, existsSync } from 'node:fs';
import { createDurability, DurabilityError } from '../../gateway/src/store/database/durability.js';
import { openDatabase, type OpenOptions } from '../../gateway/src/store/database/index.js';
import { createStore, type Store } from '../../gateway/src/store/index.js';
import { useEngine } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { createFakeClock } from '../support/fakeClock.js';
import { createCipher } from '../../gateway/src/lib/cipher.js';
import { NOW } from './builders.js';

const { newUrl, openUrl } = useEngine('sqlite');
const cipher = createCipher(Buffer.alloc(32, 3));
const record = (phone: string) => ({ phone, exists: true, jid: null, lid: null, checkedAt: NOW });

/** Syncs that end when the test says so. */
function heldSyncs() {
  const running: { resolve: () => void; reject: (error: Error) => void }[] = [];
  return {
    running,
    sync: () => new Promise<void>((resolve, reject) => running.push({ resolve, reject })),
  };
}

const settledOf = (promise: Promise<unknown>): (() => string) => {
  let settled = 'pending';
  promise.then(
    () => (settled = 'resolved'),
    () => (settled = 'rejected'),
  );
  return () => settled;
};

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
};

describe('durability', () => {
  it('is reached only by a sync that began after the commit', async () => {
    const { running, sync } = heldSyncs();
    const clock = createFakeClock();
    const durability = createDurability({ sync, clock, onFailed: () => undefined });
    durability.committed();
    const first = settledOf(durability.reached());
    durability.committed();
    const second = settledOf(durability.reached());
    expect(running).toHaveLength(1);
    running[0]?.resolve();
    await turns();
    expect([first(), second()]).toEqual(['resolved', 'pending']);
    expect(running).toHaveLength(2);
    running[1]?.resolve();
    await turns();
    expect(second()).toBe('resolved');
    expect(running).toHaveLength(2);
  });

  it('comes within 50 ms for what nobody waits for', async () => {
    const { running, sync } = heldSyncs();
    const clock = createFakeClock();
    const durability = createDurability({ sync, clock, onFailed: () => undefined });
    durability.committed();
    durability.committed();
    clock.advance(49);
    expect(running).toHaveLength(0);
    clock.advance(1);
    expect(running).toHaveLength(1);
    durability.committed();
    running[0]?.resolve();
    await turns();
    expect(running).toHaveLength(1);
    clock.advance(50);
    expect(running).toHaveLength(2);
    running[1]?.resolve();
    await turns();
    expect(clock.pending()).toBe(0);
  });

  it('does not hurry for those who can wait, and tells them with those who cannot', async () => {
    const { running, sync } = heldSyncs();
    const clock = createFakeClock();
    const durability = createDurability({ sync, clock, onFailed: () => undefined });
    durability.committed();
    const patient = settledOf(durability.passed());
    clock.advance(49);
    expect(running).toHaveLength(0);
    durability.committed();
    const hurried = settledOf(durability.reached());
    expect(running).toHaveLength(1);
    durability.committed();
    const next = settledOf(durability.passed());
    running[0]?.resolve();
    await turns();
    expect([patient(), hurried(), next()]).toEqual(['resolved', 'resolved', 'pending']);
    expect(running).toHaveLength(1);
    clock.advance(50);
    expect(running).toHaveLength(2);
    running[1]?.reject(new Error('EIO'));
    await turns();
    expect(next()).toBe('rejected');
    await expect(durability.passed()).rejects.toThrow(DurabilityError);
  });

  it('is never reached again after a sync that failed', async () => {
    const { running, sync } = heldSyncs();
    const failures: Error[] = [];
    const onFailed = (error: Error): unknown => failures.push(error);
    const durability = createDurability({ sync, clock: createFakeClock(), onFailed });
    durability.committed();
    const waiting = durability.reached();
    running[0]?.reject(new Error('EIO'));
    await expect(waiting).rejects.toThrow(DurabilityError);
    await expect(durability.reached()).rejects.toThrow('restart the gateway');
    durability.committed();
    expect(running).toHaveLength(1);
    expect(() => durability.assertIntact()).toThrow(DurabilityError);
    expect(failures).toHaveLength(1);
  });
});

/** A store whose disk can be held and broken; opened and migrated before. */
async function openHeld() {
  let holding: ReturnType<typeof heldSyncs> | null = null;
  const errors: Error[] = [];
  const aroundSync: OpenOptions['aroundSync'] = (sync) => () => holding?.sync() ?? sync();
  const database = await openDatabase(await newUrl(), {
    onError: (error) => errors.push(error),
    aroundSync,
  });
  return {
    database,
    errors,
    store: createStore(database, cipher),
    hold: () => (holding = heldSyncs()),
  };
}

const write = (store: Store, phone: string): Promise<void> =>
  store.transaction((tx) => tx.recipients.save(record(phone)));

describe('a disk that takes its time', () => {
  it('holds transactions, single writes and `durable`, but not the next commit', async () => {
    const { store, database, hold } = await openHeld();
    const { running } = hold();
    const transaction = settledOf(write(store, '1'));
    await eventually('the sync', () => running.length === 1);
    const single = settledOf(store.recipients.save(record('2')));
    const durable = settledOf(store.durable());
    const { durable: onDisk } = await store.transactionEarly((tx) => tx.recipients.save(record('3')));
    const early = settledOf(onDisk());
    // Committed, and so seen by whoever comes later.
    expect(await store.recipients.find('3')).not.toBeNull();
    await turns();
    expect([transaction(), single(), durable(), early()]).toEqual(Array(4).fill('pending'));
    running[0]?.resolve();
    await eventually('the first', () => transaction() === 'resolved');
    await turns();
    expect([single(), early()]).toEqual(['pending', 'pending']);
    running[1]?.resolve();
    await eventually('all', () => single() === 'resolved' && early() === 'resolved');
    expect(running).toHaveLength(2);
    await database.close();
  });

  it('refuses everything once a sync has failed, and says so once', async () => {
    const { store, database, errors, hold } = await openHeld();
    const { running } = hold();
    const first = write(store, '1');
    await eventually('the sync', () => running.length === 1);
    const second = write(store, '2');
    running[0]?.reject(new Error('EIO: i/o error'));
    await expect(first).rejects.toThrow(DurabilityError);
    await expect(second).rejects.toThrow(DurabilityError);
    await expect(write(store, '3')).rejects.toThrow(DurabilityError);
    await expect(store.recipients.save(record('4'))).rejects.toThrow(DurabilityError);
    await expect(store.recipients.find('1')).rejects.toThrow(DurabilityError);
    expect(errors).toHaveLength(1);
    await database.close();
  });
});

const WRITES = 600;
const AT_ONCE = 8;

it('finds everything that was promised after a power cut at any moment, also across checkpoints', async () => {
  const url = await newUrl();
  const file = url.slice('file:'.length);
  const copies: string[] = [];
  let finished = -1;
  // The files as they are when a sync begins are what a power cut after its end leaves at the least.
  const aroundSync: OpenOptions['aroundSync'] = (sync) => async () => {
    const copy = `${file}.copy${String(copies.length)}`;
    for (const part of ['', '-wal']) if (existsSync(file + part)) copyFileSync(file + part, copy + part);
    const index = copies.push(copy) - 1;
    await sync();
    finished = index;
  };
  const database = await openDatabase(url, { onError: () => undefined, aroundSync });
  const store = createStore(database, cipher);
  const promised: { phone: string; by: number }[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < WRITES) {
      const phone = String(next++);
      const bulk = { key: phone, value: Buffer.alloc(6_000, next) };
      if (next % 5 === 0) await store.recipients.save(record(phone));
      else
        await store.transaction(async (tx) => {
          await tx.keyValues.setMany('s', [bulk]);
          await tx.recipients.save(record(phone));
        });
      promised.push({ phone, by: finished });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  await database.close();
  expect(promised).toHaveLength(WRITES);

  const step = Math.ceil(copies.length / 12);
  for (let index = copies.length - 1; index >= 0; index -= step) {
    const survivor = await openUrl(`file:${copies[index] ?? ''}`, cipher);
    const rows = await survivor.database.db.selectFrom('recipients').select('phone').execute();
    const found = new Set(rows.map(({ phone }) => phone));
    const due = promised.filter(({ by }) => by <= index);
    expect(due.filter(({ phone }) => !found.has(phone))).toEqual([]);
    await survivor.close();
  }
});
