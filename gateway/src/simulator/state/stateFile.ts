/**
 * The saved state on disk: one JSON file, replaced as a whole, shortly after each change and at the end.
 * It holds private keys of simulated people only, but is readable by the owner alone all the same.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BufferJSON } from '@whiskeysockets/baileys';
import type { World } from '../world.js';
import { saveWorld, type SavedState } from './savedState.js';

const FILE_NAME = 'simulator.json';
const SAVE_DELAY_MS = 200;

export interface StateFile {
  /** Saves for the last time. */
  close(): Promise<void>;
}

/** The state in the folder, or undefined when there is none. @throws when the file is unreadable. */
export async function loadState(directory: string): Promise<SavedState | undefined> {
  try {
    const text = await readFile(join(directory, FILE_NAME), 'utf8');
    return JSON.parse(text, BufferJSON.reviver) as SavedState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function write(directory: string, state: SavedState): Promise<void> {
  const path = join(directory, FILE_NAME);
  await mkdir(directory, { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(state, BufferJSON.replacer), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Keeps the folder up to date from now on. */
export function keepState(world: World, directory: string): StateFile {
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const save = (): Promise<void> => {
    timer = undefined;
    writing = writing
      .then(() => write(directory, saveWorld(world)))
      .catch((error: unknown) =>
        world.logger.warn({ error }, 'the state of the simulator could not be saved'),
      );
    return writing;
  };
  world.changes.subscribe(() => {
    timer ??= setTimeout(() => void save(), SAVE_DELAY_MS).unref();
  });
  return {
    async close() {
      clearTimeout(timer);
      await save();
    },
  };
}
