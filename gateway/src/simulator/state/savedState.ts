/**
 * What of a simulator survives a restart, between memory and plain data: server keys, accounts, devices with their keys
 * and sessions, and stanzas that clients still have to get. Records, faults and running waits do not.
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
import { createGroups, type Group, type Groups, type Role } from '../groups/groups.js';
import { createOnlineSwitch } from '../directory/online.js';
import type { Restrictions } from '../directory/restrictions.js';
import type { SavedStanza } from '../directory/stanzaQueue.js';
import type { TlsIdentity } from '../media/tlsIdentity.js';
import type { IdentityKeyPair, KeyPair } from '../signal/curve.js';
import type { PublicPreKey } from '../signal/preKeyBundle.js';
import type { SavedSignalDevice } from '../signal/signalDevice.js';
import type { World } from '../world.js';

interface SavedSimulatedDevice {
  kind: 'simulated';
  id: number;
  owner: string;
  signal: SavedSignalDevice;
  senderKeys: [string, string][];
  arrivals: [string, number][];
}

interface SavedLinkedDevice {
  kind: 'linked';
  id: number;
  registration: DeviceRegistration;
  preKeys: PublicPreKey[];
  bootstrapped: boolean;
  logins: number;
  owed: SavedStanza[];
}

interface SavedAccount {
  kind: AccountKind;
  number: string;
  name: string;
  lastDeviceId: number;
  policy: ReceiptPolicy;
  restrictions: Restrictions;
  business?: BusinessProfile | undefined;
  acquaintances: string[];
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
}

function saveDevice(device: Device): SavedSimulatedDevice | SavedLinkedDevice {
  if (device.kind === 'simulated') {
    const { kind, id, owner, signal, senderKeys, arrivals } = device;
    return { kind, id, owner, signal: signal.save(), senderKeys: senderKeys.save(), arrivals: [...arrivals] };
  }
  const { kind, id, registration, preKeys, bootstrapped, logins, queue } = device;
  return { kind, id, registration, preKeys, bootstrapped, logins, owed: queue.save() };
}

/** The present state as plain data. */
export const saveWorld = ({ keys, tls, directory, groups }: World): SavedState => ({
  tls,
  keys: { root: keys.root, static: keys.static },
  groups: groups.all().map(({ members, keyHolders, ...group }) => ({
    ...group,
    members: [...members],
    keyHolders: [...keyHolders].map(([number, peers]) => [number, [...peers]]),
  })),
  accounts: directory.all().map((account) => {
    const { kind, number, name, lastDeviceId, policy, restrictions, business } = account;
    return {
      ...{ kind, number, name, lastDeviceId, policy, restrictions, business },
      acquaintances: [...account.acquaintances],
      appState: [...account.appState],
      devices: [...account.devices.values()].map(saveDevice),
    };
  }),
});

function restoreDevice(saved: SavedSimulatedDevice | SavedLinkedDevice): Device {
  if (saved.kind === 'simulated') {
    const device = createSimulatedDevice(saved.id, saved.owner, saved);
    device.arrivals = new Map(saved.arrivals);
    return device;
  }
  const { id, registration, preKeys, bootstrapped, logins, owed } = saved;
  return Object.assign(createLinkedDevice(id, registration, owed), { preKeys, bootstrapped, logins });
}

const restoreAccount = (saved: SavedAccount): Account => ({
  ...saved,
  lid: lidOf(saved.number),
  business: saved.business,
  online: createOnlineSwitch(),
  acquaintances: new Set(saved.acquaintances),
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
    groups.restore({ ...group, members: new Map(members), keyHolders: holders });
  }
  return groups;
}
