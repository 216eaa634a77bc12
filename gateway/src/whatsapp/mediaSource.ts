/**
 * Where the file of an incoming message lies, with the key and hashes that open it. Pure. What it answers holds the key:
 * it goes to media/ and into no event and no log.
 */
import type { proto } from '@whiskeysockets/baileys';
import type { IncomingMediaKind, MediaSource } from '../domain/incomingMedia.js';
import { decodePlaintext } from './fromWhatsApp.js';
import { carriersOf } from './incoming/business.js';
import { unwrap } from './incoming/wrappers.js';

interface FilePart {
  url?: string | null;
  directPath?: string | null;
  mediaKey?: Uint8Array | null;
  fileSha256?: Uint8Array | null;
  fileEncSha256?: Uint8Array | null;
  fileLength?: number | { toNumber(): number } | null;
  mimetype?: string | null;
  fileName?: string | null;
}

function partOf(message: proto.IMessage): [IncomingMediaKind, FilePart] | null {
  if (message.imageMessage) return ['image', message.imageMessage];
  if (message.videoMessage) return ['video', message.videoMessage];
  // A round video: opened with the key of a video.
  if (message.ptvMessage) return ['video', message.ptvMessage];
  if (message.audioMessage) return ['audio', message.audioMessage];
  if (message.documentMessage) return ['document', message.documentMessage];
  if (message.stickerMessage) return ['sticker', message.stickerMessage];
  return null;
}

/** Protobuf's bytes without those that are empty: a field that is not set reads as no bytes at all. */
const bytesOf = (bytes: Uint8Array | null | undefined): Uint8Array | null =>
  bytes && bytes.length > 0 ? bytes : null;

const textOf = (text: string | null | undefined): string | null =>
  text === undefined || text === null || text === '' ? null : text;

function sizeOf(size: FilePart['fileLength']): number | null {
  if (size === undefined || size === null) return null;
  return typeof size === 'number' ? size : size.toNumber();
}

/** The file in a kept plaintext; null when there is none. */
export function mediaSourceOf(plaintext: Buffer): MediaSource | null {
  const message = decodePlaintext(plaintext);
  const carriers = message ? carriersOf(unwrap(message).inner) : [];
  const found = carriers.map(partOf).find((part) => part !== null);
  if (!found) return null;
  const [kind, part] = found;
  return {
    kind,
    url: textOf(part.url),
    directPath: textOf(part.directPath),
    mediaKey: part.mediaKey ?? new Uint8Array(),
    plainSha256: bytesOf(part.fileSha256),
    cipherSha256: bytesOf(part.fileEncSha256),
    sizeBytes: sizeOf(part.fileLength),
    mimeType: textOf(part.mimetype),
    filename: textOf(part.fileName),
  };
}

/** The same file at the place where its sender's phone has put it again: on the host that it was on. */
export function relocated(source: MediaSource, directPath: string | null): MediaSource {
  if (directPath === null) return source;
  const { url } = source;
  const isUrl = url !== null && URL.canParse(url) && URL.canParse(directPath, url);
  return { ...source, url: isUrl ? new URL(directPath, url).href : null, directPath };
}
