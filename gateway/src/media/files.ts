/**
 * Files of the media folder: written whole or not at all. A file is counted, hashed and limited while it streams into a
 * temporary name, and gets its own name only when it is complete and on the disk.
 */
import { createHash, type Hash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { gatewayError } from '../domain/error.js';

const TEMPORARY = '.part';
/** Half-written files older than this belong to no one; another process may be writing younger ones. */
const ABANDONED_AFTER_MS = 60 * 60 * 1_000;

export interface WrittenFile {
  /** Where it lies under its temporary name. */
  path: string;
  sizeBytes: number;
  /** Hex. */
  sha256: string;
}

export interface Files {
  /**
   * Writes chunks into a temporary file; removes it on every failure.
   * @throws GatewayError media_too_large; and whatever the chunks throw
   */
  write(name: string, chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<WrittenFile>;
  /** Gives a written file its name; it stays after this. */
  keep(written: WrittenFile, name: string): Promise<void>;
  discard(written: WrittenFile): Promise<void>;
  pathOf(name: string): string;
  /** Removes what a crash left half-written. */
  clean(now: number): Promise<void>;
}

async function writeAll(
  file: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  limits: { hash: Hash; maxBytes: number },
): Promise<number> {
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > limits.maxBytes) throw tooLarge(limits.maxBytes);
    limits.hash.update(chunk);
    await file.writeFile(chunk);
  }
  // On the disk before the row that names it is.
  await file.sync();
  return sizeBytes;
}

/** The error for a file beyond its limit. */
export const tooLarge = (maxBytes: number): Error =>
  gatewayError('media_too_large', `The file is larger than ${(maxBytes / 1024 / 1024).toFixed(0)} MB.`);

export function createFiles(folder: string): Files {
  const pathOf = (name: string): string => join(folder, name);
  return {
    pathOf,
    async write(name, chunks, maxBytes) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = pathOf(`${name}${TEMPORARY}`);
      const hash = createHash('sha256');
      const file = await open(path, 'wx', 0o600);
      try {
        const sizeBytes = await writeAll(file, chunks, { hash, maxBytes });
        await file.close();
        return { path, sizeBytes, sha256: hash.digest('hex') };
      } catch (error) {
        await file.close().catch(() => undefined);
        await rm(path, { force: true });
        throw error;
      }
    },
    keep: (written, name) => rename(written.path, pathOf(name)),
    discard: (written) => rm(written.path, { force: true }),
    async clean(now) {
      const names = await readdir(folder).catch(() => []);
      for (const name of names.filter((one) => one.endsWith(TEMPORARY))) {
        const path = pathOf(name);
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
        if (now - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
      }
    },
  };
}
