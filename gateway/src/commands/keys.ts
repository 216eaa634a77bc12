/**
 * `sluice keys`: API keys without a running gateway, for the first steps and for whoever has lost the admin key.
 * On the embedded database the gateway must be stopped meanwhile; with Postgres it need not be.
 */
import type { Config } from '../config.js';
import type { Role } from '../domain/apiKey.js';
import { createKeys, type Keys } from '../http/keys.js';
import type { Output } from './output.js';
import { withBasis } from './withBasis.js';

const PAGE = 100;

const withKeys = (config: Config, work: (keys: Keys) => Promise<void>): Promise<void> =>
  withBasis(config, ({ store, clock }) => work(createKeys({ store: store.apiKeys, clock })));

export interface NewKeyOptions {
  name: string;
  role: Role;
  test: boolean;
  session: string[];
}

/** Makes a key and prints it once. */
export const createKey = (config: Config, options: NewKeyOptions, { print }: Output): Promise<void> =>
  withKeys(config, async (keys) => {
    const { name, role, test, session: sessionIds } = options;
    const mode = test ? 'test' : 'live';
    const { record, key } = await keys.create({ name, role, mode, sessionIds, expiresAt: null });
    print(`${record.id}  ${name}  ${role}`);
    print(`  ${key}`);
    print('  It is shown this once and cannot be shown again; keep it in a safe place.');
  });

/** Prints all keys that are not revoked; never their text. */
export const listKeys = (config: Config, { print }: Output): Promise<void> =>
  withKeys(config, async (keys) => {
    let cursor: string | undefined;
    do {
      const { data, nextCursor } = await keys.list({ limit: PAGE, cursor });
      for (const { id, prefix, name, role, mode } of data)
        print(`${id}  ${prefix}…  ${role}  ${mode}  ${name}`);
      cursor = nextCursor ?? undefined;
    } while (cursor !== undefined);
  });

/** @throws GatewayError key_not_found */
export const revokeKey = (config: Config, id: string, { print }: Output): Promise<void> =>
  withKeys(config, async (keys) => {
    await keys.revoke(id);
    print(`${id} no longer works.`);
  });
