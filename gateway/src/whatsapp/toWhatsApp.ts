/**
 * A message of ours as the protobuf that WhatsApp carries. Pure: the same message always gives the same protobuf, so
 * that a resend after a restart is the message that was sent. Files need an upload and quotes a look into the store
 * first: those are added by `outgoing`.
 */
import { proto } from '@whiskeysockets/baileys';
import type {
  ContactsContent,
  EditContent,
  LocationContent,
  MediaContent,
  Message,
  MessageContent,
  MessageTarget,
  PollContent,
  ReactionContent,
  RevokeContent,
  TextContent,
} from '../domain/message.js';

/** Everything that is said without a file. */
export type PlainContent = Exclude<MessageContent, MediaContent>;

const { Type } = proto.Message.ProtocolMessage;

const keyOf = (chatJid: string, target: MessageTarget): proto.IMessageKey => ({
  remoteJid: chatJid,
  fromMe: target.fromMe,
  id: target.waId,
  ...(target.participant !== null && { participant: target.participant }),
});

function text({ text: { body, mentions } }: TextContent): proto.IMessage {
  const contextInfo = mentions && mentions.length > 0 ? { contextInfo: { mentionedJid: mentions } } : {};
  return { extendedTextMessage: { text: body, ...contextInfo } };
}

const location = ({ location: place }: LocationContent): proto.IMessage => ({
  locationMessage: {
    degreesLatitude: place.latitude,
    degreesLongitude: place.longitude,
    ...(place.name !== undefined && { name: place.name }),
    ...(place.address !== undefined && { address: place.address }),
  },
});

/** One contact is a message of its own kind; several are a list with a title of its own. */
function contacts({ contacts: people }: ContactsContent): proto.IMessage {
  const cards = people.map(({ name, vcard }) => ({ displayName: name, vcard }));
  const [only] = cards;
  if (only && cards.length === 1) return { contactMessage: only };
  return { contactsArrayMessage: { displayName: `${String(cards.length)} contacts`, contacts: cards } };
}

/** Polls with one answer and polls with several are different messages on WhatsApp. */
function poll({ poll: { question, options, multiple } }: PollContent): proto.IMessage {
  const creation = {
    name: question,
    options: options.map((optionName) => ({ optionName })),
    selectableOptionsCount: multiple ? 0 : 1,
  };
  return multiple ? { pollCreationMessage: creation } : { pollCreationMessageV3: creation };
}

const reaction = ({ reaction: { target, emoji } }: ReactionContent, message: Message): proto.IMessage => ({
  reactionMessage: {
    key: keyOf(message.chatJid, target),
    text: emoji,
    senderTimestampMs: message.queuedAt,
  },
});

const edit = ({ edit: { target, body } }: EditContent, message: Message): proto.IMessage => ({
  protocolMessage: {
    key: keyOf(message.chatJid, target),
    type: Type.MESSAGE_EDIT,
    editedMessage: { extendedTextMessage: { text: body } },
    timestampMs: message.queuedAt,
  },
});

const revoke = ({ revoke: { target } }: RevokeContent, message: Message): proto.IMessage => ({
  protocolMessage: { key: keyOf(message.chatJid, target), type: Type.REVOKE },
});

function bodyOf(content: PlainContent, message: Message): proto.IMessage {
  switch (content.type) {
    case 'text':
      return text(content);
    case 'location':
      return location(content);
    case 'contacts':
      return contacts(content);
    case 'poll':
      return poll(content);
    case 'reaction':
      return reaction(content, message);
    case 'edit':
      return edit(content, message);
    case 'revoke':
      return revoke(content, message);
  }
}

/**
 * `messageSecret`: 32 bytes that belong to this message; WhatsApp's clients derive reporting tokens from it, and the
 * votes in a poll are encrypted with it. A reaction has none.
 */
export function toWhatsApp(content: PlainContent, message: Message, messageSecret: Buffer): proto.IMessage {
  const body = bodyOf(content, message);
  return content.type === 'reaction' ? body : { ...body, messageContextInfo: { messageSecret } };
}
