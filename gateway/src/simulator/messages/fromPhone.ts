/**
 * A person types: on a contact's phone (an incoming message for a session) or on the session's own phone.
 * The message goes to all devices of the recipient and, as a copy, to the clients that the sender has linked.
 */
import { proto } from '@whiskeysockets/baileys';
import { jidOf, type Addressing } from '../directory/address.js';
import { linkedDevices, phoneOf, simulatedDevices, type Account } from '../directory/directory.js';
import { node, stanzaTime, type Attributes } from '../wire/nodes.js';
import type { World } from '../world.js';
import { isoNow } from '../records/records.js';
import { newMessageId, textOf } from './content.js';
import { recordSeen } from './seen.js';
import { sendEncrypted, type Unavailable } from './toLinkedDevice.js';

export interface TypedMessage {
  from: Account;
  to: Account;
  content: proto.IMessage;
  /** Further attributes of the stanza: its type, `edit`, ... */
  attributes?: Attributes;
  isCorrupted?: boolean | undefined;
  unavailable?: Unavailable | undefined;
  addressing?: Addressing;
  /** A given id; by default a new one. */
  waId?: string;
}

function envelope(typed: TypedMessage, waId: string, copy: boolean): ReturnType<typeof node> {
  const { from, to } = typed;
  const addressing = typed.addressing ?? 'pn';
  const alternative = addressing === 'pn' ? 'lid' : 'pn';
  return node('message', {
    from: jidOf(from, addressing),
    recipient: copy ? jidOf(to, addressing) : undefined,
    [copy ? `recipient_${alternative}` : `sender_${alternative}`]: jidOf(copy ? to : from, alternative),
    addressing_mode: addressing === 'lid' ? 'lid' : undefined,
    id: waId,
    type: 'text',
    notify: from.name,
    t: stanzaTime(),
    ...typed.attributes,
  });
}

/** Sends it and returns its id once it is in the queue of every linked device. */
export async function sendTyped(world: World, typed: TypedMessage): Promise<string> {
  const { from, to, content, isCorrupted, unavailable } = typed;
  const waId = typed.waId ?? newMessageId();
  const addressing = typed.addressing ?? 'pn';
  const phone = { account: from, device: phoneOf(from) };
  to.acquaintances.add(from.number);
  from.acquaintances.add(to.number);
  world.records.written.add({
    waId,
    from: from.number,
    chat: to.number,
    addressing,
    content,
    at: isoNow(),
  });
  for (const device of simulatedDevices(to)) {
    const facts = { waId, from: from.number, fromDevice: 0, chat: from.number, copy: false, addressing };
    recordSeen(
      world,
      { account: to, device },
      { ...facts, edit: null, encryption: 'none', message: content },
    );
  }
  const plaintext = Buffer.from(proto.Message.encode(content).finish());
  const text = textOf(content);
  const sends = linkedDevices(to).map((device) =>
    sendEncrypted(
      { world, from: phone, to: { account: to, device } },
      { envelope: envelope(typed, waId, false), plaintext, text, isCorrupted, unavailable },
    ),
  );
  const copies = linkedDevices(from).map((device) => {
    const copy = { deviceSentMessage: { destinationJid: jidOf(to, addressing), message: content } };
    return sendEncrypted(
      { world, from: phone, to: { account: from, device } },
      {
        envelope: envelope(typed, waId, true),
        plaintext: Buffer.from(proto.Message.encode(copy).finish()),
        text,
      },
    );
  });
  await Promise.all([...sends, ...copies]);
  return waId;
}
