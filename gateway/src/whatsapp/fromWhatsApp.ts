/**
 * What WhatsApp delivered, as an event of ours, or a reason why it is none. Pure: stanza and plaintext in, event out.
 * People are named by phone and LID, chats by the phone's JID when it is known, so one chat is never split in two.
 */
import { proto } from '@whiskeysockets/baileys';
import { bareJid, canonicalJid, identityOf, splitJid, type Identity } from '../domain/address.js';
import type { NewEvent } from '../domain/event.js';
import type { InboxEntry, StanzaAttributes } from '../store/inbox.js';
import { readContent } from './messageContent.js';

export interface Account {
  /** Digits of the session's own number and the JID of its LID. */
  phone: string | null;
  lid: string | null;
}

export type Converted = { event: NewEvent } | { ignored: string };

interface Chat {
  jid: string;
  kind: 'direct' | 'group';
  sender: Identity;
}

/** Removes WhatsApp's padding: 1 to 16 bytes, each holding their count. */
function unpad(plaintext: Buffer): Buffer {
  const count = plaintext.at(-1) ?? 0;
  if (count === 0 || count > plaintext.length) throw new Error('bad padding');
  return plaintext.subarray(0, plaintext.length - count);
}

function chatOf(stanza: StanzaAttributes): Chat | null {
  const from = stanza.from ?? '';
  const server = splitJid(from)?.server;
  if (server === 'g.us') {
    const sender = identityOf(stanza.participant, stanza.participant_pn, stanza.participant_lid);
    return { jid: bareJid(from), kind: 'group', sender };
  }
  if (server !== 's.whatsapp.net' && server !== 'lid') return null;
  const sender = identityOf(from, stanza.sender_pn, stanza.sender_lid);
  const jid = canonicalJid(sender);
  return jid === null ? null : { jid, kind: 'direct', sender };
}

function isOwn(sender: Identity, account: Account): boolean {
  const samePhone = sender.phone !== null && sender.phone === account.phone;
  return samePhone || (sender.lid !== null && sender.lid === account.lid);
}

/** The message in a kept plaintext; null when it is none. */
export function decodePlaintext(plaintext: Buffer): proto.Message | null {
  try {
    return proto.Message.decode(unpad(plaintext));
  } catch {
    return null;
  }
}

/** When the sender sent it; its arrival when the stanza has no time that a date can hold. */
function sentAt({ stanza, receivedAt }: InboxEntry): Date {
  const sent = new Date(Number(stanza.t) * 1000);
  return Number.isNaN(sent.getTime()) ? new Date(receivedAt) : sent;
}

/** Converts one inbox entry of the session. */
export function fromWhatsApp(entry: InboxEntry, account: Account): Converted {
  const { stanza, sessionId } = entry;
  const chat = chatOf(stanza);
  if (!chat) return { ignored: 'not a chat with a person or a group' };
  if (isOwn(chat.sender, account)) return { ignored: 'sent by this account itself' };
  const message = decodePlaintext(entry.plaintext);
  const content = message ? readContent(message) : { kind: 'unsupported' as const, typeName: 'undecodable' };
  if (content === null) return { ignored: 'a message for the protocol, not for a person' };
  const messageId = stanza.id ?? '';
  const data = {
    messageId,
    from: { ...chat.sender, jid: canonicalJid(chat.sender), name: stanza.notify ?? null },
    chat: { jid: chat.jid, kind: chat.kind, name: null },
    offline: stanza.offline !== undefined,
    sentAt: sentAt(entry).toISOString(),
  };
  return { event: toEvent({ sessionId, data, content, sender: canonicalJid(chat.sender) ?? '' }) };
}

interface EventParts {
  sessionId: string;
  data: Record<string, unknown> & { messageId: string; chat: { jid: string } };
  content: NonNullable<ReturnType<typeof readContent>>;
  sender: string;
}

function toEvent({ sessionId, data, content, sender }: EventParts): NewEvent {
  const dedupeKey = `in:${data.chat.jid}:${sender}:${data.messageId}`;
  if (content.kind === 'reaction') {
    return { type: 'message.reaction', sessionId, dedupeKey, data: { ...data, reaction: content.reaction } };
  }
  if (content.kind === 'edit') {
    return {
      type: 'message.edited',
      sessionId,
      dedupeKey,
      data: { ...data, editedMessageId: content.targetId, text: content.text },
    };
  }
  if (content.kind === 'revoke') {
    return {
      type: 'message.revoked',
      sessionId,
      dedupeKey,
      data: { ...data, revokedMessageId: content.targetId },
    };
  }
  const empty = {
    text: null,
    media: null,
    location: null,
    contacts: null,
    reaction: null,
    quoted: null,
    mentions: [],
    forwarded: false,
  };
  return { type: 'message.received', sessionId, dedupeKey, data: { ...data, ...empty, ...content } };
}
