/**
 * Receipts from simulated devices to the clients of an account: delivered (no type), read, played.
 */
import { jidOf, type Addressing } from '../directory/address.js';
import { linkedDevices, type Account } from '../directory/directory.js';
import { isoNow } from '../records/records.js';
import { node, stanzaTime } from '../wire/nodes.js';
import type { World } from '../world.js';

export interface OutgoingReceipt {
  from: Account;
  /** Device of the sender of the receipt. */
  device?: number;
  to: Account;
  ids: string[];
  /** Absent means delivered. */
  type?: 'read' | 'played' | undefined;
  addressing?: Addressing;
  /** The group in which the messages were sent. */
  group?: string | undefined;
}

/** Puts a receipt in the queue of every client of the account. @throws without ids. */
export function sendReceipt(world: World, receipt: OutgoingReceipt): void {
  const [first, ...rest] = receipt.ids;
  if (first === undefined) throw new Error('a receipt needs at least one message id');
  const items = rest.map((id) => node('item', { id }));
  const sender = jidOf(receipt.from, receipt.addressing ?? 'pn', receipt.device ?? 0);
  const stanza = node(
    'receipt',
    {
      from: receipt.group ?? sender,
      participant: receipt.group ? sender : undefined,
      id: first,
      type: receipt.type,
      t: stanzaTime(),
    },
    items.length > 0 ? [node('list', {}, items)] : undefined,
  );
  for (const device of linkedDevices(receipt.to)) device.queue.push(stanza);
  world.records.given.add({
    waIds: receipt.ids,
    from: receipt.from.number,
    to: receipt.to.number,
    type: receipt.type ?? 'delivered',
    at: isoNow(),
  });
}
