/**
 * Encryption of media files: keys from the message, AES-256-CBC and a shortened HMAC behind it. Pure.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

export type MediaType = 'image' | 'video' | 'audio' | 'document' | 'sticker';

const INFO: Record<MediaType, string> = {
  image: 'WhatsApp Image Keys',
  video: 'WhatsApp Video Keys',
  audio: 'WhatsApp Audio Keys',
  document: 'WhatsApp Document Keys',
  sticker: 'WhatsApp Image Keys',
};
const MAC_LENGTH = 10;

export interface EncryptedMedia {
  mediaKey: Buffer;
  /** What is stored on the media host. */
  bytes: Buffer;
  fileSha256: Buffer;
  fileEncSha256: Buffer;
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

function keysOf(mediaKey: Buffer, type: MediaType): { iv: Buffer; cipherKey: Buffer; macKey: Buffer } {
  const keys = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(0), INFO[type], 112));
  return { iv: keys.subarray(0, 16), cipherKey: keys.subarray(16, 48), macKey: keys.subarray(48, 80) };
}

const macOf = (macKey: Buffer, iv: Buffer, encrypted: Buffer): Buffer =>
  createHmac('sha256', macKey).update(iv).update(encrypted).digest().subarray(0, MAC_LENGTH);

/** Encrypts a file as a phone does before it uploads it. */
export function encryptMedia(plain: Buffer, type: MediaType): EncryptedMedia {
  const mediaKey = randomBytes(32);
  const { iv, cipherKey, macKey } = keysOf(mediaKey, type);
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv);
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  const bytes = Buffer.concat([encrypted, macOf(macKey, iv, encrypted)]);
  return { mediaKey, bytes, fileSha256: sha256(plain), fileEncSha256: sha256(bytes) };
}

/** Decrypts a downloaded file. @throws when its authentication code or its hash is not the message's. */
export function decryptMedia(
  bytes: Buffer,
  type: MediaType,
  message: { mediaKey: Buffer; fileSha256: Buffer },
): Buffer {
  const { iv, cipherKey, macKey } = keysOf(message.mediaKey, type);
  const encrypted = bytes.subarray(0, -MAC_LENGTH);
  if (!macOf(macKey, iv, encrypted).equals(bytes.subarray(-MAC_LENGTH)))
    throw new Error('the media file was changed');
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv);
  const plain = Buffer.concat([decipher.update(encrypted), decipher.final()]);
  if (!sha256(plain).equals(message.fileSha256))
    throw new Error('the media file is not the one that was announced');
  return plain;
}
