/**
 * The sessions as the rest of the gateway sees them: created, changed and removed as rows by any process, and, for those
 * owned here, the live sockets that messages go through.
 */
import { randomBytes } from 'node:crypto';
import { parseRecipient, type Address } from '../domain/address.js';
import { gatewayError } from '../domain/error.js';
import type { Message, SendOutcome } from '../domain/message.js';
import type { Fence, Session, SessionQr, SessionRequest } from '../domain/session.js';
import { readUntil } from '../cluster/until.js';
import type { SessionUpdate } from '../store/sessions.js';
import { toOutgoing } from './outgoing.js';
import type { WhatsAppDeps } from './ports.js';
import { createRecipients } from './recipients.js';
import { createSupervisor, type Supervisor } from './supervisor.js';
import type { NewSession, Page, PageRequest, Recipient, Sessions } from './types.js';

/** How long a request waits for the owner to carry something out. */
const OWNER_TIMEOUT_MS = 10_000;

/** The sessions, with the edges that gateway.ts connects to ownership and to the outbox. */
export interface RunningSessions extends Sessions {
  own(fence: Fence): void;
  /** Lets go of a session whose lease is over. */
  disown(sessionId: string): Promise<void>;
  isReady(sessionId: string): boolean;
  send(fence: Fence, message: Message): Promise<SendOutcome>;
  /** Closes all sockets and reports them as disconnected. */
  stop(): Promise<void>;
}

export interface SessionsDeps extends WhatsAppDeps {
  onError: (error: unknown) => void;
  onRemoved: (sessionId: string) => void;
}

const newSessionId = (): string => `s-${randomBytes(6).toString('hex')}`;

export function createSessions(deps: SessionsDeps): RunningSessions {
  const { store, bell, clock } = deps;
  const supervisors = new Map<string, Supervisor>();
  const recipients = createRecipients(deps);
  const live = (id: string) => supervisors.get(id)?.session() ?? null;

  async function get(id: string): Promise<Session> {
    const session = await store.sessions.find(id);
    if (session) return session;
    throw gatewayError('session_not_found', `There is no session ${id}.`);
  }

  async function update(id: string, patch: SessionUpdate): Promise<Session> {
    const session = await store.sessions.update(id, patch);
    if (!session) throw gatewayError('session_not_found', `There is no session ${id}.`);
    bell.ring(`session:${id}`);
    bell.ring(`outbox:${id}`);
    return session;
  }

  /** Asks the owner for something and waits until it is done, or as long as a request may take. */
  async function request(
    id: string,
    asked: SessionRequest,
    patch: SessionUpdate = {},
  ): Promise<Session | null> {
    await update(id, { ...patch, request: asked });
    return readUntil(deps, {
      topic: `session:${id}`,
      read: () => store.sessions.find(id),
      done: (session) => session?.request == null,
      timeoutMs: OWNER_TIMEOUT_MS,
    });
  }

  async function create(input: NewSession): Promise<Session> {
    const id = input.id ?? newSessionId();
    const inserted = await store.sessions.insert({
      id,
      name: input.name ?? null,
      metadata: input.metadata ?? {},
      policy: input.policy ?? null,
      desired: input.start ? 'started' : 'stopped',
      now: clock.now(),
    });
    if (!inserted) throw gatewayError('session_exists', `A session with the id ${id} exists already.`);
    const session = await get(id);
    await deps.pollOwnership();
    return session;
  }

  async function list({ limit, cursor, sessionIds }: PageRequest): Promise<Page<Session>> {
    const rows = await store.sessions.list({ limit: limit + 1, cursor, sessionIds });
    const data = rows.slice(0, limit);
    return { data, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
  }

  async function setDesired(id: string, desired: Session['desired']): Promise<Session> {
    const session = await get(id);
    const running = ['connected', 'connecting', 'qr', 'pairing'].includes(session.status);
    // A session that gave up, or waits for its next try, starts afresh when its user says so.
    const restart = desired === 'started' && !running;
    return update(id, { desired, ...(restart && { request: 'restart' as const }) });
  }

  async function qr(id: string, waitMs: number): Promise<SessionQr> {
    const read = async () => ({ session: await get(id), qr: await store.sessions.qr(id) });
    const isFresh = (code: SessionQr | null): code is SessionQr =>
      code !== null && code.expiresAt > clock.now();
    const found = await readUntil(deps, {
      topic: `session:${id}`,
      read,
      done: (now) => isFresh(now.qr) || ['connected', 'pairing'].includes(now.session.status),
      timeoutMs: waitMs,
    });
    if (found.session.status === 'connected') throw gatewayError('session_connected');
    if (isFresh(found.qr)) return found.qr;
    const { status, reason } = found.session;
    throw gatewayError('qr_not_available', `Session ${id} is ${status}. ${reason?.action ?? ''}`.trim(), {
      retryAfterSeconds: 2,
    });
  }

  async function send(_fence: Fence, message: Message): Promise<SendOutcome> {
    const session = live(message.sessionId);
    if (!session?.isOpen()) return { kind: 'unknown', reason: 'disconnected' };
    const recipient = await recipients.lookUp(session, parseRecipient(message.chatJid));
    if (!recipient) return { kind: 'unknown', reason: session.isOpen() ? 'no_answer' : 'disconnected' };
    if (!recipient.exists) {
      const text = 'WhatsApp has no account with this number.';
      return { kind: 'rejected', code: 'recipient_not_on_whatsapp', message: text, retryable: false };
    }
    const jid = recipient.jid ?? message.chatJid;
    const group = jid.endsWith('@g.us');
    // Without the device list rc14 writes a stanza for nobody, and the server acknowledges that too.
    const devices = group ? 1 : (await session.client.getUSyncDevices([jid], true, false)).length;
    if (devices === 0) return { kind: 'unknown', reason: session.isOpen() ? 'no_answer' : 'disconnected' };
    return session.relay(jid, message.waId, await toOutgoing(deps, message, session.client));
  }

  return {
    create,
    get,
    list,
    setDesired,
    qr,
    send,
    patch: (id, patch) => update(id, patch),
    async remove(id) {
      await get(id);
      await request(id, 'remove', { desired: 'stopped' });
    },
    async logout(id) {
      await get(id);
      return (await request(id, 'logout')) ?? get(id);
    },
    async restart(id, wipe) {
      return (await request(id, wipe ? 'wipe' : 'restart', { desired: 'started' })) ?? get(id);
    },
    waitFor: (id, status, timeoutMs) =>
      readUntil(deps, {
        topic: `session:${id}`,
        read: () => get(id),
        done: (session) => session.status === status,
        timeoutMs,
      }),
    async lookUp(id: string, address: Address): Promise<Recipient | null> {
      await get(id);
      return recipients.lookUp(live(id), address);
    },
    isReady: (id) => live(id)?.isOpen() ?? false,
    own(fence) {
      const { sessionId } = fence;
      supervisors.set(
        sessionId,
        createSupervisor({ ...deps, onRemoved: () => deps.onRemoved(sessionId) }, fence),
      );
    },
    async disown(sessionId) {
      const supervisor = supervisors.get(sessionId);
      supervisors.delete(sessionId);
      await supervisor?.stop(false);
    },
    async stop() {
      const running = [...supervisors.values()];
      supervisors.clear();
      await Promise.all(running.map((supervisor) => supervisor.stop(true)));
    },
  };
}
