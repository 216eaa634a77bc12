/**
 * kill -9 of a process that writes auth state: what is found afterwards is one whole set, and at least the last one
 * that the process knew to be durable.
 */
import { randomBytes } from 'node:crypto';
import { createCipher } from '../../gateway/src/lib/cipher.js';
import { startChild } from '../support/child.js';
import { describeOnEachEngine } from '../support/databases.js';
import { addSessions, NOW } from './builders.js';
import { openAuth } from './auth.js';
import { GENERATION_IDS, PER_GENERATION, generationOf } from './generation.js';

const WRITE_KEYS = new URL('./children/writeKeys.ts', import.meta.url);
const ROUNDS = 3;

describeOnEachEngine('auth state after kill -9', ({ engine, newUrl, openUrl }) => {
  it('is a whole set', async () => {
    const key = randomBytes(32);
    const url = await newUrl();
    let test = await openUrl(url, createCipher(key));
    await addSessions(test.store, 's1');
    const [fence] = await test.store.leases.takeFree({ owner: 'one', now: NOW, ttlMs: 1 });
    if (!fence) throw new Error('nothing was free');
    for (let round = 1; round <= ROUNDS; round += 1) {
      if (engine === 'sqlite') await test.close();
      const child = startChild(WRITE_KEYS, url, key.toString('base64'), JSON.stringify(fence));
      // At different depths into a set: the line may come at any point of the next one.
      await child.heard(String(round * 2));
      await child.kill();
      const known = Math.max(...child.lines.map(Number));

      if (engine === 'sqlite') test = await openUrl(url, createCipher(key));
      const { state } = await openAuth(test.store, { fence });
      const found = await state.keys.get('sender-key', GENERATION_IDS);
      const numbers = [...new Set(Object.values(found).map(generationOf))];
      expect(numbers).toHaveLength(1);
      const number = numbers[0] ?? 0;
      expect(number).toBeGreaterThanOrEqual(known);
      expect(Object.keys(found)).toHaveLength(number % 2 === 0 ? PER_GENERATION : PER_GENERATION - 1);
    }
  });
});
