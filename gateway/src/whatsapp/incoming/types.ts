/**
 * What is read out of an incoming message, before it becomes an event. Shapes only; the readers beside this file fill
 * them, fromWhatsApp writes them into events.
 */
import type { proto } from '@whiskeysockets/baileys';

export const MESSAGE_KINDS = [
  'text',
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'poll',
  'button_reply',
  'list_reply',
  'flow_reply',
  'group_invite',
  'product',
  'order',
  'event',
  'unsupported',
] as const;

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

export interface PlaceDescription {
  latitude: number;
  longitude: number;
  name: string | null;
  address: string | null;
  live: boolean;
}

export interface ContactCard {
  name: string | null;
  /** Digits of each number on the card. */
  phones: string[];
  vcard: string | null;
}

/** What the other side can press: `id` is what its answer carries, `url` what a link opens. */
export interface ButtonDescription {
  id: string | null;
  title: string | null;
  url: string | null;
}

export interface MessageContent {
  kind: (typeof MESSAGE_KINDS)[number];
  text?: string | null;
  /** Of what is not supported: the protobuf's name of it. */
  typeName?: string;
  media?: MediaDescription | null;
  /** Only of an audio: recorded as a voice note. */
  voice?: boolean;
  location?: PlaceDescription | null;
  contacts?: ContactCard[] | null;
  poll?: { question: string | null; options: string[]; multiple: boolean };
  reply?: { id: string | null; title: string | null; description?: string | null; values?: unknown };
  buttons?: ButtonDescription[];
  /** Of an invitation, a product, an order or an event: its own fields. */
  details?: Record<string, string | number | boolean | null>;
}

/** What changes or answers an earlier message. */
export type Change =
  | { kind: 'reaction'; targetId: string; emoji: string }
  | { kind: 'edit'; targetId: string; content: MessageContent }
  | { kind: 'revoke'; targetId: string }
  | { kind: 'vote'; targetId: string; vote: proto.Message.IPollEncValue };

/** Nothing that a person said; the text says what it is. */
export interface Silent {
  kind: 'silent';
  reason: string;
  /** Only a key for messages to come: the message that it came with may still be missing. */
  keyOnly: boolean;
}

export type Content = MessageContent | Change | Silent;

export type Reader = (message: proto.IMessage) => Content | null;
