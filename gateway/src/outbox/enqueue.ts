/**
 * Accepts a message: checks it, chooses its session and its WhatsApp id, and stores it durably with its idempotency key
 * and event in one transaction. Nothing is sent here; the drain loop does that.
 */
import { covers, type Caller } from '../domain/apiKey.js';
import { parseRecipient, type Address } from '../domain/address.js';
import { gatewayError } from '../domain/error.js';
import type { Message } from '../domain/message.js';
import { resolvePolicy } from '../domain/policy.js';
import type { Session } from '../domain/session.js';
import { newId, newWhatsAppId } from '../lib/ids.js';
import type { Store } from '../store/index.js';
import { messageEvent } from './messageEvent.js';
import type { OutboxDeps } from './ports.js';
import type { Enqueued, Idempotency, NewMessage } from './types.js';

type EnqueueDeps = Pick<OutboxDeps, 'store' | 'clock' | 'bell' | 'publisher' | 'recipients'>;

/** Thrown to roll back when a parallel request took the idempotency key first. */
class KeyTaken extends Error {}

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

export function createEnqueue({ store, clock, bell, publisher, recipients }: EnqueueDeps) {
  /** The JID to write to. Refuses a number that WhatsApp says is not there; when nobody can say, the send asks again. */
  async function resolveChat(session: Session, address: Address, test: boolean): Promise<string> {
    if (address.kind !== 'phone' || test || !resolvePolicy(session.policy).checkRecipient) return address.jid;
    const found = await recipients.lookUp(session.id, address);
    if (found && !found.exists) {
      throw gatewayError('recipient_not_on_whatsapp', 'WhatsApp has no account with this number.');
    }
    return found?.jid ?? address.jid;
  }

  async function refuseWhenFull(session: Session): Promise<void> {
    const { queueMax } = resolvePolicy(session.policy);
    if (queueMax === null || (await store.messages.countWaiting(session.id)) < queueMax) return;
    throw gatewayError(
      'queue_full',
      `${String(queueMax)} messages wait in session ${session.id}; no more are taken.`,
      {
        retryAfterSeconds: 60,
      },
    );
  }

  async function replay(caller: Caller, idempotency: Idempotency): Promise<Enqueued | null> {
    const record = await store.idempotency.find(caller.keyId, idempotency.key);
    if (!record) return null;
    if (record.bodyHash !== idempotency.bodyHash) throw gatewayError('idempotency_key_reused');
    const message = await store.messages.find(record.messageId);
    return message && { message, replayed: true };
  }

  /** One transaction: key, row and event, or nothing. */
  async function write(
    message: Omit<Message, 'position'>,
    idempotency: Idempotency | null,
  ): Promise<Message> {
    const stored = await store.transaction(async (tx) => {
      if (idempotency !== null) {
        const record = {
          scope: message.keyId ?? '',
          messageId: message.id,
          now: message.queuedAt,
          ...idempotency,
        };
        if (!(await tx.idempotency.insert(record))) throw new KeyTaken();
      }
      const inserted = await tx.messages.insert(message);
      const event = messageEvent(inserted, inserted.status);
      if (event) await publisher.publish(tx, event);
      return inserted;
    });
    publisher.committed();
    bell.ring(`outbox:${stored.sessionId}`);
    return stored;
  }

  return async function enqueue(
    caller: Caller,
    input: NewMessage,
    idempotency: Idempotency | null,
  ): Promise<Enqueued> {
    const known = idempotency && (await replay(caller, idempotency));
    if (known) return known;
    const address = parseRecipient(input.to);
    const session = await chooseSession(store, caller, input.sessionId);
    await refuseWhenFull(session);
    const chatJid = await resolveChat(session, address, caller.mode === 'test');
    const message = newMessage({ caller, input, session, address, chatJid, now: clock.now() });
    if (input.dryRun === true) return { message: { ...message, position: 0 }, replayed: false };
    try {
      return { message: await write(message, idempotency), replayed: false };
    } catch (error) {
      const winner = error instanceof KeyTaken && idempotency ? await replay(caller, idempotency) : null;
      if (winner) return winner;
      throw error;
    }
  };
}

interface MessageParts {
  caller: Caller;
  input: NewMessage;
  session: Session;
  address: Address;
  chatJid: string;
  now: number;
}

function newMessage({
  caller,
  input,
  session,
  address,
  chatJid,
  now,
}: MessageParts): Omit<Message, 'position'> {
  const status = input.sendAt !== undefined && input.sendAt > now ? 'scheduled' : 'queued';
  return {
    id: newId('msg'),
    waId: newWhatsAppId(),
    sessionId: session.id,
    keyId: caller.keyId,
    to: address.kind === 'phone' ? address.user : address.jid,
    chatJid,
    content: input.content,
    contextMessageId: input.contextMessageId ?? null,
    status,
    priority: input.priority ?? 0,
    queuedAt: now,
    sendAt: input.sendAt ?? null,
    expiresAt: input.expiresAt ?? null,
    retryAt: null,
    hold: null,
    attempts: 0,
    error: null,
    timeline: [{ status, at: now }],
    reference: input.reference ?? null,
    campaignId: null,
    test: caller.mode === 'test',
  };
}
