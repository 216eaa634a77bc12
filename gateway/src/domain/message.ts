/**
 * An outgoing message: its content kinds, statuses and the rules by which one status follows another.
 * Pure; the row is in store/messages, the wire shape in http/schemas.
 */
export const MESSAGE_STATUSES = [
  'scheduled',
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'canceled',
  'expired',
] as const;

export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/** Statuses of a message that is still in its session's line. */
export const WAITING = ['scheduled', 'queued', 'sending'] as const satisfies MessageStatus[];

/** Which of WhatsApp's messages another one is about, resolved when it is accepted. */
export interface MessageTarget {
  waId: string;
  fromMe: boolean;
  /** Who wrote it, in a group; null in a direct chat and for our own. */
  participant: string | null;
}

export interface MediaPart {
  mediaId: string;
  mimeType: string;
  caption?: string | undefined;
  /** Of a document. */
  filename?: string | undefined;
  /** Of audio: shown as a voice note. */
  voice?: boolean | undefined;
  /** Of a video: plays by itself, over and over. */
  gif?: boolean | undefined;
  viewOnce?: boolean | undefined;
}

export interface TextContent {
  type: 'text';
  /** `mentions` are JIDs; `linkPreview` false: none is made of the first link. */
  text: { body: string; mentions?: string[] | undefined; linkPreview?: boolean | undefined };
}

export type MediaContent =
  | { type: 'image'; image: MediaPart }
  | { type: 'video'; video: MediaPart }
  | { type: 'audio'; audio: MediaPart }
  | { type: 'document'; document: MediaPart }
  | { type: 'sticker'; sticker: MediaPart };

export interface LocationContent {
  type: 'location';
  location: {
    latitude: number;
    longitude: number;
    name?: string | undefined;
    address?: string | undefined;
  };
}

export interface ContactsContent {
  type: 'contacts';
  contacts: { name: string; vcard: string }[];
}

export interface PollContent {
  type: 'poll';
  poll: { question: string; options: string[]; multiple: boolean };
}

/** An empty emoji takes the reaction back. */
export interface ReactionContent {
  type: 'reaction';
  reaction: { target: MessageTarget; emoji: string };
}

export interface EditContent {
  type: 'edit';
  edit: { target: MessageTarget; body: string };
}

export interface RevokeContent {
  type: 'revoke';
  revoke: { target: MessageTarget };
}

/** What a message says; one member per type, named like the type. */
export type MessageContent =
  | TextContent
  | MediaContent
  | LocationContent
  | ContactsContent
  | PollContent
  | ReactionContent
  | EditContent
  | RevokeContent;

export const MESSAGE_TYPES = [
  'text',
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'poll',
  'reaction',
  'edit',
  'revoke',
] as const satisfies readonly MessageContent['type'][];

/** Whether a message carries a file. */
export const isMedia = (content: MessageContent): content is MediaContent =>
  ['image', 'video', 'audio', 'document', 'sticker'].includes(content.type);

/** The file of a media message. */
export function mediaOf(content: MediaContent): MediaPart {
  switch (content.type) {
    case 'image':
      return content.image;
    case 'video':
      return content.video;
    case 'audio':
      return content.audio;
    case 'document':
      return content.document;
    case 'sticker':
      return content.sticker;
  }
}

export interface Hold {
  code: string;
  message: string;
  /** Milliseconds since 1970, or null when it depends on something else than time. */
  until: number | null;
}

export interface MessageError {
  code: string;
  message: string;
  retryable: boolean;
}

export interface TimelineEntry {
  status: MessageStatus;
  /** Milliseconds since 1970. */
  at: number;
}

const RANK: Record<MessageStatus, number> = {
  scheduled: 0,
  queued: 1,
  sending: 2,
  sent: 3,
  delivered: 4,
  read: 5,
  played: 6,
  failed: 9,
  canceled: 9,
  expired: 9,
};

/** True when nothing more will be tried for a message in this status. */
export const isFinal = (status: MessageStatus): boolean => RANK[status] === 9 || RANK[status] >= 3;

/**
 * Whether a receipt moves the message forward. Receipts come in any order and more than once;
 * a message never goes back, and one that failed or was cancelled stays so.
 */
export const receiptAdvances = (from: MessageStatus, to: 'delivered' | 'read' | 'played'): boolean =>
  RANK[from] < RANK[to];

/** Whether `status` is at least as far as `wanted` on the way queued, sent, delivered, read. */
export const hasReached = (status: MessageStatus, wanted: MessageStatus): boolean =>
  RANK[status] >= RANK[wanted];

/** A message of the outbox, as its store row tells it. */
export interface Message {
  /** Order of arrival; smaller goes first within a session. */
  position: number;
  id: string;
  /** The id it carries on WhatsApp, chosen before the first try and kept for every repeat. */
  waId: string;
  sessionId: string;
  /** The API key that sent it. */
  keyId: string | null;
  /** The recipient as the caller gave it, normalised: digits or JID. */
  to: string;
  /** The JID that WhatsApp knows the recipient's chat by. */
  chatJid: string;
  content: MessageContent;
  contextMessageId: string | null;
  status: MessageStatus;
  priority: number;
  queuedAt: number;
  sendAt: number | null;
  expiresAt: number | null;
  retryAt: number | null;
  hold: Hold | null;
  attempts: number;
  error: MessageError | null;
  timeline: TimelineEntry[];
  reference: string | null;
  campaignId: string | null;
  test: boolean;
  /** Whether typing is shown first; absent: as the session's policy says. */
  typing?: boolean | undefined;
}

/**
 * Where a message stands in its session's queue: it answers somebody who wrote within 24 hours, or is known to go to
 * somebody new; `open` is neither, or not looked at yet.
 */
export const STANDINGS = ['reply', 'open', 'new'] as const;
export type Standing = (typeof STANDINGS)[number];

/**
 * Why an outcome is unknown: the link went away, WhatsApp did not acknowledge, it did not answer a question
 * before the send, or the send itself threw.
 */
export type UnknownReason = 'disconnected' | 'no_acknowledgement' | 'no_answer' | 'send_error';

/** How a send ended. Never a guess: what is not known to be accepted or rejected is unknown, and is repeated. */
export type SendOutcome =
  | { kind: 'accepted' }
  | {
      kind: 'rejected';
      code: string;
      message: string;
      retryable: boolean;
      /** The number in the server's refusal; absent: nothing was handed over. */
      ackError?: string;
    }
  | { kind: 'unknown'; reason: UnknownReason };
