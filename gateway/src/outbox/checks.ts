/**
 * What a message must pass before it is accepted: a session that takes it, room in its queue, a recipient that exists.
 * Used by enqueue; nothing is written here.
 */
import type { Address } from '../domain/address.js';
import { covers, type Caller } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import { resolvePolicy } from '../domain/policy.js';
import type { Session } from '../domain/session.js';
import type { Store } from '../store/index.js';
import type { OutboxDeps } from './ports.js';

const SESSIONS_LOOKED_AT = 1_000;

/** The connected session with the shortest queue among those the caller may use; a test key needs no connection. */
async function leastBusy(store: Store, caller: Caller): Promise<Session> {
  const page = { limit: SESSIONS_LOOKED_AT, sessionIds: caller.sessionIds };
  const sessions = await store.sessions.list(page);
  const usable = sessions.filter((session) => session.status === 'connected' || caller.mode === 'test');
  const counted = await Promise.all(
    usable.map(async (session) => ({ session, size: await store.messages.countWaiting(session.id) })),
  );
  const best = counted.sort((a, b) => a.size - b.size)[0];
  if (best) return best.session;
  throw gatewayError(
    'no_session',
    'No session is connected, so there is none to choose; name one in sessionId to queue for it.',
    {
      retryAfterSeconds: 30,
    },
  );
}

async function chooseSession(store: Store, caller: Caller, sessionId: string | undefined): Promise<Session> {
  if (sessionId === undefined) return leastBusy(store, caller);
  if (!covers(caller, sessionId))
    throw gatewayError('forbidden', `This key does not cover session ${sessionId}.`);
  const session = await store.sessions.find(sessionId);
  if (!session) throw gatewayError('session_not_found', `There is no session ${sessionId}.`);
  return session;
}

export function createChecks({ store, recipients }: Pick<OutboxDeps, 'store' | 'recipients'>) {
  return {
    /**
     * The session that is to send.
     * @throws GatewayError no_session, forbidden, session_not_found
     */
    chooseSession: (caller: Caller, sessionId: string | undefined): Promise<Session> =>
      chooseSession(store, caller, sessionId),

    /** The JID to write to. Refuses a number that WhatsApp says is not there; when nobody can say, the send asks again. */
    async resolveChat(session: Session, address: Address, test: boolean): Promise<string> {
      if (address.kind === 'lid') {
        // One person is one chat, by whichever of the two addresses it is named.
        return (await store.recipients.jidOf(address.jid)) ?? address.jid;
      }
      if (address.kind !== 'phone' || test || !resolvePolicy(session.policy).checkRecipient)
        return address.jid;
      const found = await recipients.lookUp(session.id, address);
      if (found && !found.exists) {
        throw gatewayError('recipient_not_on_whatsapp', 'WhatsApp has no account with this number.');
      }
      return found?.jid ?? address.jid;
    },

    async refuseWhenFull(session: Session): Promise<void> {
      const { queueMax } = resolvePolicy(session.policy);
      if (queueMax === null || (await store.messages.countWaiting(session.id)) < queueMax) return;
      throw gatewayError(
        'queue_full',
        `${String(queueMax)} messages wait in session ${session.id}; no more are taken.`,
        {
          retryAfterSeconds: 60,
        },
      );
    },
  };
}
