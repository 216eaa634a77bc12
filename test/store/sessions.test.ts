/**
 * Sessions as rows: what users configure, what the owner reports, paging, and the QR code encrypted at rest.
 */
import { describeOnEachEngine, newCipher } from '../support/databases.js';
import { NOW, addSessions, findSession, sessionOf } from './builders.js';

const QR = { qr: '2@abc,def,ghi', attempt: 3, expiresAt: NOW + 20_000 };

describeOnEachEngine('sessions', ({ open }) => {
  it('keeps what was inserted', async () => {
    const { store } = await open();
    const policy = { preset: 'standard' as const, gapMs: { min: 1, max: 2 } };
    const metadata = { team: 'Vertrieb', depth: { list: [1, 'zwei', null] }, emoji: '🌊' };
    expect(
      await store.sessions.insert(sessionOf('shop', { name: 'Läden', metadata, policy, desired: 'stopped' })),
    ).toBe(true);
    expect(await findSession(store, 'shop')).toEqual({
      id: 'shop',
      name: 'Läden',
      metadata,
      policy,
      desired: 'stopped',
      status: 'created',
      reason: null,
      since: NOW,
      phone: null,
      lid: null,
      pushName: null,
      queuePaused: false,
      downloadMedia: true,
      ownMessages: false,
      request: null,
      lastSentAt: null,
      lastActiveAt: null,
      createdAt: NOW,
    });
  });

  it('refuses an id that is taken and leaves the first as it was', async () => {
    const { store } = await open();
    await store.sessions.insert(sessionOf('shop', { name: 'first' }));
    expect(await store.sessions.insert(sessionOf('shop', { name: 'second' }))).toBe(false);
    expect((await findSession(store, 'shop')).name).toBe('first');
  });

  it('lists every session once across pages, whatever the ids look like', async () => {
    const { store } = await open();
    const ids = ['b', 'A', 'a', 'B', 'a-1', 'a_1', 'a1', 'a--', '10', '9', '_', 'Z-z'];
    await addSessions(store, ...ids);
    const seen: string[] = [];
    let cursor: string | undefined;
    for (;;) {
      const page = await store.sessions.list({ limit: 5, cursor, sessionIds: [] });
      seen.push(...page.map(({ id }) => id));
      cursor = page.at(-1)?.id;
      if (page.length < 5) break;
    }
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(seen).toHaveLength(ids.length);
  });

  it('lists only the sessions asked for', async () => {
    const { store } = await open();
    await addSessions(store, 'a', 'b', 'c');
    const page = await store.sessions.list({ limit: 10, sessionIds: ['c', 'a', 'x'] });
    expect(page.map(({ id }) => id)).toEqual(['a', 'c']);
  });

  it('updates the named fields only', async () => {
    const { store } = await open();
    await store.sessions.insert(sessionOf('shop', { name: 'old', metadata: { kept: true } }));
    const updated = await store.sessions.update('shop', {
      name: 'new',
      queuePaused: true,
      request: 'restart',
    });
    expect(updated).toMatchObject({
      name: 'new',
      metadata: { kept: true },
      queuePaused: true,
      request: 'restart',
    });
    expect(await store.sessions.update('shop', { request: null, name: null })).toMatchObject({
      request: null,
      name: null,
    });
    expect(await store.sessions.update('shop', {})).toEqual(await findSession(store, 'shop'));
    expect(await store.sessions.update('other', { name: 'x' })).toBeNull();
  });

  it('takes what the owner reports', async () => {
    const { store } = await open();
    await addSessions(store, 'shop', 'other');
    const reason = { code: 'phone_offline', message: 'm', action: 'a' };
    await store.sessions.setStatus('shop', {
      status: 'connected',
      reason,
      since: NOW + 1,
      phone: '4915112345678',
      lid: '123@lid',
      pushName: 'Ada',
    });
    await store.sessions.setActivity('shop', { lastSentAt: NOW + 2, lastActiveAt: NOW + 3 });
    await store.sessions.setActivity('shop', { lastActiveAt: NOW + 4 });
    expect(await findSession(store, 'shop')).toMatchObject({
      status: 'connected',
      reason,
      since: NOW + 1,
      phone: '4915112345678',
      lid: '123@lid',
      pushName: 'Ada',
      lastSentAt: NOW + 2,
      lastActiveAt: NOW + 4,
    });
    await store.sessions.setStatus('shop', { status: 'disconnected', reason: null, since: NOW + 5 });
    expect(await findSession(store, 'shop')).toMatchObject({ phone: '4915112345678', reason: null });
    expect((await findSession(store, 'other')).status).toBe('created');
  });

  it('keeps the QR code encrypted, and takes it away', async () => {
    const { store, database, openAgain, close, engine } = await open();
    await addSessions(store, 'shop');
    await store.sessions.setStatus('shop', { status: 'qr', reason: null, since: NOW, qr: QR });
    expect(await store.sessions.qr('shop')).toEqual(QR);
    const row = await database.db.selectFrom('sessions').select('qr').executeTakeFirstOrThrow();
    expect(Buffer.from(row.qr as Buffer).includes('2@abc')).toBe(false);

    if (engine === 'sqlite') await close();
    const stranger = await openAgain(newCipher());
    await expect(stranger.store.sessions.qr('shop')).rejects.toThrow();
    await stranger.store.sessions.setStatus('shop', {
      status: 'connected',
      reason: null,
      since: NOW,
      qr: null,
    });
    expect(await stranger.store.sessions.qr('shop')).toBeNull();
    expect(await stranger.store.sessions.qr('nobody')).toBeNull();
  });

  it('removes a session', async () => {
    const { store } = await open();
    await addSessions(store, 'a', 'b');
    await store.sessions.remove('a');
    expect(await store.sessions.find('a')).toBeNull();
    expect(await store.sessions.find('b')).not.toBeNull();
  });

  it('says so when a row holds a status that it does not know', async () => {
    const { store, database } = await open();
    await addSessions(store, 'shop');
    await database.db.updateTable('sessions').set({ status: 'dancing' }).execute();
    await expect(store.sessions.find('shop')).rejects.toThrow('unknown session status: dancing');
  });
});
