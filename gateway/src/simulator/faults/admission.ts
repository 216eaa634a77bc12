/**
 * Faults that hit before anybody knows who is calling: refused TCP connections and refused upgrades.
 */
import type { Admission, Listener } from '../wire/listener.js';
import type { Faults } from './faults.js';

const DEFAULT_STATUS = 503;

/** What to do with a client that asks for an upgrade. */
export function admit(faults: Faults): Admission {
  const refused = faults.take('refuse_upgrade');
  if (refused) return { kind: 'status', status: refused.code ?? DEFAULT_STATUS };
  if (faults.take('reset_upgrade')) return { kind: 'reset' };
  if (faults.take('hang_upgrade')) return { kind: 'hang' };
  return { kind: 'accept' };
}

/** Closes the port as long as a `refuse_connection` rule stands, and opens it again afterwards. */
export function refuseWhileFaulty(
  faults: Faults,
  listener: Listener,
  onError: (error: unknown) => void,
): void {
  const follow = (): void => {
    const rule = faults.find('refuse_connection');
    if (!rule) {
      listener.accept().catch((error: unknown) => onError(error));
      return;
    }
    listener.refuse();
    if (rule.endsAt !== undefined) setTimeout(follow, rule.endsAt - Date.now() + 1).unref();
  };
  faults.watch(follow);
}
