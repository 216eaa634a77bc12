/**
 * Makes a session of a login that another program has paired: the row, and under its fence all credentials and keys.
 * Used by `sluice import`, while no gateway works on the session; the next one to start takes it over.
 */
import { randomUUID } from 'node:crypto';
import { gatewayError } from '../domain/error.js';
import type { Fence } from '../domain/session.js';
import type { Clock } from '../lib/clock.js';
import type { Store } from '../store/index.js';
import { openAuthState } from './authState.js';
import type { MultiFileState } from './multiFileState.js';

/** Longer than the writing of a login takes. */
const LEASE_MS = 120_000;

export interface AdoptDeps {
  store: Store;
  clock: Clock;
}

export interface Adopted {
  id: string;
  name: string | null;
  login: MultiFileState;
}

/**
 * The row and the lease on it are one transaction: no gateway can take the session before its keys are there. It stays
 * stopped until they are.
 */
async function insertOwned({ store, clock }: AdoptDeps, { id, name }: Adopted): Promise<Fence> {
  const owner = randomUUID();
  const now = clock.now();
  const fences = await store.transaction(async (tx) => {
    const session = { id, name, metadata: {}, policy: null, desired: 'stopped' as const, now };
    if (!(await tx.sessions.insert(session))) {
      const detail = `A session with the id ${id} exists already. Give another one with --id, or remove that one first.`;
      throw gatewayError('session_exists', detail);
    }
    return tx.leases.takeFree({ owner, now, ttlMs: LEASE_MS });
  });
  const ours = fences.find(({ sessionId }) => sessionId === id);
  if (!ours) throw new Error(`Session ${id} was made, and yet it belongs to somebody else.`);
  for (const other of fences) if (other !== ours) await store.leases.release(other);
  return ours;
}

async function writeLogin({ store, clock }: AdoptDeps, fence: Fence, login: MultiFileState): Promise<void> {
  let failure: unknown;
  const auth = await openAuthState({
    store,
    clock,
    fence,
    alongside: () => null,
    onFailed: (error) => {
      failure ??= error;
    },
  });
  Object.assign(auth.state.creds, login.creds);
  await auth.state.keys.set(login.keys);
  await auth.saveCreds();
  await auth.saved();
  if (failure !== undefined)
    throw failure instanceof Error ? failure : new Error('the keys could not be saved');
}

/** @throws GatewayError session_exists; nothing was written then */
export async function adoptLogin(deps: AdoptDeps, wanted: Adopted): Promise<void> {
  const { store } = deps;
  const fence = await insertOwned(deps, wanted);
  try {
    await writeLogin(deps, fence, wanted.login);
  } catch (error) {
    await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      await tx.keyValues.clear(wanted.id);
      await tx.sessions.remove(wanted.id);
    });
    throw error;
  }
  await store.sessions.update(wanted.id, { desired: 'started' });
  await store.leases.release(fence);
  await store.durable();
}
