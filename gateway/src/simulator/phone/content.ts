/**
 * What a phone shows of a message, from its protobuf: the content itself, or what it does to an earlier message.
 * Pure; used by entries.ts.
 */
import { normalizeMessageContent, proto } from '@whiskeysockets/baileys';
import { textOf } from '../messages/content.js';

export interface ShownFile {
  kind: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker';
  mimetype: string;
  fileName: string | null;
  sizeBytes: number;
}

export interface ShownPoll {
  options: string[];
  selectable: number;
  /** With which votes are encrypted (base64). */
  secret: string | null;
}

/** One message as it stands in a conversation. */
export interface ShownContent {
  kind: 'text' | 'file' | 'location' | 'contacts' | 'poll' | 'other';
  text: string | null;
  file: ShownFile | null;
  location: { latitude: number; longitude: number; name: string | null; address: string | null } | null;
  contacts: string[];
  poll: ShownPoll | null;
  /** Id and text of the message that it answers. */
  quote: { waId: string; text: string | null } | null;
  /** What the sender's client has found out about the first link. */
  preview: { title: string; description: string | null; url: string } | null;
  /** JIDs of those who are mentioned. */
  mentions: string[];
  isForwarded: boolean;
  isViewOnce: boolean;
}

/** A message that changes another one instead of being shown. */
export type Effect =
  | { kind: 'reaction'; waId: string; emoji: string }
  | { kind: 'edit'; waId: string; text: string | null }
  | { kind: 'revoke'; waId: string }
  | { kind: 'vote'; waId: string; vote: proto.Message.IPollEncValue }
  /** Whatever else has no line of its own. */
  | { kind: 'unseen' };

const { Type } = proto.Message.ProtocolMessage;

/** What the message does to another one; undefined when it is shown itself. */
export function effectOf(message: proto.IMessage): Effect | undefined {
  const { reactionMessage, protocolMessage, pollUpdateMessage } = message;
  if (reactionMessage) {
    return { kind: 'reaction', waId: reactionMessage.key?.id ?? '', emoji: reactionMessage.text ?? '' };
  }
  if (pollUpdateMessage?.vote) {
    const { vote, pollCreationMessageKey } = pollUpdateMessage;
    return { kind: 'vote', waId: pollCreationMessageKey?.id ?? '', vote };
  }
  if (!protocolMessage) return undefined;
  const waId = protocolMessage.key?.id ?? '';
  if (protocolMessage.type === Type.REVOKE) return { kind: 'revoke', waId };
  if (protocolMessage.type !== Type.MESSAGE_EDIT) return { kind: 'unseen' };
  return { kind: 'edit', waId, text: textOf(protocolMessage.editedMessage ?? {}) };
}

type FileFields = proto.Message.IImageMessage & proto.Message.IAudioMessage & proto.Message.IDocumentMessage;

function fileOf(content: proto.IMessage): ShownFile | null {
  const found: [ShownFile['kind'], FileFields | null | undefined][] = [
    ['image', content.imageMessage],
    ['video', content.videoMessage],
    [content.audioMessage?.ptt ? 'voice' : 'audio', content.audioMessage],
    ['document', content.documentMessage],
    ['sticker', content.stickerMessage],
  ];
  for (const [kind, fields] of found) {
    if (!fields) continue;
    const { mimetype, fileName, fileLength } = fields;
    return {
      kind,
      mimetype: mimetype ?? 'application/octet-stream',
      fileName: fileName ?? null,
      sizeBytes: Number(fileLength ?? 0),
    };
  }
  return null;
}

function locationOf({ locationMessage, liveLocationMessage }: proto.IMessage): ShownContent['location'] {
  const place = locationMessage ?? liveLocationMessage;
  if (!place) return null;
  return {
    latitude: place.degreesLatitude ?? 0,
    longitude: place.degreesLongitude ?? 0,
    name: locationMessage?.name ?? liveLocationMessage?.caption ?? null,
    address: locationMessage?.address ?? null,
  };
}

function contactsOf({ contactMessage, contactsArrayMessage }: proto.IMessage): string[] {
  const cards = contactMessage ? [contactMessage] : (contactsArrayMessage?.contacts ?? []);
  return cards.map(({ displayName }) => displayName ?? 'Contact');
}

function previewOf({ extendedTextMessage }: proto.IMessage): ShownContent['preview'] {
  const { title, description, matchedText } = extendedTextMessage ?? {};
  return title && matchedText ? { title, description: description ?? null, url: matchedText } : null;
}

function pollOf(
  content: proto.IMessage,
  secret: Uint8Array | null | undefined,
): (ShownPoll & { question: string }) | null {
  const poll = content.pollCreationMessageV3 ?? content.pollCreationMessageV2 ?? content.pollCreationMessage;
  if (!poll) return null;
  return {
    question: poll.name ?? '',
    options: (poll.options ?? []).map(({ optionName }) => optionName ?? ''),
    selectable: poll.selectableOptionsCount ?? 0,
    secret: secret ? Buffer.from(secret).toString('base64') : null,
  };
}

/** The context that each kind of message keeps in a place of its own. */
function contextOf(content: proto.IMessage): proto.IContextInfo | null {
  for (const part of Object.values(content)) {
    const context = (part as { contextInfo?: proto.IContextInfo | null } | null)?.contextInfo;
    if (context) return context;
  }
  return null;
}

function kindOf(shown: Omit<ShownContent, 'kind'>): ShownContent['kind'] {
  if (shown.file) return 'file';
  if (shown.location) return 'location';
  if (shown.contacts.length > 0) return 'contacts';
  if (shown.poll) return 'poll';
  return shown.text === null ? 'other' : 'text';
}

/** The message as a conversation shows it. */
export function shownContent(message: proto.IMessage): ShownContent {
  const content = normalizeMessageContent(message) ?? {};
  const context = contextOf(content);
  const poll = pollOf(content, message.messageContextInfo?.messageSecret);
  const shown = {
    text: poll?.question ?? textOf(message),
    file: fileOf(content),
    location: locationOf(content),
    contacts: contactsOf(content),
    poll: poll && { options: poll.options, selectable: poll.selectable, secret: poll.secret },
    quote: context?.stanzaId
      ? { waId: context.stanzaId, text: context.quotedMessage ? textOf(context.quotedMessage) : null }
      : null,
    preview: previewOf(content),
    mentions: context?.mentionedJid ?? [],
    isForwarded: context?.isForwarded ?? false,
    isViewOnce: Boolean(
      message.viewOnceMessage ??
      message.viewOnceMessageV2 ??
      message.viewOnceMessageV2Extension ??
      content.imageMessage?.viewOnce ??
      content.videoMessage?.viewOnce,
    ),
  };
  return { kind: kindOf(shown), ...shown };
}
