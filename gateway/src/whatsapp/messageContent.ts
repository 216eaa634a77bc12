/**
 * The content of a decrypted WhatsApp message: its kind, text and parts, taken out of all wrappers. Pure.
 * What it does not know becomes `unsupported` with the type's name: never silence.
 */
import { proto } from '@whiskeysockets/baileys';

export interface QuotedMessage {
  messageId: string;
  text: string | null;
}

export interface MessageContent {
  kind:
    | 'text'
    | 'image'
    | 'video'
    | 'audio'
    | 'document'
    | 'sticker'
    | 'location'
    | 'contacts'
    | 'poll'
    | 'button_reply'
    | 'list_reply'
    | 'unsupported';
  text?: string | null;
  typeName?: string;
  media?: MediaDescription | null;
  location?: {
    latitude: number;
    longitude: number;
    name: string | null;
    address: string | null;
    live: boolean;
  } | null;
  contacts?: { name: string | null; vcard: string | null }[] | null;
  poll?: { question: string | null; options: string[] };
  reply?: { id: string | null; title: string | null };
  quoted?: QuotedMessage | null;
  mentions?: string[];
  forwarded?: boolean;
}

export interface MediaDescription {
  id: string | null;
  url: string | null;
  mimeType: string | null;
  filename: string | null;
  sizeBytes: number | null;
  sha256: string | null;
  caption: string | null;
  error: { code: string; message: string } | null;
  /** The file is still being fetched; a `message.media` event follows. */
  pending?: true;
}

export type Content =
  | MessageContent
  | { kind: 'reaction'; reaction: { messageId: string; emoji: string } }
  | { kind: 'edit'; targetId: string; text: string | null }
  | { kind: 'revoke'; targetId: string };

const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'editedMessage',
  'deviceSentMessage',
] as const;
const MAX_WRAPPERS = 6;

/** The innermost message, out of ephemeral, view-once and other envelopes. */
export function unwrap(message: proto.IMessage): proto.IMessage {
  let inner = message;
  for (let depth = 0; depth < MAX_WRAPPERS; depth += 1) {
    const next = WRAPPERS.map((name) => inner[name]?.message).find(
      (found) => found !== undefined && found !== null,
    );
    if (!next) return inner;
    inner = next;
  }
  return inner;
}

const textOf = (message: proto.IMessage): string | null =>
  message.conversation ??
  message.extendedTextMessage?.text ??
  message.imageMessage?.caption ??
  message.videoMessage?.caption ??
  message.documentMessage?.caption ??
  null;

function contextOf(message: proto.IMessage): Pick<MessageContent, 'quoted' | 'mentions' | 'forwarded'> {
  const parts = Object.values(message) as unknown[];
  const holder = parts.find(
    (part): part is { contextInfo: proto.IContextInfo } =>
      typeof part === 'object' && part !== null && 'contextInfo' in part && part.contextInfo !== null,
  );
  const info = holder?.contextInfo;
  const quotedText = info?.quotedMessage ? textOf(unwrap(info.quotedMessage)) : null;
  return {
    quoted: info?.stanzaId ? { messageId: info.stanzaId, text: quotedText } : null,
    mentions: info?.mentionedJid ?? [],
    forwarded: info?.isForwarded ?? false,
  };
}

interface MediaPart {
  mimetype?: string | null;
  fileName?: string | null;
  fileLength?: number | { toNumber(): number } | null;
  fileSha256?: Uint8Array | null;
  caption?: string | null;
}

/** What the message says of its file; whether it is there is filled in when the event is published. */
function mediaOf(part: MediaPart): MediaDescription {
  const size = part.fileLength ?? null;
  return {
    id: null,
    url: null,
    mimeType: part.mimetype ?? null,
    filename: part.fileName ?? null,
    sizeBytes: size === null || typeof size === 'number' ? size : size.toNumber(),
    sha256: part.fileSha256 ? Buffer.from(part.fileSha256).toString('hex') : null,
    caption: part.caption ?? null,
    error: null,
  };
}

type Reader = (message: proto.IMessage) => Content | null;

