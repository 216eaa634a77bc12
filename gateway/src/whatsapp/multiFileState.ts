/**
 * Reads the folder in which Baileys' `useMultiFileAuthState` keeps a login: creds.json and one file per key. Reads only;
 * what it finds is checked, and no message of it ever shows what is in a file. Used by `sluice import`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BufferJSON,
  type AuthenticationCreds,
  type SignalDataSet,
  type SignalDataTypeMap,
} from '@whiskeysockets/baileys';

type KeyType = keyof SignalDataTypeMap;

export interface MultiFileState {
  creds: AuthenticationCreds;
  keys: SignalDataSet;
  keyCount: number;
  /** Names of files that are no keys, or cannot be read; Baileys would take those for absent, too. */
  leftOut: string[];
}

const CREDS_FILE = 'creds.json';
/** Read at once; a login has a thousand files and more. */
const AT_ONCE = 32;

/** Baileys writes `/` as two underscores and `:` as a dash. What may really be in an id depends on its type. */
const slashes = (id: string): string => id.replaceAll('__', '/');
const colons = (id: string): string => id.replaceAll('-', ':');
/** `group::author::device`; the ids of old groups have a dash of their own. */
const doubleColons = (id: string): string => id.replaceAll('--', '::');
const asItIs = (id: string): string => id;

/** Longer names first: one is the beginning of another. */
const ID_OF: [KeyType, (written: string) => string][] = [
  ['app-state-sync-version', asItIs],
  ['app-state-sync-key', slashes],
  ['sender-key-memory', asItIs],
  ['identity-key', colons],
  ['device-list', colons],
  ['lid-mapping', colons],
  ['sender-key', doubleColons],
  ['pre-key', asItIs],
  ['session', colons],
  ['tctoken', colons],
];

/** Type and id of the key in a file of that name; undefined when it is no key. */
export function keyOfFile(name: string): { type: KeyType; id: string } | undefined {
  if (!name.endsWith('.json')) return undefined;
  const stem = name.slice(0, -'.json'.length);
  for (const [type, idOf] of ID_OF) {
    const id = stem.startsWith(`${type}-`) ? stem.slice(type.length + 1) : '';
    if (id !== '') return { type, id: idOf(id) };
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isKeyPair = (value: unknown): boolean =>
  isObject(value) && value.public instanceof Uint8Array && value.private instanceof Uint8Array;

function isCreds(value: unknown): value is AuthenticationCreds {
  return (
    isObject(value) &&
    isKeyPair(value.noiseKey) &&
    isKeyPair(value.signedIdentityKey) &&
    isObject(value.signedPreKey) &&
    typeof value.registrationId === 'number' &&
    typeof value.advSecretKey === 'string'
  );
}

/** The value in a file, or undefined when there is none that can be read. The parser's own words would quote the file. */
async function readValue(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'), BufferJSON.reviver) as unknown;
  } catch {
    return undefined;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    throw new Error(
      `${folder} is not a folder that can be read. Give the one that Baileys writes creds.json into.`,
    );
  }
}

async function readCreds(folder: string): Promise<AuthenticationCreds> {
  const creds = await readValue(join(folder, CREDS_FILE));
  if (!isCreds(creds)) {
    throw new Error(
      `${CREDS_FILE} in ${folder} does not hold the credentials of a Baileys login; it may be cut off. Take the folder from a backup, or pair a new session.`,
    );
  }
  // Not `registered`, which stays false after a pairing by QR code; `me` is there even when a pairing was never finished.
  if (creds.me === undefined || creds.account === undefined) {
    throw new Error(
      `The login in ${folder} was never finished: no phone is linked to it. Pair a new session with the gateway instead.`,
    );
  }
  return creds;
}

/** @throws Error with a sentence for its reader when the folder is not that of a finished login */
export async function readMultiFileState(folder: string): Promise<MultiFileState> {
  const names = await namesIn(folder);
  if (!names.includes(CREDS_FILE)) {
    throw new Error(
      `There is no ${CREDS_FILE} in ${folder}: it is not a folder of Baileys' useMultiFileAuthState.`,
    );
  }
  const state: MultiFileState = { creds: await readCreds(folder), keys: {}, keyCount: 0, leftOut: [] };
  const rest = names.filter((name) => name !== CREDS_FILE);
  const readNext = async (): Promise<void> => {
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      const key = keyOfFile(name);
      const value = key && (await readValue(join(folder, name)));
      if (!key || value === undefined || value === null) {
        state.leftOut.push(name);
        continue;
      }
      const ofType: Record<string, unknown> = (state.keys[key.type] ??= {});
      ofType[key.id] = value;
      state.keyCount += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readNext));
  return state;
}
