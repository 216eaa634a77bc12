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
/** The state is written as a whole: with many sessions that takes a while, and must not take all the time. */
const REST_FACTOR = 10;

export interface StateFile {
  /** Resolves when everything up to now is on the disk. */
  save(): Promise<void>;
  /** Saves for the last time. */
  close(): Promise<void>;
}

/** The state in the folder, which is made if need be, or undefined. @throws when the file is unreadable. */
export async function loadState(directory: string): Promise<SavedState | undefined> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
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
  await writeFile(`${path}.new`, JSON.stringify(state, BufferJSON.replacer), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Keeps the folder up to date from now on. */
export function keepState(world: World, directory: string): StateFile {
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let delayMs = SAVE_DELAY_MS;
  const writeNow = async (): Promise<void> => {
    const begun = performance.now();
    next = undefined;
    await write(directory, saveWorld(world));
    delayMs = Math.max(SAVE_DELAY_MS, (performance.now() - begun) * REST_FACTOR);
  };
  const save = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    // Whoever asks while one is being written shares the next one.
    next ??= writing = writing.then(writeNow).catch((error: unknown) => {
      world.logger.warn({ error }, 'the state of the simulator could not be saved');
    });
    return next;
  };
  world.changes.subscribe(() => {
    timer ??= setTimeout(() => void save(), delayMs).unref();
  });
  return {
    save,
    async close() {
      clearTimeout(timer);
      await save();
    },
  };
}
