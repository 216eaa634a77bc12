/**
 * A simulated device asks a client to send a message again, up to five times, with its keys from the second time on.
 */
import { addressingOf, jidOf } from '../directory/address.js';
import type { Arrival, Receiver } from '../messages/receive.js';
import { bundleNodes } from '../signal/preKeyBundle.js';
import { bigEndian, node, stanzaTime } from '../wire/nodes.js';

/** As many as Baileys answers. */
const MAX_RETRIES = 5;

/** Queues the retry receipt for the device that sent the message. */
export function requestRetry({ session, stanza }: Arrival, { account, device, enc }: Receiver): void {
  const id = stanza.attrs.id ?? '';
  // The count of an answer tells how often it was asked for.
  const count = Number(enc.attrs.count ?? 0) + 1;
  if (count > MAX_RETRIES) return;
  const own = account === session.account;
  const { to = '' } = stanza.attrs;
  const group = session.world.groups.find(to);
  const addressing = group?.addressing ?? addressingOf(to);
  const asker = jidOf(account, addressing, device.id);
  const content = [
    node('retry', { count, id, t: stanza.attrs.t ?? stanzaTime(), v: 1 }),
    node('registration', {}, bigEndian(device.signal.registrationId, 4)),
  ];
  if (count > 1) {
    const keys = bundleNodes(device.signal.issueBundle()).filter(({ tag }) => tag !== 'registration');
    content.push(node('keys', {}, keys));
  }
  const attrs = {
    from: group?.id ?? asker,
    participant: group ? asker : undefined,
    recipient: own && !group ? to : undefined,
    id,
    type: 'retry',
    t: stanzaTime(),
  };
  session.device.queue.push(node('receipt', attrs, content));
}
