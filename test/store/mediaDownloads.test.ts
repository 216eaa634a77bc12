/**
 * Downloads of received files as rows, on both engines.
 */
import { describeOnEachEngine } from '../support/databases.js';
import { addSessions, NOW } from './builders.js';

describeOnEachEngine('media downloads', ({ open }) => {
  const download = (id: string, inboxPosition: number, sessionId = 's1') => ({
    id,
    sessionId,
    inboxPosition,
    now: NOW,
  });

  async function opened() {
    const { store } = await open();
    await addSessions(store, 's1', 's2');
    await store.leases.takeFree({ owner: 'me', now: NOW, ttlMs: 60_000 });
    const due = (more: object = {}) =>
      store.mediaDownloads.due({
        owner: 'me',
        now: NOW,
        limit: 10,
        exceptIds: [],
        exceptSessionIds: [],
        ...more,
      });
    return { store, due };
  }

  test('one per message, whoever adds it; due at once, for the owner of the session', async () => {
    const { store, due } = await opened();
    await store.mediaDownloads.add([download('med_1', 1), download('med_2', 2, 's2')]);
    await store.mediaDownloads.add([download('med_other', 1)]);
    expect((await due()).map(({ id }) => id)).toEqual(['med_1', 'med_2']);
    expect((await due({ exceptIds: ['med_1'] })).map(({ id }) => id)).toEqual(['med_2']);
    expect((await due({ exceptSessionIds: ['s2'] })).map(({ id }) => id)).toEqual(['med_1']);
    expect(await due({ owner: 'somebody else' })).toEqual([]);
    expect((await store.mediaDownloads.ofEntries([1, 7])).get(1)).toMatchObject({
      id: 'med_1',
      state: 'pending',
    });
  });

  test('a try that failed waits for its time, with what it has learnt', async () => {
    const { store, due } = await opened();
    await store.mediaDownloads.add([download('med_1', 1)]);
    await store.mediaDownloads.retry('med_1', {
      attempts: 1,
      nextAttemptAt: NOW + 500,
      directPath: '/v/new',
    });
    expect(await due()).toEqual([]);
    expect(await store.mediaDownloads.nextDueAt(NOW)).toBe(NOW + 500);
    expect(await due({ now: NOW + 500 })).toMatchObject([{ attempts: 1, directPath: '/v/new' }]);
  });

  test('it ends once, and tells whether its event had gone out before', async () => {
    const { store, due } = await opened();
    await store.mediaDownloads.add([download('med_1', 1)]);
    await store.mediaDownloads.announce('med_1', 7);
    const end = { error: { code: 'media_expired', message: 'Gone.' }, attempts: 3, now: NOW };
    expect(await store.mediaDownloads.finish('med_1', end)).toMatchObject({
      state: 'failed',
      announcedSeq: 7,
    });
    expect(await store.mediaDownloads.finish('med_1', { ...end, error: null })).toBeNull();
    expect(await store.mediaDownloads.find('med_1')).toMatchObject({ error: end.error, attempts: 3 });
    expect([await due(), await store.mediaDownloads.nextDueAt(0)]).toEqual([[], null]);
  });

  test('a removed session leaves none', async () => {
    const { store } = await opened();
    await store.mediaDownloads.add([download('med_1', 1), download('med_2', 2, 's2')]);
    await store.mediaDownloads.clear('s1');
    expect(await store.mediaDownloads.find('med_1')).toBeNull();
    expect(await store.mediaDownloads.find('med_2')).not.toBeNull();
  });
});
