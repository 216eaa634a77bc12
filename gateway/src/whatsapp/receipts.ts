/**
 * Delivery, read and played receipts, read from the stanza itself: Baileys merges them into other events or drops them,
 * depending on the order in which they come. Pure.
 */
import { bareJid } from '../domain/address.js';
import type { BinaryNode } from '@whiskeysockets/baileys';

export interface Receipt {
  waIds: string[];
  status: 'delivered' | 'read' | 'played';
  /** Whose receipt it is: the JID as the chat names the person. */
  from: string;
}

const STATUS_OF: Record<string, Receipt['status']> = {
  delivery: 'delivered',
  read: 'read',
  played: 'played',
};

function listedIds(node: BinaryNode): string[] {
  if (!Array.isArray(node.content)) return [];
  const lists = node.content.filter((child) => child.tag === 'list');
  const items = lists.flatMap((list) => (Array.isArray(list.content) ? list.content : []));
  return items.map((item) => item.attrs.id ?? '').filter((id) => id !== '');
}

/**
 * The receipt in a `<receipt>` stanza, or null when it says nothing about the recipient: retry requests, and what our
 * own account's other devices did (`ownJids`: our phone JID and LID).
 */
export function readReceipt(node: BinaryNode, ownJids: readonly string[]): Receipt | null {
  const { id, type = 'delivery', from = '', participant } = node.attrs;
  const status = STATUS_OF[type];
  const sender = bareJid(participant ?? from);
  if (!status || id === undefined || ownJids.includes(sender)) return null;
  return { waIds: [id, ...listedIds(node)], status, from: sender };
}
