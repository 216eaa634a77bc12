/**
 * Ownership: two processes (two owners on one database and one clock) share sessions, take over from the dead, and let
 * go by themselves when the database fails or hangs.
 */
import { createOwnership, type Ownership } from '../../../gateway/src/cluster/ownership.js';
import type { Fence } from '../../../gateway/src/domain/session.js';
import type { Store } from '../../../gateway/src/store/index.js';
import { useEngine } from '../../support/databases.js';
import { eventually } from '../../support/eventually.js';
import { createFakeClock, FAKE_NOW, type FakeClock } from '../../support/fakeClock.js';
import { addSessions, sessionOf } from '../../store/builders.js';

const LEASE_MS = 15_000;
const RENEW_MS = 4_000;
interface Process {
  ownership: Ownership;
  log: string[];
  errors: unknown[];
}

let running: Ownership[] = [];
afterEach(async () => {
  const stopping = running;
  running = [];
  await Promise.all(stopping.map((ownership) => ownership.stop()));
});

// After the hook above: hooks run in this order, and a process stops before its database closes.
const { open } = useEngine('sqlite');
const nameOf = ({ sessionId, epoch }: Fence): string => `${sessionId}/${String(epoch)}`;

function createProcess(store: Store, clock: FakeClock, more: { owner: string; embedded?: boolean }): Process {
  const log: string[] = [];
  const errors: unknown[] = [];
  const ownership = createOwnership({
    store,
    clock,
    embedded: false,
    onTaken: (fence) => log.push(`taken ${nameOf(fence)}`),
    onLost: (fence) => log.push(`lost ${nameOf(fence)}`),
    onError: (error) => errors.push(error),
    ...more,
  });
  running.push(ownership);
  return { ownership, log, errors };
}

/** A database that can be made to reject or to hang; what hangs is answered when it is well again. */
function createPatient(store: Store) {
  let state: 'well' | 'rejecting' | 'hanging' = 'well';
  let recover = (): void => undefined;
  let recovery = Promise.resolve();
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    if (state === 'rejecting') throw new Error('connection refused');
    if (state === 'hanging') await recovery;
    return work();
  };
  const leases: Store['leases'] = {
    ...store.leases,
    renew: (lease) => guard(() => store.leases.renew(lease)),
    takeFree: (lease) => guard(() => store.leases.takeFree(lease)),
  };
  return {
    store: { ...store, leases },
    reject: () => (state = 'rejecting'),
    hang: () => {
      state = 'hanging';
      recovery = new Promise((resolve) => (recover = resolve));
    },
    heal: () => {
      state = 'well';
      recover();
    },
  };
}

/** Several renewals, one after the other. */
async function renewFor(clock: FakeClock, rounds: number, processes: Process[]): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    clock.advance(RENEW_MS);
    for (const { ownership } of processes) await ownership.poll();
  }
}

it('takes the free sessions, each once, and tells of them', async () => {
  const { store } = await open();
  await addSessions(store, 'a', 'b');
  const clock = createFakeClock();
  const one = createProcess(store, clock, { owner: 'one' });
  const two = createProcess(store, clock, { owner: 'two' });
  await Promise.all([one.ownership.start(), two.ownership.start()]);
  expect([...one.log, ...two.log].sort()).toEqual(['taken a/1', 'taken b/1']);
  await addSessions(store, 'c');
  await Promise.all([two.ownership.poll(), two.ownership.poll(), two.ownership.poll()]);
  // The first rounds of both loops may be under way still: either may have it, but only one, and told once.
  const owners = () => [one, two].filter(({ ownership }) => ownership.fenceOf('c')?.epoch === 1);
  await eventually('c has an owner', () => owners().length === 1);
  expect([...one.log, ...two.log].filter((line) => line === 'taken c/1')).toHaveLength(1);
});

it('renews for as long as it lives', async () => {
  const { store } = await open();
  await addSessions(store, 'a');
  const clock = createFakeClock();
  const one = createProcess(store, clock, { owner: 'one' });
  const two = createProcess(store, clock, { owner: 'two' });
  await one.ownership.start();
  await two.ownership.start();
  await renewFor(clock, 20, [one, two]);
  expect(one.log).toEqual(['taken a/1']);
  expect(two.log).toEqual([]);
});

it('takes over from a process that is dead, after its lease', async () => {
  const { store } = await open();
  await addSessions(store, 'a');
  const clock = createFakeClock();
  // The dead one took its session and was never heard of again.
  await store.leases.takeFree({ owner: 'dead', now: FAKE_NOW, ttlMs: LEASE_MS });
  const two = createProcess(store, clock, { owner: 'two' });
  await two.ownership.start();
  clock.advance(LEASE_MS);
  await two.ownership.poll();
  expect(two.log).toEqual([]);
  clock.advance(1);
  await two.ownership.poll();
  expect(two.log).toEqual(['taken a/2']);
});

