/**
 * Tells a client that its one-time prekeys are running out, once per upload.
 */
import { randomBytes } from 'node:crypto';
import type { LinkedDevice } from '../directory/devices.js';
import { node, SERVER_JID, stanzaTime } from '../wire/nodes.js';

/** Baileys 7.0.0-rc14 uploads five more when told of fewer than five. */
const LOW_PREKEYS = 5;

/** Notifies the client if it has become necessary; call it after a prekey was taken. */
export function notifyLowPreKeys(device: LinkedDevice): void {
  if (device.preKeys.length >= LOW_PREKEYS || device.lowPreKeysNotified) return;
  device.lowPreKeysNotified = true;
  const id = randomBytes(6).toString('hex');
  const content = [node('count', { value: device.preKeys.length })];
  device.queue.push(
    node('notification', { type: 'encrypt', from: SERVER_JID, id, t: stanzaTime() }, content),
  );
}
