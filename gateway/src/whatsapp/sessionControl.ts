/**
 * What a user asks of a session: start, stop, restart, log out, remove, and the QR code to scan. The wishes are rows that
 * the owner carries out (see supervisor); here they are written down and waited for.
 */
import { readUntil } from '../cluster/until.js';
import { gatewayError } from '../domain/error.js';
import type { Session, SessionQr, SessionRequest } from '../domain/session.js';
import type { SessionUpdate } from '../store/sessions.js';
import type { WhatsAppDeps } from './ports.js';
import type { SessionRows } from './sessionRows.js';
import type { Sessions } from './types.js';

/** How long a request waits for the owner to carry something out. */
const OWNER_TIMEOUT_MS = 10_000;

type ControlDeps = Pick<WhatsAppDeps, 'store' | 'bell' | 'clock'> & Pick<SessionRows, 'get' | 'update'>;

export type SessionControl = Pick<
  Sessions,
  'setDesired' | 'setQueuePaused' | 'qr' | 'remove' | 'logout' | 'restart'
>;

export function createSessionControl(deps: ControlDeps): SessionControl {
  const { store, clock, get, update } = deps;

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

  return {
    setDesired,
    setQueuePaused: (id, paused) => update(id, { queuePaused: paused }),
    qr,
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
  };
}
