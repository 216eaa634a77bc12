/**
 * The ways in which the server ends a stream, by the code that clients report.
 */
import type { DeviceConnection } from '../directory/devices.js';
import { node, SERVER_JID, type BinaryNode } from '../wire/nodes.js';

export const STREAM_ERRORS = [401, 403, 411, 440, 500, 503, 515] as const;
export type StreamErrorCode = (typeof STREAM_ERRORS)[number];

function stanzaFor(code: StreamErrorCode): BinaryNode {
  if (code === 401) return node('stream:error', { code }, [node('conflict', { type: 'device_removed' })]);
  // Another client logged in with the same credentials; this one has no code of its own.
  if (code === 440) return node('stream:error', {}, [node('conflict', { type: 'replaced' })]);
  // Not a stream error on the wire, but it ends the stream as well: the account left multi-device.
  if (code === 411) return node('ib', { from: SERVER_JID }, [node('downgrade_webclient')]);
  return node('stream:error', { code });
}

/** Ends a connection with a code. */
export function sendStreamError(connection: DeviceConnection, code: StreamErrorCode): void {
  connection.send(stanzaFor(code));
  connection.close();
}
