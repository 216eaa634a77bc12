/**
 * Login of a linked device: the Noise static key must be the one it was paired with. A second login of the same device
 * ends the first connection (440), an unknown device is sent away (401).
 */
import { jidOf } from '../directory/address.js';
import { announceDevice } from '../directory/changes.js';
import type { DeviceConnection, LinkedDevice } from '../directory/devices.js';
import type { Account } from '../directory/directory.js';
import type { ClientHandshake } from '../wire/channel.js';
import { node, stanzaTime } from '../wire/nodes.js';
import type { World } from '../world.js';
import type { Phase } from './phase.js';
import { sendStreamError } from './streamError.js';
import { dispatchStanza, type Session, type StanzaHandlers } from './session.js';

export interface Login {
  start(connection: DeviceConnection, handshake: ClientHandshake): Phase;
}

export interface LoginDeps {
  world: World;
  handlers: StanzaHandlers;
}

const LOGGED_OUT = 401;
const deadPhase: Phase = { onNode: () => undefined, onClose: () => undefined };

/** Ends a login attempt with a reason code, as the server does for removed, banned or outdated clients. */
function refuse(connection: DeviceConnection, reason: number): Phase {
  connection.send(node('failure', { reason, location: 'sim' }));
  connection.close();
  return deadPhase;
}

function findDevice(
  world: World,
  { payload, staticKey }: ClientHandshake,
): { account: Account; device: LinkedDevice } | undefined {
  const account = world.directory.byNumber(String(payload.username ?? ''));
  const device = account?.devices.get(payload.device ?? 0);
  if (!account || device?.kind !== 'linked' || !device.registration.noiseKey.equals(staticKey))
    return undefined;
  return { account, device };
}

function openSession(session: Session, handlers: StanzaHandlers): Phase {
  const { world, account, device, connection } = session;
  const previous = device.connection;
  device.connection = connection;
  device.ready = false;
  device.logins += 1;
  if (previous) {
    // Two owners use the same credentials, unless the older one is on its way out or its link is dead.
    if (previous.isOpen()) world.records.flag('second_login', `device ${device.id}`, account.number);
    sendStreamError(previous, 440);
  }
  world.metrics.count('logins');
  connection.send(
    node('success', {
      t: stanzaTime(),
      props: 27,
      location: 'sim',
      lid: jidOf(account, 'lid', device.id),
      creation: stanzaTime(),
    }),
  );
  world.changes.notify();
  return {
    onNode: (stanza) => void dispatchStanza(handlers, session, stanza),
    onClose() {
      if (device.connection !== connection) return;
      device.connection = undefined;
      device.ready = false;
      world.changes.notify();
    },
  };
}

/** The login desk of one simulator. */
export function createLogin({ world, handlers }: LoginDeps): Login {
  return {
    start(connection, handshake) {
      const fault = world.faults.take('fail_login', { session: String(handshake.payload.username ?? '') });
      if (fault) return refuse(connection, fault.code ?? LOGGED_OUT);
      const found = findDevice(world, handshake);
      if (!found) return refuse(connection, LOGGED_OUT);
      return openSession({ world, ...found, connection }, handlers);
    },
  };
}

/** Removes a linked device: its client is told (401) and cannot log in again. False when there is no such device. */
export function unlinkDevice(world: World, account: Account, deviceId: number): boolean {
  const device = account.devices.get(deviceId);
  if (device?.kind !== 'linked') return false;
  account.devices.delete(deviceId);
  announceDevice(world, account, { change: 'remove', id: deviceId });
  const { connection } = device;
  connection?.send(
    node('stream:error', { code: LOGGED_OUT }, [node('conflict', { type: 'device_removed' })]),
  );
  connection?.close();
  world.changes.notify();
  return true;
}
