/**
 * A login of another program becomes a session: whole, or not at all, also when the import is killed in the middle.
 */
import { randomBytes } from 'node:crypto';
import { initAuthCreds } from '@whiskeysockets/baileys';
import { createCipher } from '../../gateway/src/lib/cipher.js';
import { systemClock } from '../../gateway/src/lib/clock.js';
import { adoptLogin } from '../../gateway/src/whatsapp/adopt.js';
import { startChild } from '../support/child.js';
import { describeOnEachEngine, type TestDatabase } from '../support/databases.js';
import { NOW } from './builders.js';
import { bytes, openAuth, texts } from './auth.js';

const ADOPT = new URL('./children/adoptLogin.ts', import.meta.url);
const ROUNDS = 3;
const PRE_KEYS = 900;

/** How many values each session has, also those that have none. */
async function valuesBySession({ database, store }: TestDatabase): Promise<Map<string, number>> {
  const rows = await database.db.selectFrom('key_values').select('namespace').execute();
  const sessions = await store.sessions.list({ sessionIds: [], limit: 1_000 });
  const counts = new Map(sessions.map(({ id }) => [id, 0]));
  for (const { namespace } of rows) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  return counts;
}

describeOnEachEngine('a login that is taken over', ({ engine, open, newUrl, openUrl }) => {
  it('is there as the socket reads it, and a gateway may begin at once', async () => {
    const { store } = await open();
    const creds = { ...initAuthCreds(), registrationId: 4_711 };
    const login = { creds, keys: { 'sender-key': { a: bytes('A') } } };
    await adoptLogin({ store, clock: systemClock }, { id: 's1', name: 'Moved', login });
    expect(await store.sessions.find('s1')).toMatchObject({ name: 'Moved', desired: 'started' });
    const [fence] = await store.leases.takeFree({ owner: 'one', now: NOW, ttlMs: 1_000 });
    if (!fence) throw new Error('nothing was free');
    const { state } = await openAuth(store, { fence });
    expect(state.creds.registrationId).toBe(4_711);
    expect(Buffer.from(state.creds.noiseKey.private)).toEqual(Buffer.from(creds.noiseKey.private));
    expect(texts(await state.keys.get('sender-key', ['a']))).toEqual({ a: 'A' });
  });

  it('does not touch a session that is there', async () => {
    const test = await open();
    const adopt = (text: string) => {
      const login = { creds: initAuthCreds(), keys: { 'sender-key': { [text]: bytes(text) } } };
      return adoptLogin({ store: test.store, clock: systemClock }, { id: 's1', name: text, login });
    };
    await adopt('first');
    await expect(adopt('second')).rejects.toMatchObject({ code: 'session_exists' });
    expect(await valuesBySession(test)).toEqual(new Map([['s1', 2]]));
    expect((await test.store.sessions.find('s1'))?.name).toBe('first');
  });

  it('kill -9 in the middle leaves no session without its keys', async () => {
    const key = randomBytes(32);
    const url = await newUrl();
    let test = await openUrl(url, createCipher(key));
    for (let round = 1; round <= ROUNDS; round += 1) {
      if (engine === 'sqlite') await test.close();
      const child = startChild(ADOPT, url, key.toString('base64'), String(round), String(PRE_KEYS));
      // It says so when it begins; the kill comes somewhere in the writing of that one.
      await child.heard('2');
      await child.kill();
      if (engine === 'sqlite') test = await openUrl(url, createCipher(key));
      const counts = await valuesBySession(test);
      expect(counts.get(`s${String(round)}-1`)).toBe(PRE_KEYS + 1);
      expect([...new Set(counts.values())]).toEqual([PRE_KEYS + 1]);
    }
  });
});
