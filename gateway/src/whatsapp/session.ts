/**
 * One socket's life: opens it, watches it, sends through it, closes it. It decides nothing about what comes next
 * (supervisor), keeps no state beyond the socket, and hands everything that happens to its listener.
 */
import makeWASocket, { buildAckStanza, type ConnectionState, type WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../lib/clock.js';
import { createAcks, type Acks } from './acks.js';
import type { AuthState } from './authState.js';
import { DEAF, type Disconnect } from './disconnect.js';
import type { Inbox } from './inbox.js';
import { createEndings, type Endings } from './endings.js';
import { gateFrames } from './frameGate.js';
import { createFrameReader } from './frames.js';
import { createLane } from './lane.js';
import { watchLiveness, type Liveness } from './liveness.js';
import { meOf, ownJids, type Me } from './me.js';
import { gateReceipts, type ReceiptGate } from './receiptGate.js';
import { readReceipt, type Receipt } from './receipts.js';
import { createRelay, type Relay } from './relay.js';
import { hearRestrictions, type Told } from './restrictions.js';
import { PAIRING_ROUND_MS } from './course.js';
import { createPrivacyTokens } from './privacyTokens.js';
import { createProbe } from './probe.js';
import { shareWrites } from './sharedWrites.js';
import { socketConfig, type SocketParts } from './socketConfig.js';
import type { Timing } from './timing.js';

export interface SessionListener {
  onQr: (qr: string) => void;
  /** The phone has accepted the QR code; WhatsApp now asks for a new connection. */
  onPaired: () => void;
  onOpen: (me: Me) => void;
  /** The phone has told the name of its owner, a moment after the first login or later. */
  onRenamed: (pushName: string) => void;
  /** Resolves when the receipt is durable; only then WhatsApp hears that it arrived. */
  onReceipt: (receipt: Receipt) => Promise<void>;
  /** WhatsApp has told what it holds against the number. */
  onRestriction: (told: Told) => void;
  /** Called once; the socket is dead then. */
  onClosed: (disconnect: Disconnect) => void;
  onError: (error: unknown) => void;
}

export interface SessionDeps extends Omit<SocketParts, 'makeSignalRepository'> {
  auth: AuthState;
  inbox: Inbox;
  clock: Clock;
  timing: Timing;
  listener: SessionListener;
}

export interface WhatsAppSession {
  isOpen: () => boolean;
  /** Until when this socket can be paired, milliseconds since 1970; null: not at all, or not yet. */
  pairingEndsAt: () => number | null;
  /** Hands a message to WhatsApp and waits for the server's acknowledgement. */
  relay: Relay;
  /** The live client, for questions and uploads. */
  client: WASocket;
  /** Unlinks this device from the phone. */
  logout: () => Promise<void>;
  /** Resolves when the receipts that came in are durable. */
  receiptsKept: () => Promise<void>;
  /** Closes the socket; `onClosed` is called. */
  end: (disconnect?: Disconnect) => Promise<void>;
}

function disconnectOf(update: Partial<ConnectionState>): Disconnect {
  const error = update.lastDisconnect?.error as (Error & { output?: { statusCode?: number } }) | undefined;
  return { code: error?.output?.statusCode ?? 428, message: error?.message ?? 'closed' };
}

interface Reading {
  client: WASocket;
  acks: Acks;
  me: () => Me;
  giveUp: (code: number, message: string) => void;
}

/** What comes in is read here before Baileys does. */
function readFrames(
  { inbox, listener, clock }: SessionDeps,
  { client, acks, me, giveUp }: Reading,
): ReceiptGate {
  // rc14 waits for ever when the upgrade is answered with an HTTP error: re-emitting the event turns ws's own abort off.
  client.ws.on('unexpected-response', (_request: unknown, response: { statusCode?: number }) => {
    giveUp(503, `WhatsApp answered the connection with HTTP ${String(response.statusCode ?? 'unknown')}`);
  });
  client.ws.on('frame', createFrameReader({ inbox, acks }));
  const { withNext } = shareWrites({ client, clock });
  gateFrames({
    client,
    syncing: inbox.syncing,
    onFailed: (error) => {
      listener.onError(error);
      giveUp(428, 'an incoming message could not be kept');
    },
  });
  return gateReceipts({
    ws: client.ws,
    read: (node) => readReceipt(node, ownJids(me())),
    keep: listener.onReceipt,
    // Over a link that is gone it cannot be said; the receipt comes again at the next login.
    acknowledge: (node) => withNext(() => void client.sendNode(buildAckStanza(node)).catch(() => undefined)),
    // Nobody can have received what the server does not have: a receipt proves as much as the acknowledgement.
    onKept: ({ waIds }) => {
      for (const id of waIds) acks.receive({ id });
    },
    onError: listener.onError,
  });
}

/** What comes in is handed on in its order, and that it still comes in is watched. */
function watchLink(
  { clock, timing, inbox, listener }: SessionDeps,
  { client, giveUp, cutOff }: Pick<Endings, 'giveUp' | 'cutOff'> & { client: WASocket },
): Liveness {
  const lane = createLane({ ws: client.ws, clock, keep: inbox.keep, onError: listener.onError });
  return watchLiveness({
    clock,
    timing,
    probe: createProbe(client, timing.probeAnswerMs),
    busySince: lane.busySince,
    onDeaf: (why) => cutOff(DEAF, why),
    onNeverOpened: () => giveUp(408, 'WhatsApp did not answer in time'),
    onSilent: () => cutOff(408, 'the link went silent'),
  });
}

/** Going on with credentials that were not saved would lose the pairing at the next start. */
function saveCreds({ auth, listener }: SessionDeps, giveUp: Endings['giveUp']): void {
  auth.saveCreds().catch((error: unknown) => {
    listener.onError(error);
    giveUp(428, 'the credentials could not be saved');
  });
}

export function openSession(deps: SessionDeps): WhatsAppSession {
  const { auth, clock, listener } = deps;
  const { onError } = listener;
  const acks = createAcks(clock);
  const client = makeWASocket(
    socketConfig({ ...deps, makeSignalRepository: deps.inbox.makeSignalRepository }),
  );
  const { end, giveUp, cutOff } = createEndings({ client, clock, onError });
  let open = false;
  let qrSince: number | null = null;
  // While a socket closes, which a dead link draws out, Baileys has not reported it yet and every send would fail.
  const isOpen = (): boolean => open && client.ws.isOpen;
  // `client.user` is a stale copy in rc14; the credentials are current.
  const me = (): Me => meOf(auth.state.creds);
  const restrictions = hearRestrictions({ client, isOpen, onTold: listener.onRestriction, onError });
  const liveness = watchLink(deps, { client, giveUp, cutOff });

  function onConnection(update: Partial<ConnectionState>): void {
    if (update.qr !== undefined) {
      liveness.opened(false);
      qrSince ??= clock.now();
      listener.onQr(update.qr);
    }
    if (update.isNewLogin === true) listener.onPaired();
    if (update.connection === 'open') {
      open = true;
      liveness.opened(true);
      listener.onOpen(me());
      void restrictions.ask();
    }
    if (update.connection !== 'close') return;
    open = false;
    liveness.stop();
    acks.abandon();
    listener.onClosed(disconnectOf(update));
  }

  client.ws.on('frame', liveness.heard);
  const { kept } = readFrames(deps, { client, acks, me, giveUp });
  client.ev.on('creds.update', ({ me: changed }) => {
    saveCreds(deps, giveUp);
    if (open && changed?.name) listener.onRenamed(changed.name);
  });
  client.ev.on('connection.update', onConnection);
  return {
    client,
    isOpen,
    end,
    receiptsKept: kept,
    pairingEndsAt: () => (qrSince === null || open || !client.ws.isOpen ? null : qrSince + PAIRING_ROUND_MS),
    relay: createRelay({
      client,
      acks,
      isOpen,
      onError,
      onRefused: restrictions.onRefused,
      privacyTokens: createPrivacyTokens({ client, clock, isOpen, onError, keys: auth.state.keys }),
    }),
    logout: () => client.logout('logged out by the user'),
  };
}
