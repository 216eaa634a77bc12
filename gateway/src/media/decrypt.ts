/**
 * Opens WhatsApp's encrypted files while they stream: keys from the message's media key (HKDF), AES-256-CBC, and a
 * shortened HMAC behind the ciphertext; see lib/Utils/messages-media.js of Baileys. Holds no more than a chunk in memory.
 * What it yields counts only once it has ended without an error: the authentication code stands at the end.
 */
import { createDecipheriv, createHash, createHmac, hkdfSync, type Decipher } from 'node:crypto';
import type { IncomingMediaKind, MediaSource } from '../domain/incomingMedia.js';

const MAC_BYTES = 10;
const BLOCK_BYTES = 16;

/** How much longer than the file its encrypted form can be. */
export const CIPHER_OVERHEAD_BYTES = BLOCK_BYTES + MAC_BYTES;

const KEY_INFO: Record<IncomingMediaKind, string> = {
  image: 'WhatsApp Image Keys',
  sticker: 'WhatsApp Image Keys',
  video: 'WhatsApp Video Keys',
  audio: 'WhatsApp Audio Keys',
  document: 'WhatsApp Document Keys',
};

/** What came is not the file that the message speaks of. The message says in which way. */
export class SpoiledFileError extends Error {
  override readonly name = 'SpoiledFileError';
}

function keysOf({ mediaKey, kind }: MediaSource) {
  const keys = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(0), KEY_INFO[kind], 112));
  return { iv: keys.subarray(0, 16), cipherKey: keys.subarray(16, 48), macKey: keys.subarray(48, 80) };
}

function finish(decipher: Decipher): Buffer {
  try {
    return decipher.final();
  } catch (error) {
    throw new SpoiledFileError('The file ends in the middle of an encrypted block.', { cause: error });
  }
}

/** The file inside the encrypted chunks. @throws SpoiledFileError, and whatever the chunks throw */
export async function* decrypted(
  chunks: AsyncIterable<Uint8Array>,
  source: MediaSource,
): AsyncGenerator<Buffer> {
  const { iv, cipherKey, macKey } = keysOf(source);
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv);
  const mac = createHmac('sha256', macKey).update(iv);
  const hash = createHash('sha256');
  // The last bytes are the authentication code, and which are the last is known at the end only.
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    hash.update(chunk);
    const bytes = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    const end = Math.max(0, bytes.length - MAC_BYTES);
    held = bytes.subarray(end);
    if (end === 0) continue;
    const encrypted = bytes.subarray(0, end);
    mac.update(encrypted);
    yield decipher.update(encrypted);
  }
  if (source.cipherSha256 && !hash.digest().equals(source.cipherSha256)) {
    throw new SpoiledFileError('The encrypted file does not have the hash that the message names.');
  }
  if (!mac.digest().subarray(0, MAC_BYTES).equals(held)) {
    throw new SpoiledFileError('The encrypted file does not fit its authentication code.');
  }
  yield finish(decipher);
}
