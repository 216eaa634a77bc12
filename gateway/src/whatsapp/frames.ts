/**
 * Reads what comes in on a socket before Baileys does: stanzas for the inbox, acknowledgements. Receipts are read in
 * receiptGate.
 * One per socket, used by `session`.
 */
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Acks } from './acks.js';
import type { Inbox } from './inbox.js';

export interface FrameReaderDeps {
  inbox: Pick<Inbox, 'observe'>;
  acks: Pick<Acks, 'receive'>;
}

export function createFrameReader({ inbox, acks }: FrameReaderDeps) {
  /** The handshake's frames are bytes; they say nothing here. */
  return function readFrame(frame: BinaryNode | Uint8Array): void {
    if (frame instanceof Uint8Array) return;
    inbox.observe(frame);
    if (frame.tag === 'ack' && frame.attrs.class === 'message') acks.receive(frame.attrs);
  };
}
