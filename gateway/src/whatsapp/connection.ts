/**
 * One try at being connected: auth state, inbox and socket opened together and closed together.
 * Used by the supervisor, which decides when to open the next one.
 */
import type { Fence } from '../domain/session.js';
import { openAuthState, type AuthState } from './authState.js';
import type { BaileysCaches } from './caches.js';
import type { InboxListener } from './decryptions.js';
import { createInbox } from './inbox.js';
import { findOutgoing } from './outgoing.js';
import type { WhatsAppDeps } from './ports.js';
import { openSession, type SessionListener, type WhatsAppSession } from './session.js';

export interface Connection {
  session: WhatsAppSession;
  auth: AuthState;
  /** Resolves when all that the socket has left is written: credentials, keys and receipts. */
  written: () => Promise<void>;
  /** Closes the socket, deaf to what it still reports, once all that it left is written. */
  close: () => Promise<void>;
}

export interface ConnectionParts {
  fence: Fence;
  caches: BaileysCaches;
  listener: SessionListener;
  inboxListener: InboxListener;
}

async function leave(session: WhatsAppSession, auth: AuthState): Promise<void> {
  await session.receiptsKept();
  await auth.saved();
}

export async function openConnection(deps: WhatsAppDeps, parts: ConnectionParts): Promise<Connection> {
  const { store, clock, logger, timing } = deps;
  const { fence, listener, caches } = parts;
  let closing = false;
  const unlessClosing =
    <T extends unknown[]>(heard: (...values: T) => void) =>
    (...values: T): void => {
      if (!closing) heard(...values);
    };
  const giveUp =
    (why: string) =>
    (error: unknown): void => {
      listener.onError(error);
      void session.end({ code: 428, message: why }).catch(listener.onError);
    };
  const inbox = createInbox({
    store,
    clock,
    sessionId: fence.sessionId,
    ...parts.inboxListener,
    onFailed: giveUp('an incoming message could not be stored'),
  });
  const auth = await openAuthState({
    store,
    clock,
    fence,
    alongside: inbox.alongside,
    onFailed: giveUp('the keys could not be saved'),
  });
  const session: WhatsAppSession = openSession({
    auth,
    inbox,
    clock,
    logger,
    timing,
    caches,
    url: deps.whatsapp.url,
    getMessage: async ({ id }) => (id ? ((await findOutgoing(deps, id)) ?? undefined) : undefined),
    listener: {
      ...listener,
      onQr: unlessClosing(listener.onQr),
      onPaired: unlessClosing(listener.onPaired),
      onOpen: unlessClosing(listener.onOpen),
      onRenamed: unlessClosing(listener.onRenamed),
      onRestriction: unlessClosing(listener.onRestriction),
      onClosed: unlessClosing(listener.onClosed),
    },
  });
  const written = (): Promise<void> => leave(session, auth);
  return {
    session,
    auth,
    written,
    async close() {
      closing = true;
      await session.end();
      await written();
    },
  };
}
