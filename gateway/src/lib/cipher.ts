/**
 * Encryption at rest: AES-256-GCM for WhatsApp credentials, webhook secrets and QR codes in the database.
 * Used by store/; the key comes from config and is never logged.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { takeRandom } from './randomPool.js';

export interface Cipher {
  seal(plaintext: Uint8Array): Buffer;
  /** @throws Error when the data was sealed with another key or was changed. */
  open(sealed: Uint8Array): Buffer;
}

const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** Sealed form: one byte of format, 12 of nonce, 16 of tag, then the ciphertext. `key` has 32 bytes. */
export function createCipher(key: Uint8Array): Cipher {
  return {
    seal(plaintext) {
      const nonce = takeRandom(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      return Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), body]);
    },
    open(sealed) {
      if (sealed.length < HEADER_BYTES || sealed[0] !== FORMAT) throw new Error('not sealed by this cipher');
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce);
      decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEADER_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(HEADER_BYTES)), decipher.final()]);
    },
  };
}

/** Seals and opens text. */
export const sealText = (cipher: Cipher, text: string): Buffer => cipher.seal(Buffer.from(text, 'utf8'));
export const openText = (cipher: Cipher, sealed: Uint8Array): string => cipher.open(sealed).toString('utf8');
