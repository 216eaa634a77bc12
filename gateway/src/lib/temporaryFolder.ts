/**
 * A folder of this process's own for temporary files, below the data folder: Baileys encrypts files there before it
 * uploads them, and what a crash leaves is found and removed at the next start. Used where a gateway is started.
 */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Of another machine on the same data folder nobody can say whether it still runs. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isAbandoned(path: string, name: string, own: string): boolean {
  const dash = name.lastIndexOf('-');
  if (name === own) return true;
  if (name.slice(0, dash) === hostname()) return !isAlive(Number(name.slice(dash + 1)));
  return Date.now() - statSync(path).mtimeMs > ABANDONED_AFTER_MS;
}

/** Makes the folder, removes what dead processes left beside it, and answers its path. */
export function ownTemporaryFolder(dataDir: string): string {
  const parent = join(dataDir, 'tmp');
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const own = `${hostname()}-${String(process.pid)}`;
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    if (isAbandoned(path, name, own)) rmSync(path, { recursive: true, force: true });
  }
  const path = join(parent, own);
  mkdirSync(path, { mode: 0o700 });
  return path;
}
