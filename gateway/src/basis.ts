/**
 * What every part of the gateway stands on: settings, clock, logger, store, bell, encryption key. Opened first, by
 * gateway.ts, which builds the parts on it.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { createBell, type Bell } from './cluster/bell.js';
import type { Config } from './config.js';
import { systemClock, type Clock } from './lib/clock.js';
import { assertOpens, loadCipher, makeProof } from './lib/encryptionKey.js';
import type { Logger } from './lib/logger.js';
import type { Database } from './store/database/index.js';
import { createStore, readGatewayState, type Store } from './store/index.js';

/** What every part may need. */
export interface Basis {
  config: Config;
  logger: Logger;
  clock: Clock;
  random: () => number;
  store: Store;
  bell: Bell;
  embedded: boolean;
  /** The encryption key; parts derive keys of their own from it. */
  key: Buffer;
  onError: (error: unknown) => void;
  address: Address;
  /** This process, as sessions name their owner. */
  owner: string;
}

export interface BasisOptions {
  logger: Logger;
  clock?: Clock;
  random?: () => number;
}

/** A key of its own for one purpose, made from the encryption key. */
export const deriveKey = (key: Buffer, purpose: string): Buffer =>
  createHmac('sha256', key).update(purpose).digest();

const PROOF_NAME = 'encryption_proof';

/** Where others reach this gateway: known at once, unless the port is whichever is free. */
interface Address {
  publicUrl: () => Promise<string>;
  /** The gateway listens at this port, or, without one, never will. */
  settle: (port: number) => void;
}

function createAddress({ port, publicUrl }: Config): Address {
  let settle: (port: number) => void = () => undefined;
  const listening = new Promise<number>((resolve) => {
    settle = resolve;
  });
  if (port !== 0) settle(port);
  return {
    settle,
    publicUrl: async () => publicUrl.replace(/:0$/, `:${String(await listening)}`),
  };
}

/** @throws Error when the encryption key is not the one that the database was written with */
export async function openBasis(config: Config, options: BasisOptions, database: Database): Promise<Basis> {
  const proof = await readGatewayState(database.db, PROOF_NAME);
  const cipher = loadCipher({
    configured: config.encryptionKey?.reveal() ?? null,
    dataDir: config.dataDir,
    proof,
  });
  const clock = options.clock ?? systemClock;
  const store = createStore(database, cipher, clock);
  await store.gatewayState.setOnce(PROOF_NAME, makeProof(cipher));
  // Another process that started on the same empty database may have been first, with a key of its own.
  const kept = await store.gatewayState.get(PROOF_NAME);
  if (kept) assertOpens(cipher, kept);
  return {
    config,
    logger: options.logger,
    clock,
    random: options.random ?? Math.random,
    store,
    bell: createBell(),
    embedded: database.engine === 'sqlite',
    key: cipher.key,
    address: createAddress(config),
    owner: randomUUID(),
    onError: (error) => options.logger.error({ err: error }, 'something failed; it is tried again'),
  };
}
