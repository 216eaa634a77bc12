/**
 * Reads what comes in on a socket before Baileys does: stanzas for the inbox, acknowledgements, receipts.
 * One per socket, used by `session`.
 */
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Acks } from './acks.js';
import type { Inbox } from './inbox.js';
import { ownJids, type Me } from './me.js';
import { readReceipt, type Receipt } from './receipts.js';

export interface FrameReaderDeps {
  inbox: Pick<Inbox, 'observe'>;
  acks: Pick<Acks, 'receive'>;
  me: () => Me;
  onReceipt: (receipt: Receipt) => void;
}

export function createFrameReader({ inbox, acks, me, onReceipt }: FrameReaderDeps) {
  /** The handshake's frames are bytes; they say nothing here. */
  return function readFrame(frame: BinaryNode | Uint8Array): void {
    if (frame instanceof Uint8Array) return;
    inbox.observe(frame);
    if (frame.tag === 'ack' && frame.attrs.class === 'message') acks.receive(frame.attrs);
    if (frame.tag !== 'receipt') return;
    const receipt = readReceipt(frame, ownJids(me()));
    if (receipt) onReceipt(receipt);
  };
}
