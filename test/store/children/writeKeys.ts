/**
 * Child process: writes generation after generation of Signal keys, each in one set, and says each number once it is
 * durable, until it is killed.
 */
import type { Fence } from '../../../gateway/src/domain/session.js';
import { createCipher } from '../../../gateway/src/lib/cipher.js';
import { openDatabase } from '../../../gateway/src/store/database/index.js';
import { createStore } from '../../../gateway/src/store/index.js';
import { openAuth } from '../auth.js';
import { generation } from '../generation.js';

const [url = '', key = '', fence = ''] = process.argv.slice(2);
const store = createStore(
  await openDatabase(url, { onError: () => undefined }),
  createCipher(Buffer.from(key, 'base64')),
);
const { state } = await openAuth(store, { fence: JSON.parse(fence) as Fence });
for (let number = 1; ; number += 1) {
  await state.keys.set(generation(number));
  console.log(String(number));
}