const MEDIA_KINDS = ['image', 'video', 'audio', 'document', 'sticker'] as const;

const readMedia: Reader = (message) => {
  for (const kind of MEDIA_KINDS) {
    const part = message[`${kind}Message`];
    if (part) return { kind, text: textOf(message), media: mediaOf(part) };
  }
  return null;
};

const readText: Reader = (message) => {
  const text = message.conversation ?? message.extendedTextMessage?.text;
  return text === undefined || text === null || text === '' ? null : { kind: 'text', text };
};

const readReaction: Reader = ({ reactionMessage }) =>
  reactionMessage?.key?.id
    ? { kind: 'reaction', reaction: { messageId: reactionMessage.key.id, emoji: reactionMessage.text ?? '' } }
    : null;

const readProtocol: Reader = ({ protocolMessage }) => {
  const targetId = protocolMessage?.key?.id;
  if (!targetId) return null;
  const { Type } = proto.Message.ProtocolMessage;
  if (protocolMessage.type === Type.REVOKE) return { kind: 'revoke', targetId };
  if (protocolMessage.type !== Type.MESSAGE_EDIT || !protocolMessage.editedMessage) return null;
  return { kind: 'edit', targetId, text: textOf(unwrap(protocolMessage.editedMessage)) };
};

const readLocation: Reader = (message) => {
  const part = message.locationMessage ?? message.liveLocationMessage;
  if (!part) return null;
  const place = message.locationMessage;
  return {
    kind: 'location',
    text: message.liveLocationMessage?.caption ?? null,
    location: {
      latitude: part.degreesLatitude ?? 0,
      longitude: part.degreesLongitude ?? 0,
      name: place?.name ?? null,
      address: place?.address ?? null,
      live: Boolean(message.liveLocationMessage),
    },
  };
};

const readContacts: Reader = ({ contactMessage, contactsArrayMessage }) => {
  const cards = contactsArrayMessage?.contacts ?? (contactMessage ? [contactMessage] : null);
  if (!cards) return null;
  return {
    kind: 'contacts',
    contacts: cards.map((card) => ({ name: card.displayName ?? null, vcard: card.vcard ?? null })),
  };
};

const readPoll: Reader = (message) => {
  const poll = message.pollCreationMessage ?? message.pollCreationMessageV2 ?? message.pollCreationMessageV3;
  if (!poll) return null;
  const options = (poll.options ?? []).map((option) => option.optionName ?? '');
  return { kind: 'poll', text: poll.name ?? null, poll: { question: poll.name ?? null, options } };
};

const readReply: Reader = (message) => {
  const {
    buttonsResponseMessage: button,
    templateButtonReplyMessage: template,
    listResponseMessage: list,
  } = message;
  if (list) {
    const title = list.title ?? null;
    return {
      kind: 'list_reply',
      text: title,
      reply: { id: list.singleSelectReply?.selectedRowId ?? null, title },
    };
  }
  if (!button && !template) return null;
  const title = button?.selectedDisplayText ?? template?.selectedDisplayText ?? null;
  return {
    kind: 'button_reply',
    text: title,
    reply: { id: button?.selectedButtonId ?? template?.selectedId ?? null, title },
  };
};

const READERS = [
  readText,
  readMedia,
  readReaction,
  readProtocol,
  readLocation,
  readContacts,
  readPoll,
  readReply,
];

/** Parts that carry no message of a person. */
const SILENT = ['senderKeyDistributionMessage', 'messageContextInfo', 'protocolMessage'];

/** Reads a decoded message; null when it is one for the protocol alone (key distribution, settings). */
export function readContent(message: proto.IMessage): Content | null {
  const inner = unwrap(message);
  for (const read of READERS) {
    const content = read(inner);
    if (content) return { ...contextOf(inner), ...content };
  }
  const present = Object.entries(inner).filter(([, part]) => part !== null && part !== undefined);
  const typeName = present.map(([name]) => name).find((name) => !SILENT.includes(name));
  return typeName === undefined ? null : { kind: 'unsupported', typeName };
}
