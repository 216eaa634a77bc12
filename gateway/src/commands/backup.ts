/**
 * `sluice backup`: a folder from which the gateway can be started again, made while it runs: the database as it is at one
 * moment, the files of messages, and the encryption key.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.js';
import { copySqliteFile } from '../store/database/sqliteCopy.js';
import type { Output } from './output.js';

const DATABASE = 'sluice.db';
const KEY = 'encryption.key';
const MEDIA = 'media';

const POSTGRES =
  'sluice backup copies the embedded database only, and this gateway is on Postgres. ' +
  'Use pg_dump --format=custom for the database, and copy the data folder (media, encryption.key) beside it.';

/** @throws Error when the gateway is on Postgres, there is no database, or the folder has something in it */
export function backUp(config: Config, target: string, { print }: Output): void {
  const url = config.databaseUrl.reveal();
  if (!url.startsWith('file:')) throw new Error(POSTGRES);
  const file = url.slice('file:'.length);
  if (!existsSync(file)) throw new Error(`There is no database at ${file}. Is SLUICE_DATA_DIR right?`);
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new Error(`${target} is not empty. Give a folder that does not exist yet.`);
  }
  // Whoever has this folder has the sessions: nobody else may read it.
  mkdirSync(target, { recursive: true, mode: 0o700 });
  // First the database, then the files: a file that is missing would be worse than one too many.
  copySqliteFile(file, join(target, DATABASE));
  chmodSync(join(target, DATABASE), 0o600);
  for (const name of [KEY, MEDIA]) {
    const from = join(config.dataDir, name);
    if (existsSync(from)) cpSync(from, join(target, name), { recursive: true, preserveTimestamps: true });
  }
  const hasKey = existsSync(join(target, KEY));
  if (hasKey) chmodSync(join(target, KEY), 0o600);
  print(`Saved to ${target}: the database, the files of messages${hasKey ? ' and the encryption key' : ''}.`);
  if (!hasKey) print('The encryption key is not in it: keep the value of SLUICE_ENCRYPTION_KEY beside it.');
  print('To go back: stop the gateway and start it with SLUICE_DATA_DIR set to a copy of that folder.');
}
