/**
 * What happens to accounts while others know them: a new phone, a companion more or less, restrictions.
 * The clients of those who know the account are told as the server tells them.
 */
import { randomBytes } from 'node:crypto';
import type { World } from '../world.js';
import { node, SERVER_JID, stanzaTime, type BinaryNode } from '../wire/nodes.js';
import { jidOf } from './address.js';
import { createSimulatedDevice } from './devices.js';
import { linkedDevices, takeDeviceId, type Account } from './directory.js';

/** News from the server, with an id of its own. */
export const notification = (type: string, from: string, content: BinaryNode[]): BinaryNode =>
  node('notification', { type, from, id: randomBytes(8).toString('hex'), t: stanzaTime() }, content);

/** Tells the clients of everybody who has exchanged a message with the account. */
export function tellAcquaintances(world: World, account: Account, stanza: BinaryNode): void {
  for (const number of account.acquaintances) {
    const other = world.directory.byNumber(number);
    if (other) for (const device of linkedDevices(other)) device.queue.push(stanza);
  }
}

/** The account's owner installs WhatsApp on a new phone: another identity, companions gone, sessions forgotten. */
export function reinstall(world: World, account: Account, announce: boolean): void {
  for (const [id, device] of account.devices) if (device.kind === 'simulated') account.devices.delete(id);
  const phone = createSimulatedDevice(0, `${account.lid}/${randomBytes(4).toString('hex')}`);
  account.devices = new Map([[0, phone], ...account.devices]);
  if (announce)
    tellAcquaintances(world, account, notification('encrypt', jidOf(account, 'pn'), [node('identity')]));
}

export interface DeviceChange {
  change: 'add' | 'remove';
  id: number;
}

/** Tells everybody who knows the account, and its own other clients, that it has one device more or less. */
export function announceDevice(world: World, account: Account, { change, id }: DeviceChange): void {
  const device = node('device', { jid: jidOf(account, 'pn', id), 'key-index': id });
  const stanza = notification('devices', jidOf(account, 'pn'), [
    node(change, { device_hash: '2:simulated' }, [device]),
  ]);
  tellAcquaintances(world, account, stanza);
  for (const own of linkedDevices(account)) if (own.id !== id) own.queue.push(stanza);
}

/** Adds a companion played by the simulator and returns its id. */
export function addCompanion(world: World, account: Account): number {
  const id = takeDeviceId(account);
  account.devices.set(id, createSimulatedDevice(id, account.lid));
  announceDevice(world, account, { change: 'add', id });
  return id;
}

/** Removes such a companion; false when there is none. */
export function removeCompanion(world: World, account: Account, id: number): boolean {
  if (id === 0 || account.devices.get(id)?.kind !== 'simulated') return false;
  account.devices.delete(id);
  announceDevice(world, account, { change: 'remove', id });
  return true;
}

/** Tells the clients of an account about its restrictions, as they are now. */
export function announceRestrictions(account: Account): void {
  const { timelock, capping } = account.restrictions;
  const updates: [string, object][] = [
    [
      'NotificationUserReachoutTimelockUpdate',
      {
        xwa2_notify_account_reachout_timelock: {
          is_active: timelock !== undefined,
          time_enforcement_ends: timelock && String(Math.floor(timelock.endsAt / 1000)),
          enforcement_type: timelock?.enforcementType ?? 'DEFAULT',
        },
      },
    ],
    ['MessageCappingInfoNotification', { xwa2_notify_new_chat_messages_capping_info_update: capping }],
  ];
  for (const [name, data] of updates) {
    const update = node('update', { op_name: name }, Buffer.from(JSON.stringify({ data })));
    for (const device of linkedDevices(account)) device.queue.push(notification('mex', SERVER_JID, [update]));
  }
}
