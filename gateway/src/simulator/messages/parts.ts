/**
 * The encrypted parts of a client's message and the device each is for. Pure.
 */
import { type BinaryNode, childOf, childrenOf } from '../wire/nodes.js';

export interface AddressedPart {
  jid: string;
  enc: BinaryNode;
}

/** Without a list (answers to retry requests, messages to the own phone) the stanza is for one device. */
export function partsOf(stanza: BinaryNode): AddressedPart[] {
  const listed = childrenOf(childOf(stanza, 'participants'), 'to').flatMap((to) => {
    const enc = childOf(to, 'enc');
    return enc ? [{ jid: to.attrs.jid ?? '', enc }] : [];
  });
  const direct = childOf(stanza, 'enc');
  const directTo = stanza.attrs.participant ?? stanza.attrs.to ?? '';
  return direct && direct.attrs.type !== 'skmsg' ? [...listed, { jid: directTo, enc: direct }] : listed;
}
