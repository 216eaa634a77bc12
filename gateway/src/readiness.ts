/**
 * Whether the gateway can do its work now, for GET /health/ready: the database has to answer.
 */
import type { Readiness } from './http/deps.js';
import type { Store } from './store/index.js';

export function createReadiness({ gatewayState }: Pick<Store, 'gatewayState'>): () => Promise<Readiness> {
  return async () => {
    try {
      // Any row will do, also one that is not there.
      await gatewayState.get('encryption_proof');
      return { ready: true, checks: { database: 'ok' } };
    } catch {
      return { ready: false, checks: { database: 'does not answer' } };
    }
  };
}
