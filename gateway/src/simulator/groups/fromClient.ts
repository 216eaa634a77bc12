/**
 * A client's message to a group: the parts for single devices bring the sender's key, the common part the message.
 */
import { type BinaryNode } from '@whiskeysockets/baileys';
import { jidOf, parseAddress } from '../directory/address.js';
import type { Device } from '../directory/devices.js';
import type { Account } from '../directory/directory.js';
import type { Session } from '../login/session.js';
import type { AddressedPart } from '../messages/parts.js';
import { receiveMessage } from '../messages/receive.js';
import { childrenOf, node, stanzaTime } from '../wire/nodes.js';
import { membersOf, type Group } from './groups.js';

interface Recipient {
  account: Account;
  device: Device;
  encs: BinaryNode[];
}

function forward(session: Session, stanza: BinaryNode, scene: { group: Group; recipient: Recipient }): void {
  const { account, device } = session;
  const { group, recipient } = scene;
  const other = group.addressing === 'lid' ? 'pn' : 'lid';
  if (recipient.device.kind !== 'linked') return;
  const attrs = {
    from: group.id,
    participant: jidOf(account, group.addressing, device.id),
    [`participant_${other}`]: jidOf(account, other),
    addressing_mode: group.addressing,
    id: stanza.attrs.id,
    type: stanza.attrs.type,
    notify: account.name,
    t: stanzaTime(),
  };
  recipient.device.queue.push(node('message', attrs, recipient.encs));
}

/** Carries the stanza to every device of every member except the one that sent it. */
export async function carryToGroup(
  session: Session,
  stanza: BinaryNode,
  parts: AddressedPart[],
): Promise<void> {
  const { world, account, device } = session;
  const group = world.groups.find(stanza.attrs.to ?? '');
  if (!group?.members.has(account.number)) {
    world.records.flag(
      'unknown_recipient',
      `message ${stanza.attrs.id ?? ''} to ${stanza.attrs.to ?? ''}`,
      account.number,
    );
    return;
  }
  const common = childrenOf(stanza, 'enc').filter(({ attrs }) => attrs.type === 'skmsg');
  const partOf = (owner: Account, id: number): BinaryNode[] =>
    parts.flatMap(({ jid, enc }) =>
      world.directory.byJid(jid) === owner && (parseAddress(jid)?.device ?? 0) === id ? [enc] : [],
    );
  const work: Promise<void>[] = [];
  for (const member of membersOf(world.directory, group)) {
    for (const target of member.devices.values()) {
      const recipient = { account: member, device: target, encs: [...partOf(member, target.id), ...common] };
      if (target === device || recipient.encs.length === 0) continue;
      if (target.kind === 'linked') forward(session, stanza, { group, recipient });
      else
        for (const enc of recipient.encs)
          work.push(receiveMessage({ session, stanza }, { account: member, device: target, enc }));
    }
  }
  await Promise.all(work);
}
