/**
 * Media files for sending: taken from a link, from base64 or from an upload, checked by their bytes, and kept in the
 * media folder with a row in the store. Used by http/ and, for reading, by whatsapp/ through gateway.ts.
 */
import { access } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileTypeFromFile } from 'file-type';
import { gatewayError } from '../domain/error.js';
import type { Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import type { GuardedFetch } from '../net/guardedFetch.js';
import type { MediaRow } from '../store/media.js';
import type { Store } from '../store/index.js';
import { plainFilename } from './filename.js';
import type { Ffmpeg } from './ffmpeg.js';
import { createFitting } from './fitting.js';
import { createFiles, tooLarge, type Files, type WrittenFile } from './files.js';
import { maxBytesOf, plainMimeType, resolveMimeType } from './kinds.js';
import { openLink } from './link.js';
import type { Media, MediaFile, MediaInput } from './types.js';

export interface MediaDeps {
  store: Pick<Store, 'media' | 'mediaDownloads'>;
  clock: Clock;
  fetch: GuardedFetch['fetch'];
  ffmpeg: Ffmpeg;
  /** Absolute path of the media folder; made when it is needed. */
  folder: string;
  /** From the first request for a link to its last byte; a minute when absent. */
  linkTimeoutMs?: number | undefined;
}

const LINK_TIMEOUT_MS = 60_000;

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

const limitOf = (input: MediaInput): number => Math.min(input.maxBytes ?? Infinity, maxBytesOf(input.kind));

const toFile = (row: MediaRow): MediaFile => ({
  id: row.id,
  keyId: row.keyId,
  mimeType: row.mimeType,
  sizeBytes: row.sizeBytes,
  sha256: row.sha256,
  filename: row.filename,
  createdAt: row.createdAt,
  sessionId: row.sessionId,
});

/** @throws GatewayError invalid_request, media_too_large */
function decodeBase64(data: string, maxBytes: number): Buffer {
  const text = data.replace(/^data:[^,]*;base64,/, '').replace(/\s+/g, '');
  if ((text.length * 3) / 4 - 2 > maxBytes) throw tooLarge(maxBytes);
  if (text === '' || !BASE64.test(text)) {
    throw gatewayError('invalid_request', 'The media data is not base64.', {
      errors: [{ path: 'data', message: 'is not base64' }],
    });
  }
  return Buffer.from(text, 'base64');
}

/** Checks a written file's type, gives it its name and its row; removes it when any of that fails. */
async function admit(
  deps: MediaDeps & { files: Files },
  written: WrittenFile,
  given: { id: string; input: MediaInput },
): Promise<MediaFile> {
  const { store, clock, files } = deps;
  const { id, input } = given;
  try {
    if (written.sizeBytes === 0) throw gatewayError('invalid_request', 'The media file is empty.');
    const detected = await fileTypeFromFile(written.path);
    const row: MediaRow = {
      id,
      keyId: input.keyId,
      mimeType: resolveMimeType(input.kind, detected?.mime, plainMimeType(input.mimeType)),
      sizeBytes: written.sizeBytes,
      sha256: written.sha256,
      filename: plainFilename(input.filename),
      path: id,
      createdAt: clock.now(),
      sessionId: null,
    };
    await files.keep(written, row.path);
    await store.media.insert(row).catch(async (error: unknown) => {
      await files.discard({ ...written, path: files.pathOf(row.path) });
      throw error;
    });
    return toFile(row);
  } catch (error) {
    await files.discard(written);
    throw error;
  }
}

/** The stored file of an id, also of one that is being fetched. @throws GatewayError media_not_ready, media_not_found */
async function findRow({ store }: Pick<MediaDeps, 'store'>, id: string): Promise<MediaRow> {
  const row = await store.media.find(id);
  if (row) return row;
  const download = await store.mediaDownloads.find(id);
  if (download?.state === 'pending') throw gatewayError('media_not_ready');
  throw gatewayError('media_not_found', download?.error?.message);
}

async function discard(store: MediaDeps['store'], files: Files, id: string): Promise<void> {
  const row = await store.media.find(id);
  if (!row) return;
  await store.media.remove(id);
  await files.discard({ ...row, path: files.pathOf(row.path) });
}

export function createMedia(deps: MediaDeps): Media {
  const { store, clock } = deps;
  const files = createFiles(deps.folder);

  async function receive(chunks: AsyncIterable<Uint8Array>, input: MediaInput): Promise<MediaFile> {
    const id = newId('med');
    const written = await files.write(id, chunks, limitOf(input));
    return await admit({ ...deps, files }, written, { id, input });
  }

  const fit = createFitting({
    ffmpeg: deps.ffmpeg,
    pathOf: async ({ id }) => files.pathOf((await findRow(deps, id)).path),
    isKept: async ({ id }) => (await store.media.find(id)) !== null,
    receive,
  });

  return {
    async fromLink(url, input) {
      const link = await openLink(deps, url, {
        maxBytes: limitOf(input),
        timeoutMs: deps.linkTimeoutMs ?? LINK_TIMEOUT_MS,
        accept: '*/*',
      });
      try {
        const { mimeType, filename } = link;
        return await receive(link.chunks, {
          ...input,
          mimeType: input.mimeType ?? mimeType ?? undefined,
          filename: input.filename ?? filename,
        });
      } finally {
        link.close();
      }
    },
    async fromBase64(data, input) {
      const bytes = decodeBase64(data, limitOf(input));
      return await receive(Readable.from([bytes]), input);
    },
    fromStream: (stream, input) => receive(stream as AsyncIterable<Uint8Array>, input),
    fit,
    discard: (id) => discard(store, files, id),
    find: async (id) => toFile(await findRow(deps, id)),
    async ownerOf(id) {
      const owned = (await store.media.find(id)) ?? (await store.mediaDownloads.find(id));
      if (!owned) throw gatewayError('media_not_found');
      return { keyId: 'keyId' in owned ? owned.keyId : null, sessionId: owned.sessionId };
    },
    async file(id) {
      const row = await findRow(deps, id);
      const path = files.pathOf(row.path);
      await access(path).catch((error: unknown) => {
        throw gatewayError('media_not_found', 'The media file has been deleted.', { cause: error });
      });
      return { media: toFile(row), path };
    },
    clean: () => files.clean(clock.now()),
  };
}
