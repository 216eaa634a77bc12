/**
 * A file as WhatsApp wants it for its use: audio as Ogg with Opus for a voice note, an image as WebP for a sticker. The
 * original stays; what is made of it is a file of its own. Used by media.ts.
 */
import { LRUCache } from 'lru-cache';
import { gatewayError } from '../domain/error.js';
import { isVoiceNote } from '../domain/warning.js';
import type { Ffmpeg } from './ffmpeg.js';
import { STICKER_BYTES } from './kinds.js';
import { toSticker } from './pictures.js';
import type { MediaFile, MediaInput, MediaUse } from './types.js';

export interface FittingDeps {
  ffmpeg: Ffmpeg;
  pathOf: (file: MediaFile) => Promise<string>;
  /** Whether a file is still there: files are deleted by age. */
  isKept: (file: MediaFile) => Promise<boolean>;
  receive: (chunks: AsyncIterable<Uint8Array>, input: MediaInput) => Promise<MediaFile>;
}

/** One upload goes to many: what was made of it lately is taken again. */
const REMEMBERED = 1_000;

export function createFitting({ ffmpeg, pathOf, isKept, receive }: FittingDeps) {
  const made = new LRUCache<string, Promise<MediaFile>>({ max: REMEMBERED });

  async function once(file: MediaFile, use: MediaUse, make: () => Promise<MediaFile>): Promise<MediaFile> {
    const key = `${use}:${file.keyId ?? ''}:${file.sha256}`;
    const before = made.get(key);
    if (before && (await isKept(await before))) return before;
    // Others may have found it gone at the same time.
    const begun = made.get(key);
    if (begun && begun !== before) return begun;
    const work = make();
    made.set(key, work);
    work.catch(() => made.delete(key));
    return work;
  }

  async function voiceNote(file: MediaFile): Promise<MediaFile> {
    const chunks = ffmpeg.toVoiceNote(await pathOf(file));
    return receive(chunks, { kind: 'audio', keyId: file.keyId, filename: null });
  }

  async function sticker(file: MediaFile): Promise<MediaFile> {
    const chunks = toSticker(await pathOf(file)) as AsyncIterable<Uint8Array>;
    try {
      return await receive(chunks, {
        kind: 'sticker',
        keyId: file.keyId,
        filename: null,
        maxBytes: STICKER_BYTES,
      });
    } catch (error) {
      if ((error as { code?: unknown }).code === 'media_too_large') throw error;
      throw gatewayError('unsupported_media', 'The image cannot be read, so no sticker can be made of it.', {
        cause: error,
      });
    }
  }

  /** @throws GatewayError unsupported_media, media_too_large */
  return async function fit(file: MediaFile, use: MediaUse): Promise<MediaFile> {
    if (use === 'sticker') {
      if (file.mimeType !== 'image/webp') return once(file, use, () => sticker(file));
      if (file.sizeBytes > STICKER_BYTES) throw gatewayError('media_too_large', 'A sticker may have 1 MB.');
      return file;
    }
    if (isVoiceNote(file.mimeType) || !(await ffmpeg.isThere())) return file;
    // What ffmpeg cannot read is sent as it is, with a warning in the answer.
    return once(file, use, () => voiceNote(file)).catch(() => file);
  };
}
