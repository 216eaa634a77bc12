/**
 * The encrypted parts of a client's message and the device each is for. Pure.
 */
import { getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import type { BinaryNode } from '../wire/nodes.js';

export interface AddressedPart {
  jid: string;
  enc: BinaryNode;
}

/** Without a list (answers to retry requests, messages to the own phone) the stanza is for one device. */
export function partsOf(stanza: BinaryNode): AddressedPart[] {
  const listed = getBinaryNodeChildren(getBinaryNodeChild(stanza, 'participants'), 'to').flatMap((to) => {
    const enc = getBinaryNodeChild(to, 'enc');
    return enc ? [{ jid: to.attrs.jid ?? '', enc }] : [];
  });
  const direct = getBinaryNodeChild(stanza, 'enc');
  const directTo = stanza.attrs.participant ?? stanza.attrs.to ?? '';
  return direct && direct.attrs.type !== 'skmsg' ? [...listed, { jid: directTo, enc: direct }] : listed;
}
