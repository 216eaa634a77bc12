/**
 * What a connection is used for after its handshake: pairing, or the session of a linked device.
 */
import type { BinaryNode } from '../wire/nodes.js';

export interface Phase {
  onNode(stanza: BinaryNode): void;
  onClose(): void;
}
