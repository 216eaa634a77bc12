/**
 * Leases: who owns a session, and that nobody else can write for it. Two processes are two openings of one Postgres;
 * the embedded database belongs to one process, which two owners' names stand for here.
 */
import type { Fence } from '../../gateway/src/domain/session.js';
import { LeaseLostError, type Store } from '../../gateway/src/store/index.js';
import { describeOnEachEngine, useEngine } from '../support/databases.js';
import { NOW, addSessions, findSession } from './builders.js';
import { lockWaiter } from './lockWaiter.js';

const TTL = 15_000;
const lease = (owner: string, now = NOW) => ({ owner, now, ttlMs: TTL });

async function takeOne(store: Store, owner: string, now = NOW): Promise<Fence> {
  const [fence] = await store.leases.takeFree(lease(owner, now));
  if (!fence) throw new Error('nothing was free');
  return fence;
}

const assertIn = (store: Store, fence: Fence): Promise<void> =>
  store.transaction((tx) => tx.leases.assertOwned(fence));

describeOnEachEngine('leases', ({ open }) => {
  it('takes all free sessions and leaves the others', async () => {
    const { store } = await open();
    await addSessions(store, 'a', 'b');
    const taken = await store.leases.takeFree(lease('one'));
    expect(taken.sort((x, y) => x.sessionId.localeCompare(y.sessionId))).toEqual([
      { sessionId: 'a', owner: 'one', epoch: 1 },
      { sessionId: 'b', owner: 'one', epoch: 1 },
    ]);
    await addSessions(store, 'c');
    expect(await store.leases.takeFree(lease('two'))).toEqual([{ sessionId: 'c', owner: 'two', epoch: 1 }]);
    expect(await store.leases.takeFree(lease('one'))).toEqual([]);
  });

  it('takes a session whose lease is over, under a higher epoch', async () => {
    const { store } = await open();
    await addSessions(store, 'a');
    const first = await takeOne(store, 'one');
    expect(await store.leases.takeFree(lease('two', NOW + TTL))).toEqual([]);
    const second = await takeOne(store, 'two', NOW + TTL + 1);
    expect(second.epoch).toBe(first.epoch + 1);
    await expect(assertIn(store, first)).rejects.toThrow(LeaseLostError);
    await assertIn(store, second);
  });

  it('shows a taken session as not connected until its owner reports', async () => {
    const { store } = await open();
    await addSessions(store, 'a', 'b');
    await store.sessions.setStatus('a', { status: 'connected', reason: null, since: NOW });
    await store.sessions.setStatus('b', { status: 'logged_out', reason: null, since: NOW });
    await store.leases.takeFree(lease('one'));
    expect((await findSession(store, 'a')).status).toBe('disconnected');
    expect((await findSession(store, 'b')).status).toBe('logged_out');
  });

  it('renews what the process still owns', async () => {
    const { store } = await open();
    await addSessions(store, 'a', 'b');
    const fences = await store.leases.takeFree(lease('one'));
    expect(await store.leases.renew(lease('two'))).toEqual([]);
    const renewed = await store.leases.renew(lease('one', NOW + TTL));
    expect(renewed.map(({ sessionId }) => sessionId).sort()).toEqual(['a', 'b']);
    expect(renewed).toEqual(expect.arrayContaining(fences));
    expect(await store.leases.takeFree(lease('two', NOW + 2 * TTL))).toEqual([]);
    expect(await store.leases.renew(lease('one', NOW + 2 * TTL + 1))).toEqual([]);
  });

  it('releases under the fence only, and the epoch goes on growing', async () => {
    const { store } = await open();
    await addSessions(store, 'a');
    const fence = await takeOne(store, 'one');
    expect(await store.leases.release({ ...fence, epoch: 0 })).toBe(false);
    expect(await store.leases.release({ ...fence, owner: 'two' })).toBe(false);
    await assertIn(store, fence);
    expect(await store.leases.release(fence)).toBe(true);
    await expect(assertIn(store, fence)).rejects.toThrow(LeaseLostError);
    expect((await takeOne(store, 'one')).epoch).toBe(2);
  });

  it('gives everything free at once', async () => {
    const { store } = await open();
    await addSessions(store, 'a', 'b');
    await store.leases.takeFree(lease('one'));
    await store.leases.releaseAll();
    expect(await store.leases.takeFree(lease('two'))).toHaveLength(2);
  });

  it('refuses a fence of a session that does not exist', async () => {
    const { store } = await open();
    const fence = { sessionId: 'a', owner: 'one', epoch: 0 };
    await expect(assertIn(store, fence)).rejects.toThrow(LeaseLostError);
  });

  it('lets many fenced transactions of one session change its row at once', async () => {
    const { store } = await open();
    await addSessions(store, 'a');
    const fence = await takeOne(store, 'one');
    const write = (at: number): Promise<void> =>
      store.transaction(async (tx) => {
        await tx.leases.assertOwned(fence);
        await tx.sessions.setActivity('a', { lastActiveAt: at });
      });
    await Promise.all(Array.from({ length: 20 }, (_, index) => write(NOW + index)));
    expect((await findSession(store, 'a')).lastActiveAt).toBeGreaterThanOrEqual(NOW);
  });
});

describe('leases of two processes on one Postgres', () => {
  const { open } = useEngine('postgres');

  it('gives every free session to exactly one', async () => {
    const one = await open();
    const two = await one.openAgain();
    for (let round = 0; round < 10; round += 1) {
      const ids = Array.from({ length: 20 }, (_, index) => `s${String(round)}-${String(index)}`);
      await addSessions(one.store, ...ids);
      const taken = await Promise.all([
        one.store.leases.takeFree(lease('one')),
        two.store.leases.takeFree(lease('two')),
        one.store.leases.takeFree(lease('one')),
        two.store.leases.takeFree(lease('two')),
      ]);
      const fences = taken.flat();
      expect(fences.map(({ sessionId }) => sessionId).sort()).toEqual([...ids].sort());
      expect(new Set(fences.map(({ epoch }) => epoch))).toEqual(new Set([1]));
    }
  });

  it('keeps a session from being taken while a fenced transaction is open', async () => {
    const one = await open();
    const two = await one.openAgain();
    await addSessions(one.store, 'a');
    const fence = await takeOne(one.store, 'one');
    const order: string[] = [];
    let taking: Promise<Fence> | undefined;
    await one.store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      taking = takeOne(two.store, 'two', NOW + TTL + 1).then((taken) => {
        order.push('taken');
        return taken;
      });
      // The other process now waits for this one's row; only a second question to the database can tell.
      await lockWaiter(one);
      await tx.sessions.setActivity('a', { lastActiveAt: NOW });
      order.push('written');
    });
    expect((await taking)?.epoch).toBe(2);
    expect(order).toEqual(['written', 'taken']);
    await expect(assertIn(one.store, fence)).rejects.toThrow(LeaseLostError);
  });

  it('defeats a fenced transaction that comes after the taking', async () => {
    const one = await open();
    const two = await one.openAgain();
    await addSessions(one.store, 'a');
    const fence = await takeOne(one.store, 'one');
    let write: Promise<void> | undefined;
    await two.store.transaction(async (tx) => {
      await tx.leases.takeFree(lease('two', NOW + TTL + 1));
      write = assertIn(one.store, fence);
      write.catch(() => undefined);
      await lockWaiter(one);
    });
    await expect(write).rejects.toThrow(LeaseLostError);
  });
});
