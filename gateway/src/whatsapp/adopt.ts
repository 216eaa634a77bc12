/**
 * Makes a session of a login that another program has paired: the row with all credentials and keys, in one transaction, so
 * that there is all of it or nothing whatever happens meanwhile. Used by `sluice import`; a gateway takes the session over.
 */
import { gatewayError } from '../domain/error.js';
import type { Clock } from '../lib/clock.js';
import type { Store } from '../store/index.js';
import { writeAuthState } from './authState.js';
import type { MultiFileState } from './multiFileState.js';

export interface AdoptDeps {
  store: Store;
  clock: Clock;
}

export interface Adopted {
  id: string;
  name: string | null;
  login: Pick<MultiFileState, 'creds' | 'keys'>;
}

/** @throws GatewayError session_exists; nothing was written then */
export async function adoptLogin({ store, clock }: AdoptDeps, { id, name, login }: Adopted): Promise<void> {
  await store.transaction(async (tx) => {
    const now = clock.now();
    const session = { id, name, metadata: {}, policy: null, desired: 'started' as const, now };
    if (!(await tx.sessions.insert(session))) {
      const detail = `A session with the id ${id} exists already. Give another one with --id, or remove that one first.`;
      throw gatewayError('session_exists', detail);
    }
    await writeAuthState(tx, id, login);
  });
  await store.durable();
}
