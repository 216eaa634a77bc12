/**
 * From a kind of message to the protobuf and the stanza attributes that phones send for it.
 */
import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { jidOf, parseAddress, type Addressing } from '../directory/address.js';
import type { Account } from '../directory/directory.js';
import { uploadMedia } from '../media/mediaMessage.js';
import type { Attributes } from '../wire/nodes.js';
import type { World } from '../world.js';
import type { ContentOf, MessageContent } from './kinds.js';
import { encryptVote } from './pollVote.js';

export interface Conversation {
  world: World;
  from: Account;
  to: Account;
  addressing: Addressing;
  /** Set when the message goes to a group; `to` is the sender itself then. */
  group?: string | undefined;
}

export interface ProtoContent {
  content: proto.IMessage;
  attributes?: Attributes;
}

const { Type } = proto.Message.ProtocolMessage;

/** JID of a number in the conversation's addressing; numbers outside the directory keep their PN. */
function jidOfNumber({ world, addressing }: Conversation, number: string): string {
  const account = world.directory.byNumber(number);
  return account ? jidOf(account, addressing) : jidOf({ number, lid: '' }, 'pn');
}

/** A message as its reader refers to it: the conversation is the other side. */
function keyOf(conversation: Conversation, waId: string, author: string): proto.IMessageKey {
  const { from, to, addressing } = conversation;
  const fromMe = author === from.number;
  if (!conversation.group) return { remoteJid: jidOf(to, addressing), fromMe, id: waId };
  return { remoteJid: conversation.group, fromMe, id: waId, participant: jidOfNumber(conversation, author) };
}

type WithContext = ContentOf<'text' | 'location' | 'contacts'>;

function contextOf(conversation: Conversation, content: WithContext): proto.IContextInfo | undefined {
  const { quote, mentions, expiresInSeconds, forwarded } = content;
  if (!quote && !mentions && !expiresInSeconds && !forwarded) return undefined;
  return {
    ...(quote && {
      stanzaId: quote.waId,
      participant: jidOfNumber(conversation, quote.author),
      quotedMessage: { conversation: quote.text },
    }),
    ...(mentions && { mentionedJid: mentions.map((number) => jidOfNumber(conversation, number)) }),
    ...(expiresInSeconds && { expiration: expiresInSeconds }),
    ...(forwarded && { isForwarded: true, forwardingScore: 1 }),
  };
}

/** Whoever is mentioned stands in the text as the conversation addresses them: by number, or by LID. */
const withMentions = (
  conversation: Conversation,
  { text: words, mentions = [] }: ContentOf<'text'>,
): string =>
  mentions.reduce(
    (said, number) =>
      said.replaceAll(`@${number}`, `@${parseAddress(jidOfNumber(conversation, number))?.user ?? ''}`),
    words,
  );

function text(conversation: Conversation, content: ContentOf<'text'>): ProtoContent {
  const contextInfo = contextOf(conversation, content);
  if (!contextInfo) return { content: { conversation: content.text } };
  const message = { extendedTextMessage: { text: withMentions(conversation, content), contextInfo } };
  return { content: content.expiresInSeconds ? { ephemeralMessage: { message } } : message };
}

function location(conversation: Conversation, content: ContentOf<'location'>): ProtoContent {
  const { latitude: degreesLatitude, longitude: degreesLongitude, name, address } = content;
  const place = { degreesLatitude, degreesLongitude, contextInfo: contextOf(conversation, content) };
  const attributes = { type: 'media' };
  if (content.live) return { content: { liveLocationMessage: { ...place, caption: name } }, attributes };
  return { content: { locationMessage: { ...place, name, address } }, attributes };
}

function contacts(
  conversation: Conversation,
  { contacts: people, ...content }: ContentOf<'contacts'>,
): ProtoContent {
  const cards = people.map(({ name, number }) => ({
    displayName: name,
    vcard: `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${number}:+${number}\nEND:VCARD`,
  }));
  const contextInfo = contextOf(conversation, { contacts: people, ...content });
  const [only] = cards;
  const attributes = { type: 'media' };
  if (cards.length === 1 && only)
    return { content: { contactMessage: { ...only, contextInfo } }, attributes };
  return {
    content: {
      contactsArrayMessage: { displayName: `${cards.length} contacts`, contacts: cards, contextInfo },
    },
    attributes,
  };
}

