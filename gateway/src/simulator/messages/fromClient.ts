/**
 * A `<message>` from a client: acknowledged, then carried to every device it names. Simulated devices decrypt it,
 * linked ones get it forwarded. What the real server would swallow (nobody addressed, unknown device) is recorded.
 */
import { addressingOf, isGroup, jidOf, parseAddress } from '../directory/address.js';
import type { Account } from '../directory/directory.js';
import type { LinkedDevice } from '../directory/devices.js';
import type { Session, StanzaHandler } from '../login/session.js';
import { node, stanzaTime, type BinaryNode } from '../wire/nodes.js';
import { receiveMessage } from './receive.js';
import { carryToGroup } from '../groups/fromClient.js';
import { partsOf, type AddressedPart } from './parts.js';
import { acknowledgeMessage } from './acks.js';

/** Passes a part on to a client that the recipient (or the sender) has linked. */
function forward(
  session: Session,
  stanza: BinaryNode,
  to: { account: Account; device: LinkedDevice; enc: BinaryNode },
): void {
  const { account, device, world } = session;
  const addressing = addressingOf(stanza.attrs.to ?? '');
  const other = jidOf(account, addressing === 'pn' ? 'lid' : 'pn');
  const attrs = {
    from: jidOf(account, addressing, device.id),
    id: stanza.attrs.id,
    type: stanza.attrs.type,
    t: stanzaTime(),
    notify: account.name,
    recipient: to.account === account ? stanza.attrs.to : undefined,
    addressing_mode: addressing === 'lid' ? 'lid' : undefined,
    [addressing === 'pn' ? 'sender_lid' : 'sender_pn']: other,
  };
  to.device.queue.push(node('message', attrs, [to.enc]), {
    onSent: () => world.metrics.count('messagesOut'),
  });
}

async function carry(session: Session, stanza: BinaryNode, part: AddressedPart): Promise<void> {
  const { world } = session;
  const account = world.directory.byJid(part.jid);
  const device = account?.devices.get(parseAddress(part.jid)?.device ?? 0);
  if (!account || !device) {
    world.records.flag(
      'unknown_device',
      `message ${stanza.attrs.id ?? ''} for ${part.jid}`,
      session.account.number,
    );
  } else if (device.kind === 'linked') {
    forward(session, stanza, { account, device, enc: part.enc });
  } else {
    await receiveMessage({ session, stanza }, { account, device, enc: part.enc });
  }
}

/** Notes a message that reaches nobody although its sender gets an acknowledgement. */
function flagLostMessage({ world, account }: Session, stanza: BinaryNode, parts: AddressedPart[]): void {
  const { id = '', to = '' } = stanza.attrs;
  const target = world.directory.byJid(to);
  if (!target) {
    world.records.flag('unknown_recipient', `message ${id} to ${to}`, account.number);
  } else if (!parts.some(({ jid }) => world.directory.byJid(jid) === target)) {
    world.records.flag(
      'no_recipients',
      `message ${id} to ${to} has no device of the recipient`,
      account.number,
    );
  }
}

export const handleMessage: StanzaHandler = async (session, stanza) => {
  session.world.metrics.count('messagesIn');
  const parts = partsOf(stanza);
  if (!acknowledgeMessage(session, stanza)) return;
  if (isGroup(stanza.attrs.to ?? '')) return carryToGroup(session, stanza, parts);
  flagLostMessage(session, stanza, parts);
  const target = session.world.directory.byJid(stanza.attrs.to);
  if (target) {
    session.account.acquaintances.add(target.number);
    target.acquaintances.add(session.account.number);
  }
  await Promise.all(parts.map((part) => carry(session, stanza, part)));
};
