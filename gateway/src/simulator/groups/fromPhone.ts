/**
 * A person writes in a group: one encryption with the sender's key, which every linked device that lacks it gets first.
 */
import { proto } from '@whiskeysockets/baileys';
import { jidOf } from '../directory/address.js';
import {
  linkedDevices,
  phoneOf,
  signalPeer,
  simulatedDevices,
  type Account,
} from '../directory/directory.js';
import { newMessageId, pad, textOf } from '../messages/content.js';
import { isoNow } from '../records/records.js';
import { recordSeen } from '../messages/seen.js';
import { encryptFor, enqueue, newDelivery, type Route } from '../messages/toLinkedDevice.js';
import { node, stanzaTime, type Attributes, type BinaryNode } from '../wire/nodes.js';
import type { World } from '../world.js';
import { membersOf, type Group } from './groups.js';

export interface GroupMessage {
  from: Account;
  group: Group;
  content: proto.IMessage;
  attributes?: Attributes;
  waId?: string | undefined;
}

function envelopeOf({ from, group, attributes }: GroupMessage, waId: string): BinaryNode {
  const other = group.addressing === 'lid' ? 'pn' : 'lid';
  return node('message', {
    from: group.id,
    participant: jidOf(from, group.addressing),
    [`participant_${other}`]: jidOf(from, other),
    addressing_mode: group.addressing,
    id: waId,
    type: 'text',
    notify: from.name,
    t: stanzaTime(),
    ...attributes,
  });
}

const encode = (part: proto.IMessage): Buffer => Buffer.from(proto.Message.encode(part).finish());

/** The encryption for all, and the message that hands out the key to read it with. */
function encryptOnce({
  from,
  group,
  content,
}: GroupMessage): Promise<{ common: BinaryNode; keyMessage: proto.IMessage }> {
  const { senderKeys, inbox } = phoneOf(from);
  const self = signalPeer(from, 0);
  // One after another: the key that is handed out must be the one just before the message.
  return inbox.run(async () => {
    const axolotlSenderKeyDistributionMessage = await senderKeys.distribution(group.id, self);
    const body = await senderKeys.encrypt(group.id, self, pad(encode(content)));
    const senderKeyDistributionMessage = { groupId: group.id, axolotlSenderKeyDistributionMessage };
    return {
      common: node('enc', { v: 2, type: 'skmsg' }, body),
      keyMessage: { senderKeyDistributionMessage },
    };
  });
}

/** Those who have the sender's key already. */
function holdersOf({ group, from }: GroupMessage): Set<string> {
  const holders = group.keyHolders.get(from.number) ?? new Set<string>();
  group.keyHolders.set(from.number, holders);
  return holders;
}

interface Encrypted {
  waId: string;
  common: BinaryNode;
  keyMessage: proto.IMessage;
}

function sendToDevice(
  route: Route,
  message: GroupMessage,
  { waId, common, keyMessage }: Encrypted,
): Promise<void> {
  const { world, from, to } = route;
  const envelope = envelopeOf(message, waId);
  // A client that cannot read it gets the message and the key together, in an encryption of its own.
  const plaintext = encode({ ...message.content, ...keyMessage });
  const delivery = {
    ...newDelivery(route, { envelope, text: textOf(message.content) }),
    chat: message.group.id,
  };
  world.records.deliveries.add(delivery);
  return to.device.outbox.run(async () => {
    const holders = holdersOf(message);
    const peer = signalPeer(to.account, to.device.id);
    const keyPart = holders.has(peer) ? [] : [await encryptFor(route, encode(keyMessage))];
    holders.add(peer);
    const sent = { plaintext, fromDevice: from.device, envelope, delivery };
    enqueue(route, sent, { encs: [...keyPart, common], afterOffline: false });
  });
}

/** Sends it and returns its id once it is in the queue of every linked device. */
export async function sendToGroup(world: World, message: GroupMessage): Promise<string> {
  const { from, group, content } = message;
  const waId = message.waId ?? newMessageId();
  const { addressing } = group;
  world.records.written.add({
    ...{ waId, from: from.number, chat: group.id, addressing, content },
    at: isoNow(),
  });
  const encrypted = { waId, ...(await encryptOnce(message)) };
  const facts = {
    waId,
    from: from.number,
    fromDevice: 0,
    chat: group.id,
    copy: false,
    addressing: group.addressing,
  };
  const phone = { account: from, device: phoneOf(from) };
  const sends = membersOf(world.directory, group).flatMap((account) => {
    for (const device of account === from ? [] : simulatedDevices(account)) {
      recordSeen(world, { account, device }, { ...facts, edit: null, encryption: 'none', message: content });
    }
    return linkedDevices(account).map((device) =>
      sendToDevice({ world, from: phone, to: { account, device } }, message, encrypted),
    );
  });
  await Promise.all(sends);
  return waId;
}