it('gives its sessions away when it stops, and takes none after', async () => {
  const { store } = await open();
  await addSessions(store, 'a');
  const clock = createFakeClock();
  const one = createProcess(store, clock, { owner: 'one' });
  await one.ownership.start();
  await one.ownership.stop();
  await one.ownership.poll();
  expect([one.log, clock.pending()]).toEqual([['taken a/1'], 0]);
  const two = createProcess(store, clock, { owner: 'two' });
  await two.ownership.start();
  expect(two.log).toEqual(['taken a/2']);
});

it('lets go of a session that another process took', async () => {
  const { store } = await open();
  await addSessions(store, 'a', 'b');
  const clock = createFakeClock();
  const one = createProcess(store, clock, { owner: 'one' });
  await one.ownership.start();
  await store.transaction(async (tx) => {
    await tx.leases.release({ sessionId: 'a', owner: 'one', epoch: 1 });
    await tx.leases.takeFree({ owner: 'two', now: clock.now(), ttlMs: LEASE_MS });
  });
  await one.ownership.poll();
  expect(one.log.slice(2)).toEqual(['lost a/1']);
  expect(one.ownership.fenceOf('a')).toBeNull();
  expect(one.ownership.fenceOf('b')).not.toBeNull();
});

it('holds on through short failures and tells of them', async () => {
  const { store } = await open();
  await addSessions(store, 'a');
  const clock = createFakeClock();
  const patient = createPatient(store);
  const one = createProcess(patient.store, clock, { owner: 'one' });
  await one.ownership.start();
  await eventually('the loop waits', () => clock.pending() === 2);
  patient.reject();
  clock.advance(RENEW_MS);
  await eventually('the error', () => one.errors.length > 0);
  patient.heal();
  await renewFor(clock, 2, [one]);
  expect(one.log).toEqual(['taken a/1']);
});

it('lets go by itself when the database refuses for a whole lease, and takes anew after', async () => {
  const { store } = await open();
  await addSessions(store, 'a');
  const clock = createFakeClock();
  const patient = createPatient(store);
  const one = createProcess(patient.store, clock, { owner: 'one' });
  await one.ownership.start();
  patient.reject();
  clock.advance(LEASE_MS - 1);
  await expect(one.ownership.poll()).rejects.toThrow('connection refused');
  expect(one.log).toEqual(['taken a/1']);
  clock.advance(1);
  expect(one.log).toEqual(['taken a/1', 'lost a/1']);
  patient.heal();
  clock.advance(1);
  await one.ownership.poll();
  expect(one.log.slice(2)).toEqual(['taken a/2']);
});

it('lets go by itself when the database hangs for a whole lease, and takes anew when it answers', async () => {
  const { store } = await open();
  await addSessions(store, 'a', 'b');
  const clock = createFakeClock();
  const patient = createPatient(store);
  const one = createProcess(patient.store, clock, { owner: 'one' });
  await one.ownership.start();
  patient.hang();
  const hanging = one.ownership.poll();
  clock.advance(LEASE_MS);
  expect(one.log.slice(2).sort()).toEqual(['lost a/1', 'lost b/1']);
  expect(one.ownership.fenceOf('a')).toBeNull();
  patient.heal();
  await hanging;
  await one.ownership.poll();
  expect(one.log.slice(4).sort()).toEqual(['taken a/2', 'taken b/2']);
});

it('does not keep a session from everyone when the answer to a taking was lost', async () => {
  const { store } = await open();
  await addSessions(store, 'a');
  const clock = createFakeClock();
  const one = createProcess(store, clock, { owner: 'one' });
  await one.ownership.start();
  // Both taken in the database, one of them anew; this process never heard of it.
  await store.transaction(async (tx) => {
    await tx.sessions.insert(sessionOf('b'));
    await tx.leases.releaseAll();
    await tx.leases.takeFree({ owner: 'one', now: clock.now(), ttlMs: LEASE_MS });
  });
  await one.ownership.poll();
  expect(one.log.slice(1).sort()).toEqual(['lost a/1', 'taken a/3', 'taken b/2']);
});

it('never loses a session of the embedded database to time', async () => {
  const { store } = await open();
  await addSessions(store, 'a');
  const clock = createFakeClock();
  await store.leases.takeFree({ owner: 'killed', now: FAKE_NOW, ttlMs: 10 * LEASE_MS });
  const one = createProcess(store, clock, { owner: 'one', embedded: true });
  await one.ownership.start();
  clock.advance(365 * 24 * 3_600_000);
  await one.ownership.poll();
  expect(one.log).toEqual(['taken a/2']);
});

it('forgets a removed session without a word', async () => {
  const { store } = await open();
  await addSessions(store, 'a');
  const { ownership, log } = createProcess(store, createFakeClock(), { owner: 'one' });
  await ownership.start();
  await store.sessions.remove('a');
  ownership.forget('a');
  await ownership.poll();
  expect(log).toEqual(['taken a/1']);
});
