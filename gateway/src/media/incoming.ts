/**
 * Fetches the file of an incoming message: from WhatsApp's media server, decrypted and checked while it streams, into the
 * media folder. Every failure is an outcome; it keeps no books and decides nothing about another try. Used by whatsapp/
 * through gateway.ts.
 */
import { rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { fileTypeFromFile } from 'file-type';
import { GatewayError } from '../domain/error.js';
import type { FetchOutcome, MediaSource } from '../domain/incomingMedia.js';
import { CIPHER_OVERHEAD_BYTES, decrypted, SpoiledFileError } from './decrypt.js';
import { createFiles, type WrittenFile } from './files.js';
import { plainFilename } from './filename.js';
import { mediaTypeOf } from './kinds.js';
import type { MediaServer } from './mediaServer.js';

export interface IncomingMediaDeps {
  server: Pick<MediaServer, 'addressOf' | 'open'>;
  /** Absolute path of the media folder; made when it is needed. */
  folder: string;
  /** Files beyond it are not fetched. */
  maxBytes: number;
  /** How long one try may take, in milliseconds. */
  tryMs?: number;
}

export interface IncomingMedia {
  /** One try; never throws. The file is stored under `id`. */
  fetch: (id: string, source: MediaSource, signal: AbortSignal) => Promise<FetchOutcome>;
  /** Removes a stored file for which no row was written. */
  discard: (id: string) => Promise<void>;
}

type Failure = Exclude<FetchOutcome, { kind: 'stored' }>;

const failure = (kind: Failure['kind'], code: string, message: string): Failure => ({
  kind,
  problem: { code, message },
});

const tooLarge = (maxBytes: number): Failure =>
  failure(
    'refused',
    'media_too_large',
    `The file is larger than the ${String(Math.floor(maxBytes / 1024 / 1024))} MB that are downloaded.`,
  );

/** Fifteen minutes: a server that hands out a byte now and then must not hold one of few places for ever. */
const TRY_MS = 900_000;
const MEDIA_KEY_BYTES = 32;
const GONE = new Set([403, 404, 410]);

function problemOfStatus(status: number): Failure | null {
  if (status === 200) return null;
  if (GONE.has(status)) {
    return failure('gone', 'media_expired', "The file is no longer on WhatsApp's servers.");
  }
  return failure('broken', 'download_failed', `WhatsApp's media server answered ${String(status)}.`);
}

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT']);

/** A failure while the file was read or written. */
function failureOf(error: unknown, maxBytes: number): Failure {
  if (error instanceof SpoiledFileError) return failure('spoiled', 'media_damaged', error.message);
  if (error instanceof GatewayError && error.code === 'media_too_large') return tooLarge(maxBytes);
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && DISK_FULL.has(code)) {
    return failure(
      'broken',
      'storage_full',
      'There is no room left for the file on the disk of the gateway.',
    );
  }
  const why = typeof code === 'string' ? ` (${code})` : '';
  return failure('broken', 'download_failed', `The download broke off${why}.`);
}

/** Where to fetch the file, or why that is pointless. */
function targetOf({ server, maxBytes }: IncomingMediaDeps, source: MediaSource): string | Failure {
  if (source.mediaKey.length !== MEDIA_KEY_BYTES) {
    return failure('refused', 'media_damaged', 'The message has no valid key to its file.');
  }
  if ((source.sizeBytes ?? 0) > maxBytes) return tooLarge(maxBytes);
  const address = server.addressOf(source);
  const nowhere = "The message names no address on WhatsApp's media servers.";
  return address ?? failure('refused', 'media_unreachable', nowhere);
}

export function createIncomingMedia(deps: IncomingMediaDeps): IncomingMedia {
  const { server, maxBytes, tryMs = TRY_MS } = deps;
  const files = createFiles(deps.folder);

  async function download(
    address: string,
    source: MediaSource,
    signal: AbortSignal,
  ): Promise<WrittenFile | Failure> {
    const opened = await server.open(address, signal);
    const isLarge = (opened.announcedBytes ?? 0) > maxBytes + CIPHER_OVERHEAD_BYTES;
    const problem = problemOfStatus(opened.status) ?? (isLarge ? tooLarge(maxBytes) : null);
    if (problem) {
      opened.drop();
      return problem;
    }
    // A name of its own for every try: one that a crash cut off may have left its file.
    const written = await files.write(randomUUID(), decrypted(opened.chunks, source), maxBytes);
    const { plainSha256 } = source;
    if (plainSha256 === null || written.sha256 === Buffer.from(plainSha256).toString('hex')) return written;
    await files.discard(written);
    return failure('spoiled', 'media_damaged', 'The file does not have the hash that the message names.');
  }

  async function keep(id: string, written: WrittenFile, source: MediaSource): Promise<FetchOutcome> {
    const detected = await fileTypeFromFile(written.path);
    await files.keep(written, id);
    const { sizeBytes, sha256 } = written;
    const mimeType = mediaTypeOf(source.mimeType, detected?.mime);
    const filename = plainFilename(source.filename);
    return { kind: 'stored', file: { mimeType, sizeBytes, sha256, filename, path: id } };
  }

  return {
    async fetch(id, source, signal) {
      const target = targetOf(deps, source);
      if (typeof target !== 'string') return target;
      try {
        const limited = AbortSignal.any([signal, AbortSignal.timeout(tryMs)]);
        const written = await download(target, source, limited);
        return 'kind' in written ? written : await keep(id, written, source);
      } catch (error) {
        return failureOf(error, maxBytes);
      }
    },
    discard: (id) => rm(files.pathOf(id), { force: true }),
  };
}
