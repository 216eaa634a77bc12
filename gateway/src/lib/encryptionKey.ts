/**
 * The key that secrets in the database are encrypted with: configured, or kept in a file of the data folder.
 * Used by gateway.ts at start; the key itself is never printed.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCipher, openText, sealText, type Cipher } from './cipher.js';

const FILE_NAME = 'encryption.key';
const KEY_BYTES = 32;
/** Sealed once with the key and kept in the database: opening it proves that the key is the right one. */
const PROOF = 'sluice';

function readKeyFile(file: string): Buffer | null {
  try {
    const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
    if (key.length !== KEY_BYTES)
      throw new Error(
        `${file} does not hold ${String(KEY_BYTES)} bytes in base64; restore it from a backup.`,
      );
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export interface KeySource {
  configured: Buffer | null;
  dataDir: string;
  /** The proof from the database; null when nothing was ever encrypted in it. */
  proof: Buffer | null;
}

/**
 * Finds the key, or makes one when there is nothing yet that another key could have encrypted.
 * @throws Error when the key is missing or is not the one that the database was encrypted with
 */
export function loadCipher({ configured, dataDir, proof }: KeySource): Cipher & { key: Buffer } {
  const file = join(dataDir, FILE_NAME);
  const known = configured ?? readKeyFile(file);
  if (!known && proof) {
    throw new Error(
      `The encryption key is missing: this database was encrypted with one, but ${file} does not exist and SLUICE_ENCRYPTION_KEY is not set. Restore the key; nothing was changed.`,
    );
  }
  const key = known ?? randomBytes(KEY_BYTES);
  const cipher = createCipher(key);
  if (proof) assertOpens(cipher, proof);
  if (!known) {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(file, `${key.toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  }
  return { ...cipher, key };
}

/** @throws Error when the proof was made with another key */
export function assertOpens(cipher: Cipher, proof: Uint8Array): void {
  try {
    if (openText(cipher, proof) === PROOF) return;
  } catch {
    // Told below: a wrong key and a damaged proof look alike.
  }
  throw new Error(
    'The encryption key is not the one that this database was encrypted with. Set SLUICE_ENCRYPTION_KEY to the right one, or restore the key file of the data folder; nothing was changed.',
  );
}

/** The proof to keep in a new database. */
export const makeProof = (cipher: Cipher): Buffer => sealText(cipher, PROOF);
