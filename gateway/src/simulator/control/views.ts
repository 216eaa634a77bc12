/**
 * What the control API shows of accounts and connections: no keys, no internals.
 */
import { jidOf } from '../directory/address.js';
import type { Account } from '../directory/directory.js';
import type { Device } from '../directory/devices.js';
import type { OpenConnection } from '../connections.js';
import { toJson } from '../messages/content.js';
import type { SeenMessage } from '../records/records.js';
import type { Group } from '../groups/groups.js';
import type { WaitingClient } from '../pairing/pairing.js';
import type {
  AccountView,
  ConnectionView,
  DeviceView,
  GroupView,
  MessageView,
  PairingView,
} from './answers.js';

function viewDevice(device: Device): DeviceView {
  if (device.kind === 'simulated') {
    const none = { platform: null, owed: 0, preKeys: null, logins: 0 };
    return { id: device.id, kind: 'simulated', connected: true, ready: true, ...none };
  }
  return {
    id: device.id,
    kind: 'linked',
    connected: device.connection !== undefined,
    ready: device.ready,
    platform: device.registration.platform,
    owed: device.queue.size(),
    preKeys: device.preKeys.length,
    logins: device.logins,
  };
}

export const viewAccount = (account: Account): AccountView => ({
  kind: account.kind,
  number: account.number,
  name: account.name,
  jid: jidOf(account, 'pn'),
  lid: jidOf(account, 'lid'),
  policy: { ...account.policy },
  devices: [...account.devices.values()].map(viewDevice),
});

export function viewConnection(entry: OpenConnection, account: Account | undefined): ConnectionView {
  const device = account?.devices.get(entry.device ?? -1);
  const ready = device?.kind === 'linked' && device.connection === entry.connection && device.ready;
  return { id: entry.id, session: entry.session, device: entry.device, ready, openedAt: entry.openedAt };
}

export const viewPairing = (client: WaitingClient): PairingView => ({
  platform: client.registration.platform,
  codeFor: client.codeRequest?.number ?? null,
});

export const viewMessage = (seen: SeenMessage): MessageView => ({ ...seen, message: toJson(seen.message) });

export const viewGroup = (group: Group): GroupView => {
  const { id, subject, addressing, isAnnouncement, isLocked, membersAdd, approvesJoining } = group;
  return {
    ...{ id, subject, addressing, isAnnouncement, isLocked, membersAdd, approvesJoining },
    ephemeralSeconds: group.ephemeralSeconds,
    inviteCode: group.inviteCode,
    description: group.description?.text ?? null,
    members: [...group.members].map(([number, role]) => ({ number, role })),
    requests: group.requests.map(({ number }) => number),
    community: group.community ?? null,
  };
};
