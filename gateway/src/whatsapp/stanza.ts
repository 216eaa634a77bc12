/**
 * What a message's kind asks of the stanza around it, as WhatsApp's own clients write it. Pure; used by `sending`.
 */
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { MessageContent } from '../domain/message.js';

export interface StanzaParts {
  attributes: Record<string, string>;
  nodes: BinaryNode[];
}

const EDITED = '1';
const REVOKED_BY_SENDER = '7';

export function stanzaPartsOf({ type }: MessageContent): StanzaParts {
  const parts: StanzaParts = { attributes: {}, nodes: [] };
  if (type === 'edit') parts.attributes = { edit: EDITED };
  if (type === 'revoke') parts.attributes = { edit: REVOKED_BY_SENDER };
  if (type === 'poll') parts.nodes = [{ tag: 'meta', attrs: { polltype: 'creation' } }];
  return parts;
}
