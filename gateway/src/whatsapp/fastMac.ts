/**
 * libsignal makes a native object for each of the seven authentication codes and keys that a message needs, and collecting
 * those costs more than the hashing. This replaces the three functions by the same operations without them. Called once at
 * the process edge; it changes no result, and takes itself back when Node or libsignal is not what it expects.
 */
import { createHmac, hash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';

export interface MacFunctions {
  calculateMAC: (key: Buffer, data: Buffer) => Buffer;
  deriveSecrets: (input: Buffer, salt: Buffer, ...how: [info: Buffer, chunks?: number]) => Buffer[];
  /** @throws when the code is another than that of the data. */
  verifyMAC: (data: Buffer, key: Buffer, ...expected: [mac: Buffer, length: number]) => void;
}

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
/** Longer data, files for example, are not copied for it. */
const MAX_DATA_BYTES = 8_192;

const inner = Buffer.alloc(BLOCK_BYTES + MAX_DATA_BYTES);
const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);

/** RFC 2104 with SHA-256. */
function calculateMAC(key: Buffer, data: Buffer): Buffer {
  if (key.length > BLOCK_BYTES || data.length > MAX_DATA_BYTES) {
    return createHmac('sha256', key).update(data).digest();
  }
  for (let at = 0; at < BLOCK_BYTES; at++) {
    const byte = key[at] ?? 0;
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  }
  inner.set(data, BLOCK_BYTES);
  outer.set(hash('sha256', inner.subarray(0, BLOCK_BYTES + data.length), 'buffer'), BLOCK_BYTES);
  return hash('sha256', outer, 'buffer');
}

export const fastMac: MacFunctions = {
  calculateMAC,
  deriveSecrets(input, salt, ...[info, chunks = 3]) {
    const pseudorandomKey = calculateMAC(salt, input);
    const secrets: Buffer[] = [];
    for (let count = 1; count <= chunks; count++) {
      const parts = [...secrets.slice(-1), info, Buffer.from([count])];
      secrets.push(calculateMAC(pseudorandomKey, Buffer.concat(parts)));
    }
    return secrets;
  },
  verifyMAC(data, key, ...[mac, length]) {
    const expected = calculateMAC(key, data).subarray(0, length);
    if (mac.length !== length || expected.length !== length) throw new Error('Bad MAC length');
    if (!mac.equals(expected)) throw new Error('Bad MAC');
  },
};

/** Whether the old and the new functions come to the same results. */
function agreesWith(original: MacFunctions): boolean {
  try {
    const [key, salt, data] = [randomBytes(HASH_BYTES), randomBytes(HASH_BYTES), randomBytes(300)];
    const code = fastMac.calculateMAC(key, data);
    original.verifyMAC(data, key, code.subarray(0, 8), 8);
    const secrets = fastMac.deriveSecrets(key, salt, data);
    return (
      code.equals(original.calculateMAC(key, data)) &&
      Buffer.concat(secrets).equals(Buffer.concat(original.deriveSecrets(key, salt, data)))
    );
  } catch {
    return false;
  }
}

/** Puts the fast functions in libsignal's place, for the whole process; false when it had to leave them as they are. */
export function installFastMac(): boolean {
  // The module object that libsignal's own files share; an ES import would give a copy of its functions.
  const shared = createRequire(import.meta.url)('libsignal/src/crypto.js') as MacFunctions;
  if (!agreesWith(shared)) return false;
  Object.assign(shared, fastMac);
  return true;
}
