/**
 * The devices of an account: those that the simulator plays itself, and those that a real client has linked.
 */
import { createSenderKeys, type SenderKeys } from '../signal/senderKeys.js';
import { createSignalDevice, type SavedSignalDevice, type SignalDevice } from '../signal/signalDevice.js';
import type { PreKeyBundle, PublicPreKey, SignedPreKey } from '../signal/preKeyBundle.js';
import type { Delivery } from '../records/records.js';
import { createArrivals, type Arrivals, type SavedArrival } from './arrivals.js';
import { createSerial, type Serial } from './serial.js';
import { createStanzaQueue, type SavedStanza, type StanzaQueue } from './stanzaQueue.js';
import type { BinaryNode } from '../wire/nodes.js';

/** A phone or companion played by the simulator. */
export interface SimulatedDevice {
  kind: 'simulated';
  id: number;
  /** Names the device's side of its Signal sessions; another one after a reinstallation. */
  owner: string;
  signal: SignalDevice;
  senderKeys: SenderKeys;
  /** Messages are taken one after another, in the order in which they came. */
  inbox: Serial;
  arrivals: Arrivals;
}

/** The open connection of a linked device, as the rest of the simulator sees it. */
export interface DeviceConnection {
  id: string;
  send(stanza: BinaryNode): void;
  close(): void;
  reset(): void;
  /** False once it is being closed, and when a fault has cut it without either side's knowledge. */
  isOpen(): boolean;
}

/** What the client registered with; public halves only. */
export interface DeviceRegistration {
  noiseKey: Buffer;
  identity: Buffer;
  registrationId: number;
  signedPreKey: SignedPreKey;
  platform: string;
}

/** A message that went to a linked device, kept until it is acknowledged, in case the client asks for it again. */
export interface SentMessage {
  /** Encoded Message, without padding. */
  plaintext: Buffer;
  fromDevice: SimulatedDevice;
  /** The stanza without its encrypted part. */
  envelope: BinaryNode;
  delivery: Delivery;
}

/** A device that a real client has linked by scanning or by code. */
export interface LinkedDevice {
  kind: 'linked';
  id: number;
  registration: DeviceRegistration;
  preKeys: PublicPreKey[];
  lowPreKeysNotified: boolean;
  queue: StanzaQueue;
  connection: DeviceConnection | undefined;
  /** True from `<active/>` to the end of the connection: stanzas go out at once. */
  ready: boolean;
  /** Whether the first sync is over: the client has the keys and the history, and has asked for its settings. */
  bootstrapped: boolean;
  logins: number;
  /** Encryption for this device, one message after another: stanzas keep the order of their sending. */
  outbox: Serial;
  /** By message id. */
  sent: Map<string, SentMessage>;
  /** Ids of messages whose repeat is on its way while the client still says no to the first try. */
  expectedNacks: Set<string>;
}

export type Device = SimulatedDevice | LinkedDevice;

/** A device played by the simulator. `owner` must be unique per device. */
export const createSimulatedDevice = (
  id: number,
  owner: string,
  saved?: { signal: SavedSignalDevice; senderKeys: [string, string][]; arrivals: SavedArrival[] },
): SimulatedDevice => ({
  kind: 'simulated',
  id,
  owner,
  signal: createSignalDevice(`${owner}:${id}`, saved?.signal),
  senderKeys: createSenderKeys(saved?.senderKeys),
  inbox: createSerial(),
  arrivals: createArrivals(saved?.arrivals),
});

/** A newly linked device: no prekeys yet, nothing owed, not connected. */
export function createLinkedDevice(
  id: number,
  registration: DeviceRegistration,
  owed: SavedStanza[] = [],
): LinkedDevice {
  const device: LinkedDevice = {
    kind: 'linked',
    id,
    registration,
    preKeys: [],
    lowPreKeysNotified: false,
    queue: createStanzaQueue({
      owed,
      isReady: () => device.ready && device.connection !== undefined,
      send: (stanza) => device.connection?.send(stanza),
    }),
    connection: undefined,
    ready: false,
    bootstrapped: false,
    logins: 0,
    outbox: createSerial(),
    sent: new Map(),
    expectedNacks: new Set(),
  };
  return device;
}

/** Public keys to start a session with a linked device; uses up one of its one-time prekeys if any are left. */
export function takeBundle(device: LinkedDevice): PreKeyBundle {
  const { identity, registrationId, signedPreKey } = device.registration;
  return { identity, registrationId, signedPreKey, preKey: device.preKeys.shift() };
}