function poll({ question, options, selectable }: ContentOf<'poll'>): ProtoContent {
  const creation = {
    name: question,
    options: options.map((optionName) => ({ optionName })),
    selectableOptionsCount: selectable,
  };
  const messageContextInfo = { messageSecret: randomBytes(32) };
  return { content: { messageContextInfo, pollCreationMessageV3: creation }, attributes: { type: 'poll' } };
}

/** The poll as the voter's phone holds it: one that came in, or one of its own. @throws when there is none. */
function pollOf({ world, from }: Conversation, waId: string): { secret: Uint8Array; author: Account } {
  const { messages, written } = world.records;
  const seen = messages.all().find((record) => record.to === from.number && record.waId === waId);
  const own = written.all().find((record) => record.from === from.number && record.waId === waId);
  const secret = (seen?.message ?? own?.content)?.messageContextInfo?.messageSecret;
  if (!secret) throw new Error(`the phone of ${from.number} has not seen a poll ${waId}`);
  const author = world.directory.byNumber(seen?.from ?? from.number);
  if (!author) throw new Error(`whoever made the poll ${waId} is gone`);
  return { secret, author };
}

function vote(conversation: Conversation, { waId, options }: ContentOf<'vote'>): ProtoContent {
  const { from, addressing } = conversation;
  const { secret, author } = pollOf(conversation, waId);
  const encrypted = encryptVote({
    pollId: waId,
    creator: jidOf(author, addressing),
    voter: jidOf(from, addressing),
    secret,
    options,
  });
  const pollCreationMessageKey = keyOf(conversation, waId, author.number);
  const update = { pollCreationMessageKey, vote: encrypted, senderTimestampMs: Date.now() };
  return { content: { pollUpdateMessage: update }, attributes: { type: 'poll' } };
}

function buttonReply(content: ContentOf<'button_reply'>): ProtoContent {
  const contextInfo = { stanzaId: content.waId };
  const { id: selectedId, text: selectedDisplayText } = content;
  if (content.template)
    return { content: { templateButtonReplyMessage: { selectedId, selectedDisplayText, contextInfo } } };
  const type = proto.Message.ButtonsResponseMessage.Type.DISPLAY_TEXT;
  return {
    content: {
      buttonsResponseMessage: { selectedButtonId: selectedId, selectedDisplayText, contextInfo, type },
    },
  };
}

function listReply({ waId, id, title, description }: ContentOf<'list_reply'>): ProtoContent {
  const listResponseMessage = {
    title,
    description,
    listType: proto.Message.ListResponseMessage.ListType.SINGLE_SELECT,
    singleSelectReply: { selectedRowId: id },
    contextInfo: { stanzaId: waId },
  };
  return { content: { listResponseMessage } };
}

function media({ world, to, group }: Conversation, content: ContentOf<'media'>): ProtoContent {
  const target = { host: world.media, session: group ? undefined : to.number };
  return { content: uploadMedia(target, content), attributes: { type: 'media' } };
}

/** What changes an earlier message: reaction, edit, revoke. */
function change(
  conversation: Conversation,
  content: ContentOf<'reaction' | 'edit' | 'revoke'>,
): ProtoContent {
  if (content.kind === 'reaction') {
    const key = keyOf(conversation, content.waId, content.author);
    const reactionMessage = { key, text: content.emoji, senderTimestampMs: Date.now() };
    return { content: { reactionMessage }, attributes: { type: 'reaction' } };
  }
  const key = keyOf(conversation, content.waId, conversation.from.number);
  if (content.kind === 'revoke') {
    return { content: { protocolMessage: { type: Type.REVOKE, key } }, attributes: { edit: 7 } };
  }
  const editedMessage = { conversation: content.text };
  const protocolMessage = { type: Type.MESSAGE_EDIT, key, editedMessage, timestampMs: Date.now() };
  return { content: { protocolMessage }, attributes: { edit: 1 } };
}

/** The protobuf of a content in a conversation. @throws when it refers to something that was never seen. */
export function toProto(conversation: Conversation, content: MessageContent): ProtoContent {
  switch (content.kind) {
    case 'text':
      return text(conversation, content);
    case 'location':
      return location(conversation, content);
    case 'contacts':
      return contacts(conversation, content);
    case 'poll':
      return poll(content);
    case 'vote':
      return vote(conversation, content);
    case 'button_reply':
      return buttonReply(content);
    case 'list_reply':
      return listReply(content);
    case 'media':
      return media(conversation, content);
    case 'raw':
      return { content: proto.Message.fromObject(content.message) };
    default:
      return change(conversation, content);
  }
}
