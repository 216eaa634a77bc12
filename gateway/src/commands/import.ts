/**
 * `sluice import`: a login that another program has made with Baileys (its folder of `useMultiFileAuthState`) becomes a
 * session of this gateway, so that nobody has to scan a code again. Prints no key and changes nothing in the folder.
 */
import { basename, resolve } from 'node:path';
import type { Config } from '../config.js';
import { SESSION_ID_PATTERN } from '../domain/session.js';
import { adoptLogin } from '../whatsapp/adopt.js';
import { readMultiFileState } from '../whatsapp/multiFileState.js';
import type { Output } from './output.js';
import { withBasis } from './withBasis.js';

export interface ImportOptions {
  id?: string;
  name?: string;
}

const LONGEST_NAME = 100;
const LONGEST_ID = 64;

/** The id as given, or made of the folder's name. @throws Error when it is none */
function sessionIdOf(folder: string, given: string | undefined): string {
  const made = basename(folder)
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, LONGEST_ID);
  const id = given ?? (made === '' ? 'imported' : made);
  if (SESSION_ID_PATTERN.test(id)) return id;
  throw new Error(`"${id}" cannot be the id of a session: 1 to 64 letters, digits, - and _ can.`);
}

function nameOf(given: string | undefined): string | null {
  const name = given?.trim() ?? '';
  if (name.length <= LONGEST_NAME) return name === '' ? null : name;
  throw new Error(`A session's name has at most ${String(LONGEST_NAME)} characters.`);
}

/** @throws Error when the folder holds no finished login, or the session exists; nothing has changed then */
export async function importLogin(
  config: Config,
  source: { folder: string } & ImportOptions,
  { print }: Output,
): Promise<void> {
  const folder = resolve(source.folder);
  const id = sessionIdOf(folder, source.id);
  const name = nameOf(source.name);
  const login = await readMultiFileState(folder);
  await withBasis(config, (basis) => adoptLogin(basis, { id, name, login }));
  print(`Imported session ${id}: its credentials and ${String(login.keyCount)} keys.`);
  if (login.leftOut.length > 0) {
    print(`Left out ${String(login.leftOut.length)} files that are no keys or cannot be read.`);
  }
  print('It connects when the gateway starts; no code has to be scanned.');
  print('The other program must not use this login any more: each would end the connection of the other,');
  print('and keys that it changes from now on are unknown here. Delete the folder when the session works.');
}
