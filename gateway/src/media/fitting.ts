/**
 * A file as WhatsApp wants it for its use: audio as Ogg with Opus for a voice note, an image as WebP for a sticker, a GIF
 * as a video. The original stays; what is made of it is a file of its own. Used by media.ts.
 */
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { gatewayError } from '../domain/error.js';
import { isVoiceNote, STILL_GIF } from '../domain/warning.js';
import { newId } from '../lib/ids.js';
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
/** What a phone loads by itself; a GIF that gives more is cut there. */
const GIF_VIDEO_BYTES = 16 * 1024 * 1024;

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

  /** An MP4's index stands before its pictures and is known after them: it cannot be read while it is made. */
  async function gifVideo(file: MediaFile): Promise<MediaFile> {
    const into = join(tmpdir(), newId('med'));
    try {
      await ffmpeg.toVideo(await pathOf(file), into, GIF_VIDEO_BYTES);
      return await receive(createReadStream(into), { kind: 'video', keyId: file.keyId, filename: null });
    } finally {
      await rm(into, { force: true });
    }
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
    const isFit = use === 'voice' ? isVoiceNote(file.mimeType) : file.mimeType !== STILL_GIF;
    if (isFit || !(await ffmpeg.isThere())) return file;
    // What ffmpeg cannot read is sent as it is, with a warning in the answer.
    return once(file, use, () => (use === 'voice' ? voiceNote(file) : gifVideo(file))).catch(() => file);
  };
}
