/**
 * One socket's life: opens it, watches it, sends through it, closes it. It decides nothing about what comes next
 * (supervisor), keeps no state beyond the socket, and hands everything that happens to its listener.
 */
import makeWASocket, {
  type BinaryNode,
  type ConnectionState,
  type WASocket,
  type proto,
} from '@whiskeysockets/baileys';
import { phoneJid, splitJid } from '../domain/address.js';
import type { SendOutcome } from '../domain/message.js';
import type { Clock } from '../lib/clock.js';
import { createAcks } from './acks.js';
import type { AuthState } from './authState.js';
import type { Disconnect } from './disconnect.js';
import type { Inbox } from './inbox.js';
import { readReceipt, type Receipt } from './receipts.js';
import { socketConfig, type SocketParts } from './socketConfig.js';

/** Longest time from the start of a socket to its first QR code or its login, in milliseconds. */
const OPEN_TIMEOUT_MS = 45_000;
/** With a ping every 12 s, a link that is silent for this long is dead; a disconnect is known within 30 s. */
const SILENCE_MS = 25_000;
const WATCH_MS = 4_000;

export interface Me {
  phone: string | null;
  lid: string | null;
  pushName: string | null;
}

export interface SessionListener {
  onQr(qr: string): void;
  /** The phone has accepted the QR code; WhatsApp now asks for a new connection. */
  onPaired(): void;
  onOpen(me: Me): void;
  onReceipt(receipt: Receipt): void;
  /** Called once; the socket is dead then. */
  onClosed(disconnect: Disconnect): void;
  onError(error: unknown): void;
}

export interface SessionDeps extends Omit<SocketParts, 'makeSignalRepository'> {
  auth: AuthState;
  inbox: Inbox;
  clock: Clock;
  listener: SessionListener;
}

export interface WhatsAppSession {
  isOpen(): boolean;
  me(): Me;
  /** Hands a message to WhatsApp and waits for the server's acknowledgement. */
  relay(jid: string, waId: string, message: proto.IMessage): Promise<SendOutcome>;
  /** The live client, for questions and uploads. */
  client: WASocket;
  /** Unlinks this device from the phone. */
  logout(): Promise<void>;
  /** Closes the socket; `onClosed` is called. */
  end(disconnect?: Disconnect): Promise<void>;
}

function disconnectOf(update: Partial<ConnectionState>): Disconnect {
  const error = update.lastDisconnect?.error as (Error & { output?: { statusCode?: number } }) | undefined;
  return { code: error?.output?.statusCode ?? 428, message: error?.message ?? 'closed' };
}

/** An error in the shape in which Baileys reports why a socket ended. */
const closingError = ({ code, message }: Disconnect): Error =>
  Object.assign(new Error(message), { output: { statusCode: code } });

export function openSession(deps: SessionDeps): WhatsAppSession {
  const { auth, inbox, clock, listener } = deps;
  const acks = createAcks(clock);
  const client = makeWASocket({
    ...socketConfig({ ...deps, makeSignalRepository: inbox.makeSignalRepository }),
  });
  let open = false;

  let lastFrameAt = clock.now();
  let stopWatching = (): void => undefined;

  /**
   * Ends the TCP connection without WebSocket's farewell, for which ws would wait 30 s on a dead link.
   * rc14 keeps the raw socket to itself and has no other way.
   */
  const terminate = (): void => {
    (client.ws as unknown as { socket: { terminate(): void } | null }).socket?.terminate();
  };

  const end = (disconnect: Disconnect = { code: 428, message: 'closed by the gateway' }): Promise<void> =>
    // Baileys' type says that end returns nothing; rc14 returns the promise of the closed WebSocket.
    Promise.resolve(client.end(closingError(disconnect)));

  const quitUnlessOpened = clock.schedule(() => {
    void end({ code: 408, message: 'WhatsApp did not answer in time' }).catch(listener.onError);
  }, OPEN_TIMEOUT_MS);

  function watch(): void {
    stopWatching = clock.schedule(() => {
      if (clock.now() - lastFrameAt < SILENCE_MS) {
        watch();
        return;
      }
      const ended = end({ code: 408, message: 'the link went silent' });
      terminate();
      ended.catch(listener.onError);
    }, WATCH_MS);
  }

  function me(): Me {
    // `client.user` is a stale copy in rc14; the credentials are current.
    const { me: contact } = auth.state.creds;
    const phone = contact ? (splitJid(contact.id)?.user ?? null) : null;
    const lidUser = contact?.lid ? splitJid(contact.lid)?.user : undefined;
    return { phone, lid: lidUser === undefined ? null : `${lidUser}@lid`, pushName: contact?.name ?? null };
  }

  function saveCreds(): void {
    auth.saveCreds().catch((error: unknown) => {
      // Going on with credentials that were not saved would lose the pairing at the next start.
      listener.onError(error);
      void end({ code: 428, message: 'the credentials could not be saved' }).catch(listener.onError);
    });
  }

  function onFrame(node: BinaryNode | Uint8Array): void {
    lastFrameAt = clock.now();
    if (node instanceof Uint8Array) return;
    inbox.observe(node);
    if (node.tag === 'ack' && node.attrs.class === 'message') acks.receive(node.attrs);
    if (node.tag !== 'receipt') return;
    const { phone, lid } = me();
    const receipt = readReceipt(node, [
      ...(phone === null ? [] : [phoneJid(phone)]),
      ...(lid === null ? [] : [lid]),
    ]);
    if (receipt) listener.onReceipt(receipt);
  }

  function onConnection(update: Partial<ConnectionState>): void {
    if (update.qr !== undefined) {
      quitUnlessOpened();
      listener.onQr(update.qr);
    }
    if (update.isNewLogin === true) listener.onPaired();
    if (update.connection === 'open') {
      open = true;
      quitUnlessOpened();
      listener.onOpen(me());
    }
    if (update.connection === 'close') {
      open = false;
      quitUnlessOpened();
      stopWatching();
      acks.abandon();
      listener.onClosed(disconnectOf(update));
    }
  }

  watch();
  client.ws.on('frame', onFrame);
  // rc14 waits for ever when the upgrade is answered with an HTTP error: re-emitting the event turns ws's own abort off.
  client.ws.on('unexpected-response', (_request: unknown, response: { statusCode?: number }) => {
    const status = String(response.statusCode ?? 'unknown');
    void end({ code: 503, message: `WhatsApp answered the connection with HTTP ${status}` }).catch(
      listener.onError,
    );
  });
  client.ev.on('creds.update', saveCreds);
  client.ev.on('connection.update', onConnection);

  return {
    client,
    isOpen: () => open,
    me,
    end,
    async relay(jid, waId, message) {
      if (!open) return { kind: 'unknown', reason: 'disconnected' };
      const ack = acks.expect(waId);
      try {
        await client.relayMessage(jid, message, { messageId: waId });
      } catch (error) {
        // `open` may have changed meanwhile: a send that broke with the link says nothing about the message.
        const reason = client.ws.isOpen ? 'send_error' : 'disconnected';
        if (reason === 'send_error') listener.onError(error);
        ack.cancel();
        return { kind: 'unknown', reason };
      }
      return ack.outcome;
    },
    logout: () => client.logout('logged out by the user'),
  };
}
