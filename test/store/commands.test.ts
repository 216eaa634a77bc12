/**
 * Questions between processes: taken once, by the owner of the session alone, and answered for who asked.
 */
import { describeOnEachEngine } from '../support/databases.js';
import { addSessions, NOW } from './builders.js';

const command = (id: string, sessionId = 's1') => ({
  id,
  sessionId,
  kind: 'group',
  input: '{"jid":"1@g.us"}',
  now: NOW,
  expiresAt: NOW + 20_000,
});

describeOnEachEngine('commands', ({ open }) => {
  it('are taken by the owner of their session, each once, in the order asked', async () => {
    const { store } = await open();
    await addSessions(store, 's1');
    await store.leases.takeFree({ owner: 'me', now: NOW, ttlMs: 60_000 });
    await addSessions(store, 's2');
    await store.leases.takeFree({ owner: 'other', now: NOW, ttlMs: 60_000 });
    await store.commands.insert({ ...command('cmd_2'), now: NOW + 1 });
    await store.commands.insert(command('cmd_1'));
    await store.commands.insert(command('cmd_3', 's2'));
    const taken = await store.commands.take('me', NOW + 2);
    expect(taken).toEqual([
      { id: 'cmd_1', sessionId: 's1', kind: 'group', input: '{"jid":"1@g.us"}' },
      { id: 'cmd_2', sessionId: 's1', kind: 'group', input: '{"jid":"1@g.us"}' },
    ]);
    expect(await store.commands.take('me', NOW + 3)).toEqual([]);
  });

  it('have an answer once it is given, and are gone when they are removed', async () => {
    const { store } = await open();
    await store.commands.insert(command('cmd_1'));
    expect(await store.commands.findAnswer('cmd_1')).toBeNull();
    await store.commands.answer('cmd_1', '{"ok":true}');
    expect(await store.commands.findAnswer('cmd_1')).toBe('{"ok":true}');
    await store.commands.remove('cmd_1');
    expect(await store.commands.findAnswer('cmd_1')).toBeNull();
  });

  it('are neither taken nor kept after their time', async () => {
    const { store } = await open();
    await addSessions(store, 's1');
    await store.leases.takeFree({ owner: 'me', now: NOW, ttlMs: 60_000 });
    await store.commands.insert(command('cmd_1'));
    expect(await store.commands.take('me', NOW + 20_000)).toEqual([]);
    expect(await store.commands.removeExpired(NOW + 20_000)).toBe(1);
  });

  it('show neither question nor answer to who reads the table', async () => {
    const { store, database } = await open();
    await store.commands.insert(command('cmd_1'));
    await store.commands.answer('cmd_1', '{"code":"ABCD1234"}');
    const [row] = await database.db.selectFrom('commands').select(['input', 'answer']).execute();
    for (const sealed of [row?.input, row?.answer])
      expect(Buffer.from(sealed as Buffer).toString('latin1')).not.toMatch(/g\.us|ABCD/);
  });
});
