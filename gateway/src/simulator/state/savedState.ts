/**
 * What of a simulator survives a restart, between memory and plain data: server keys, accounts, devices with their keys
 * and sessions, stanzas that clients still have to get, and where files were served. Faults and running waits do not; see recordsFile.ts
 * for records and media/keptFiles.ts for files.
 */
import {
  createLinkedDevice,
  createSimulatedDevice,
  type Device,
  type DeviceRegistration,
} from '../directory/devices.js';
import {
  createDirectory,
  lidOf,
  type Account,
  type AccountKind,
  type BusinessProfile,
  type Directory,
  type ReceiptPolicy,
} from '../directory/directory.js';
import { createGroups, newSettings, type Group, type Groups, type Role } from '../groups/groups.js';
import { createOnlineSwitch } from '../directory/online.js';
import type { SavedArrival } from '../directory/arrivals.js';
import type { Restrictions } from '../directory/restrictions.js';
import type { SavedStanza } from '../directory/stanzaQueue.js';
import type { TlsIdentity } from '../media/tlsIdentity.js';
import type { IdentityKeyPair, KeyPair } from '../signal/curve.js';
import type { PublicPreKey } from '../signal/preKeyBundle.js';
import type { SavedSignalDevice } from '../signal/signalDevice.js';
import { bigEndian } from '../wire/nodes.js';
import type { World } from '../world.js';

interface SavedSimulatedDevice {
  kind: 'simulated';
  id: number;
  owner: string;
  signal: SavedSignalDevice;
  senderKeys: [string, string][];
  arrivals: SavedArrival[];
}

interface SavedLinkedDevice {
  kind: 'linked';
  id: number;
  registration: DeviceRegistration;
  /** Three bytes of id and 32 of key each, in one piece: a session has hundreds of them. */
  preKeys: Buffer;
  bootstrapped: boolean;
  logins: number;
  owed: SavedStanza[];
}

interface SavedAccount {
  kind: AccountKind;
  number: string;
  alsoNumbers: string[];
  name: string;
  lastDeviceId: number;
  policy: ReceiptPolicy;
  restrictions: Restrictions;
  business?: BusinessProfile | undefined;
  about?: Account['about'];
  disappearing?: Account['disappearing'];
  picture?: Account['picture'];
  acquaintances: string[];
  privacy: [string, string][];
  blocked: string[];
  appState: [string, Buffer[]][];
  devices: (SavedSimulatedDevice | SavedLinkedDevice)[];
}

interface SavedGroup extends Omit<Group, 'members' | 'keyHolders'> {
  members: [string, Role][];
  keyHolders: [string, string[]][];
}

export interface SavedState {
  keys: { root: IdentityKeyPair; static: KeyPair };
  tls: TlsIdentity;
  accounts: SavedAccount[];
  groups: SavedGroup[];
  /** Messages name the media host with its port; absent in the state of older versions. */
  media?: { port: number; expired: string[] };
}

const PREKEY_BYTES = 35;

const packPreKeys = (preKeys: PublicPreKey[]): Buffer =>
  Buffer.concat(preKeys.flatMap(({ id, public: key }) => [bigEndian(id, 3), key]));

const unpackPreKeys = (packed: Buffer): PublicPreKey[] =>
  Array.from({ length: packed.length / PREKEY_BYTES }, (_, index) => {
    const one = packed.subarray(index * PREKEY_BYTES, (index + 1) * PREKEY_BYTES);
    return { id: one.readUIntBE(0, 3), public: one.subarray(3) };
  });

function saveDevice(device: Device): SavedSimulatedDevice | SavedLinkedDevice {
  if (device.kind === 'simulated') {
    const { kind, id, owner, signal, senderKeys, arrivals } = device;
    return {
      kind,
      id,
      owner,
      signal: signal.save(),
      senderKeys: senderKeys.save(),
      arrivals: arrivals.save(),
    };
  }
  const { kind, id, registration, preKeys, bootstrapped, logins, queue } = device;
  const packed = packPreKeys(preKeys);
  return { kind, id, registration, preKeys: packed, bootstrapped, logins, owed: queue.save() };
}

/** The present state as plain data. */
export const saveWorld = ({ keys, tls, directory, groups, media }: World): SavedState => ({
  tls,
  media: { port: media.port, expired: media.expired() },
  keys: { root: keys.root, static: keys.static },
  groups: groups.all().map(({ members, keyHolders, ...group }) => ({
    ...group,
    members: [...members],
    keyHolders: [...keyHolders].map(([number, peers]) => [number, [...peers]]),
  })),
  accounts: directory.all().map((account) => {
    const { kind, number, alsoNumbers, name, lastDeviceId, policy, restrictions, business } = account;
    const { about, disappearing, picture } = account;
    return {
      ...{ kind, number, alsoNumbers, name, lastDeviceId, policy, restrictions, business },
      ...{ about, disappearing, picture },
      acquaintances: [...account.acquaintances],
      privacy: [...account.privacy],
      blocked: [...account.blocked],
      appState: [...account.appState],
      devices: [...account.devices.values()].map(saveDevice),
    };
  }),
});

function restoreDevice(saved: SavedSimulatedDevice | SavedLinkedDevice): Device {
  if (saved.kind === 'simulated') {
    return createSimulatedDevice(saved.id, saved.owner, saved);
  }
  const { id, registration, preKeys, bootstrapped, logins, owed } = saved;
  const more = { preKeys: unpackPreKeys(preKeys), bootstrapped, logins };
  return Object.assign(createLinkedDevice(id, registration, owed), more);
}

const restoreAccount = (saved: SavedAccount): Account => ({
  ...saved,
  lid: lidOf(saved.number),
  business: saved.business,
  online: createOnlineSwitch(),
  acquaintances: new Set(saved.acquaintances),
  privacy: new Map(saved.privacy),
  blocked: new Set(saved.blocked),
  appState: new Map(saved.appState),
  devices: new Map(saved.devices.map((device) => [device.id, restoreDevice(device)])),
});

/** A directory with the accounts of an earlier run. */
export function restoreDirectory(accounts: SavedAccount[]): Directory {
  const directory = createDirectory();
  for (const account of accounts) directory.restore(restoreAccount(account));
  return directory;
}

/** The groups of an earlier run. */
export function restoreGroups(saved: SavedGroup[]): Groups {
  const groups = createGroups();
  for (const { members, keyHolders, ...group } of saved) {
    const holders = new Map(keyHolders.map(([number, peers]) => [number, new Set(peers)]));
    groups.restore({ ...newSettings(), ...group, members: new Map(members), keyHolders: holders });
  }
  return groups;
}
