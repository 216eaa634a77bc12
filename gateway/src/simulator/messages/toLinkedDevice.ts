/**
 * Encrypts a message of a simulated device for one linked device and puts it in that device's queue.
 * Keeps the plaintext until the client has acknowledged it, because a client that cannot decrypt asks again.
 */
import { addressingOf } from '../directory/address.js';
import {
  takeBundle,
  type LinkedDevice,
  type SentMessage,
  type SimulatedDevice,
} from '../directory/devices.js';
import { signalPeer, type Account } from '../directory/directory.js';
import { isoNow, type Delivery } from '../records/records.js';
import type { PreKeyBundle } from '../signal/preKeyBundle.js';
import { notifyLowPreKeys } from '../signal/preKeyStock.js';
import { node, type BinaryNode } from '../wire/nodes.js';
import type { World } from '../world.js';
import { corrupt, pad } from './content.js';

export interface Route {
  world: World;
  from: { account: Account; device: SimulatedDevice };
  to: { account: Account; device: LinkedDevice };
}

/** What a message is that WhatsApp keeps from linked devices; `untyped` stands for none, as when a chat began with an ad. */
export const UNAVAILABLE = [
  'untyped',
  'view_once_unavailable_fanout',
  'bot_unavailable_fanout',
  'hosted_unavailable_fanout',
] as const;

export type Unavailable = (typeof UNAVAILABLE)[number];

export interface OutgoingEnvelope {
  /** The `<message>` without content. */
  envelope: BinaryNode;
  /** Encoded Message, not padded. */
  plaintext: Buffer;
  /** What a person reads in it. */
  text: string | null;
  afterOffline?: boolean;
  /** Spoils the ciphertext, so that the client has to ask again. */
  isCorrupted?: boolean | undefined;
  /** Sends the news of the message without its content. */
  unavailable?: Unavailable | undefined;
}

/** Plaintexts kept per linked device; a client that never acknowledges must not fill the memory. */
const MAX_KEPT_MESSAGES = 5000;

/** One encryption for one device, after a new session if there is none (or a bundle asks for one). */
export async function encryptFor(
  route: Route,
  plaintext: Buffer,
  bundle?: PreKeyBundle,
): Promise<BinaryNode> {
  const { signal } = route.from.device;
  const { device } = route.to;
  const peer = signalPeer(route.to.account, device.id);
  if (bundle || !signal.hasSession(peer)) {
    await signal.startSession(peer, bundle ?? takeBundle(device));
    notifyLowPreKeys(device);
  }
  const { type, body } = await signal.encrypt(peer, pad(plaintext));
  route.world.metrics.count('encrypted');
  return node('enc', { v: 2, type }, body);
}

function keep(device: LinkedDevice, id: string, sent: SentMessage): void {
  device.sent.set(id, sent);
  const [oldest] = device.sent.keys();
  if (device.sent.size > MAX_KEPT_MESSAGES && oldest !== undefined) device.sent.delete(oldest);
}

/** Queues encrypted parts and remembers the message until the client has taken it. */
export function enqueue(
  route: Route,
  sent: SentMessage,
  parts: { encs: BinaryNode[]; afterOffline: boolean },
): void {
  const { device } = route.to;
  const id = sent.envelope.attrs.id ?? '';
  keep(device, id, sent);
  device.queue.push(
    { ...sent.envelope, content: parts.encs },
    {
      afterOffline: parts.afterOffline,
      onSent: () => {
        sent.delivery.sends += 1;
        route.world.metrics.count('messagesOut');
        route.world.changes.notify();
      },
      onAcknowledged: () => {
        sent.delivery.acknowledged = true;
        route.world.metrics.count('acknowledged');
        route.world.changes.notify();
      },
    },
  );
}

/** The record of a message that is about to be sent. */
export function newDelivery(
  { world, from, to }: Route,
  { envelope, text }: Pick<OutgoingEnvelope, 'envelope' | 'text'>,
): Delivery {
  const conversation = envelope.attrs.recipient ?? envelope.attrs.from ?? '';
  return {
    waId: envelope.attrs.id ?? '',
    from: from.account.number,
    to: to.account.number,
    device: to.device.id,
    chat: world.directory.byJid(conversation)?.number ?? conversation,
    text,
    addressing: addressingOf(envelope.attrs.participant ?? envelope.attrs.from ?? ''),
    sends: 0,
    retries: 0,
    acknowledged: false,
    at: isoNow(),
  };
}

/** Sends one message to one linked device, behind those sent to it before. */
export function sendEncrypted(route: Route, message: OutgoingEnvelope): Promise<void> {
  const { world, from, to } = route;
  const { envelope, plaintext } = message;
  const delivery = newDelivery(route, message);
  // Peer messages (first sync) are the server's business, not a conversation.
  if (envelope.attrs.category !== 'peer') world.records.deliveries.add(delivery);
  const sent = { plaintext, fromDevice: from.device, envelope, delivery };
  return to.device.outbox.run(async () => {
    if (message.unavailable) {
      const type = message.unavailable === 'untyped' ? undefined : message.unavailable;
      enqueue(route, sent, { encs: [node('unavailable', { type })], afterOffline: false });
      return;
    }
    const enc = await encryptFor(route, plaintext);
    if (message.isCorrupted && Buffer.isBuffer(enc.content)) corrupt(enc.content);
    enqueue(route, sent, { encs: [enc], afterOffline: message.afterOffline ?? false });
  });
}

/**
 * Sends a message again under its id, in a new Signal session, because the client could not decrypt it.
 * Without a bundle in its request the prekeys on the server are used.
 */
export function sendAgain(
  route: Route,
  sent: SentMessage,
  request: { count: number; bundle?: PreKeyBundle | undefined },
): Promise<void> {
  const { device } = route.to;
  return device.outbox.run(async () => {
    const enc = await encryptFor(route, sent.plaintext, request.bundle ?? takeBundle(device));
    notifyLowPreKeys(device);
    sent.delivery.retries += 1;
    sent.delivery.acknowledged = false;
    enc.attrs.count = String(request.count);
    enqueue(route, sent, { encs: [enc], afterOffline: false });
  });
}
