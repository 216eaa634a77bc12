/**
 * The fast authentication codes and keys are those of libsignal in everything but their speed.
 */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { fastMac, installFastMac, type MacFunctions } from '../../../gateway/src/whatsapp/fastMac.js';

const shared = createRequire(import.meta.url)('libsignal/src/crypto.js') as MacFunctions;
const original = { ...shared };

test.each([0, 1, 31, 32, 55, 56, 64, 65, 300, 8_192, 8_193, 100_000])(
  'the code of %d bytes is the same',
  (size) => {
    const data = randomBytes(size);
    for (const keyBytes of [0, 1, 32, 64, 65, 200]) {
      const key = randomBytes(keyBytes);
      expect(fastMac.calculateMAC(key, data)).toEqual(original.calculateMAC(key, data));
    }
  },
);

test.each([1, 2, 3])('%d keys are derived as libsignal derives them', (chunks) => {
  const [input, salt] = [randomBytes(160), randomBytes(32)];
  for (const info of ['WhisperMessageKeys', 'WhisperRatchet', 'WhisperText'].map((text) =>
    Buffer.from(text),
  )) {
    const expected = original.deriveSecrets(input, salt, info, chunks);
    expect(expected).toHaveLength(chunks);
    expect(fastMac.deriveSecrets(input, salt, info, chunks)).toEqual(expected);
  }
});

test('results stay what they are when others are made after them', () => {
  const key = randomBytes(32);
  const first = fastMac.calculateMAC(key, Buffer.from([1]));
  const copy = Buffer.from(first);
  fastMac.calculateMAC(key, Buffer.from([2]));
  expect(first).toEqual(copy);
});

test('a wrong code and one of wrong length are refused as before', () => {
  const [key, data] = [randomBytes(32), randomBytes(80)];
  const code = fastMac.calculateMAC(key, data).subarray(0, 8);
  const wrong = Buffer.from(code);
  wrong.writeUInt8(wrong.readUInt8(7) ^ 1, 7);
  for (const { verifyMAC } of [original, fastMac]) {
    expect(() => verifyMAC(data, key, code, 8)).not.toThrow();
    expect(() => verifyMAC(data, key, wrong, 8)).toThrow('Bad MAC');
    expect(() => verifyMAC(data, key, code.subarray(1), 8)).toThrow('Bad MAC length');
  }
});

test('it is installed where libsignal looks for it', () => {
  const before = { ...shared };
  try {
    expect(installFastMac()).toBe(true);
    expect(shared).toMatchObject(fastMac);
  } finally {
    Object.assign(shared, before);
  }
});
