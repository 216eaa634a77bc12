/**
 * Files of the media host in a folder, so that they survive a restart: each at most 16 MB, all together 128 MB; the oldest
 * go first, a larger one is not kept. They are as their senders encrypted them. Used by fileStore.ts.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_KEPT_BYTES = 128 * 1024 * 1024;
/** Names as clients and the simulator make them; anything else stays out of the folder. */
const NAME = /^[\w%=-]{16,128}$/;

export interface KeptFiles {
  write(name: string, bytes: Buffer): void;
  remove(name: string): void;
  /** Oldest first. */
  readAll(): { name: string; bytes: Buffer }[];
}

/** The files in a folder, which is made if need be. */
export function createKeptFiles(directory: string): KeptFiles {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = readdirSync(directory)
    .filter((name) => NAME.test(name))
    .map((name) => ({ name, ...statOf(join(directory, name)) }))
    .sort((a, b) => a.writtenAt - b.writtenAt);
  const sizes = new Map(found.map(({ name, sizeBytes }) => [name, sizeBytes]));
  let keptBytes = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const remove = (name: string): void => {
    const sizeBytes = sizes.get(name);
    if (sizeBytes === undefined) return;
    sizes.delete(name);
    keptBytes -= sizeBytes;
    rmSync(join(directory, name), { force: true });
  };
  return {
    remove,
    write(name, bytes) {
      remove(name);
      if (bytes.length > MAX_FILE_BYTES || !NAME.test(name)) return;
      // Whole or not at all: a half file would be served as one that was changed on its way.
      const path = join(directory, name);
      writeFileSync(`${path}.new`, bytes, { mode: 0o600 });
      renameSync(`${path}.new`, path);
      sizes.set(name, bytes.length);
      keptBytes += bytes.length;
      for (const oldest of sizes.keys()) {
        if (keptBytes <= MAX_KEPT_BYTES) break;
        remove(oldest);
      }
    },
    readAll: () => [...sizes.keys()].map((name) => ({ name, bytes: readFileSync(join(directory, name)) })),
  };
}

function statOf(path: string): { sizeBytes: number; writtenAt: number } {
  const { size, mtimeMs } = statSync(path);
  return { sizeBytes: size, writtenAt: mtimeMs };
}
