/**
 * Encryption at rest, its key, and ids.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createCipher, openText, sealText } from '../../../gateway/src/lib/cipher.js';
import { loadCipher, makeProof } from '../../../gateway/src/lib/encryptionKey.js';
import { newId, newWhatsAppId } from '../../../gateway/src/lib/ids.js';

describe('the cipher', () => {
  const cipher = createCipher(randomBytes(32));

  it('opens what it sealed, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(cipher.open(cipher.seal(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
    expect(openText(cipher, sealText(cipher, 'Grüße 🌊'))).toBe('Grüße 🌊');
  });

  it('refuses bytes of which one was changed, or some are missing', () => {
    const sealed = cipher.seal(Buffer.from('the plaintext'));
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => cipher.open(changed)).toThrow();
      expect(() => cipher.open(sealed.subarray(0, index))).toThrow();
    }
  });

  it('refuses what another key sealed', () => {
    expect(() => createCipher(randomBytes(32)).open(cipher.seal(Buffer.from('x')))).toThrow();
  });

  it('seals the same text differently each time', () => {
    expect(sealText(cipher, 'x').equals(sealText(cipher, 'x'))).toBe(false);
  });
});

describe('the encryption key', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'sluice-key-'));
  });
  afterEach(() => {
    rmSync(dataDir, { recursive: true });
  });
  const file = (): string => join(dataDir, 'encryption.key');

  it('is made once, readable by its owner only, and found again', () => {
    const first = loadCipher({ configured: null, dataDir, proof: null });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const again = loadCipher({ configured: null, dataDir, proof: makeProof(first) });
    expect(again.key).toEqual(first.key);
  });

  it('is not written to a file when it is configured', () => {
    loadCipher({ configured: randomBytes(32), dataDir, proof: null });
    expect(() => statSync(file())).toThrow('ENOENT');
  });

  it('is refused when it is another than the database was encrypted with', () => {
    const proof = makeProof(createCipher(randomBytes(32)));
    const load = () => loadCipher({ configured: randomBytes(32), dataDir, proof });
    expect(load).toThrow(/not the one .* nothing was changed/);
  });

  it('is not made anew when the database needs the one that is missing', () => {
    const proof = makeProof(createCipher(randomBytes(32)));
    expect(() => loadCipher({ configured: null, dataDir, proof })).toThrow('The encryption key is missing');
    expect(() => statSync(file())).toThrow('ENOENT');
  });

  it('is not replaced when its file is damaged', () => {
    writeFileSync(file(), 'half a k');
    expect(() => loadCipher({ configured: null, dataDir, proof: null })).toThrow('restore it from a backup');
    expect(readFileSync(file(), 'utf8')).toBe('half a k');
  });
});

describe('ids', () => {
  it('sort by the order in which they were made, and never repeat', () => {
    const ids = Array.from({ length: 2_000 }, () => newId('msg'));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^msg_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  });

  it('look like those of WhatsApp web for messages', () => {
    const ids = Array.from({ length: 2_000 }, newWhatsAppId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^3EB0[0-9A-F]{18}$/);
  });
});
