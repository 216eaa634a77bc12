/**
 * Child process: takes over one login after another, and says each number before it begins, until it is killed.
 */
import { randomBytes } from 'node:crypto';
import { initAuthCreds } from '@whiskeysockets/baileys';
import { createCipher } from '../../../gateway/src/lib/cipher.js';
import { systemClock } from '../../../gateway/src/lib/clock.js';
import { openDatabase } from '../../../gateway/src/store/database/index.js';
import { createStore } from '../../../gateway/src/store/index.js';
import { adoptLogin } from '../../../gateway/src/whatsapp/adopt.js';

const [url = '', key = '', round = '', preKeys = ''] = process.argv.slice(2);
const store = createStore(
  await openDatabase(url, { onError: () => undefined }),
  createCipher(Buffer.from(key, 'base64')),
);
const newPair = () => ({ public: randomBytes(32), private: randomBytes(32) });
for (let number = 1; ; number += 1) {
  const pairs = Array.from({ length: Number(preKeys) }, (_, id) => [String(id), newPair()] as const);
  const login = { creds: initAuthCreds(), keys: { 'pre-key': Object.fromEntries(pairs) } };
  console.log(String(number));
  await adoptLogin({ store, clock: systemClock }, { id: `s${round}-${String(number)}`, name: null, login });
}
