/**
 * What the owner of an account has read on one device, told to the account's clients, as the server does: they show the chat as
 * read. Used when a simulated phone reads, and when one of several clients does. It tells the message's sender nothing.
 */
import { jidOf, type Addressing } from '../directory/address.js';
import { linkedDevices, type Account } from '../directory/directory.js';
import { node, stanzaTime } from '../wire/nodes.js';

export interface OwnRead {
  reader: Account;
  /** Device that it was read on: 0 is the phone. */
  device?: number;
  author: Account;
  ids: string[];
  /** `read-self` when the sender is not told, because the owner keeps read receipts to themselves. */
  type: 'read' | 'read-self';
  addressing: Addressing;
  group?: string | undefined;
}

/** Puts the receipt in the queue of every client but the one that it was read on. */
export function announceOwnRead({ reader, author, ids, type, ...where }: OwnRead): void {
  const { device = 0, addressing, group } = where;
  const [first, ...rest] = ids;
  const own = jidOf(reader, addressing, device);
  const items = rest.map((id) => node('item', { id }));
  const attrs = {
    from: group ?? own,
    participant: group ? own : undefined,
    recipient: jidOf(author, addressing),
    id: first,
    type,
    t: stanzaTime(),
  };
  const stanza = node('receipt', attrs, items.length > 0 ? [node('list', {}, items)] : undefined);
  for (const client of linkedDevices(reader)) if (client.id !== device) client.queue.push(stanza);
}
