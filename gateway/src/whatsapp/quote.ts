/**
 * The quote in a reply: who wrote the quoted message, its id and what it said, found in the outbox or in the inbox.
 * Used by `outgoing`, which keeps a reply's protobuf, so that a resend quotes the same.
 */
import type { proto } from '@whiskeysockets/baileys';
import { bareJid, canonicalJid, identityOf, phoneJid } from '../domain/address.js';
import type { Message } from '../domain/message.js';
import type { InboxEntry } from '../store/inbox.js';
import type { Store } from '../store/index.js';
import { decodePlaintext } from './fromWhatsApp.js';
import { unwrap } from './incoming/wrappers.js';

export interface QuoteDeps {
  store: Pick<Store, 'messages' | 'inbox' | 'sessions'>;
  /** The protobuf of a message that this gateway sent. */
  sent: (message: Message) => Promise<proto.IMessage | null>;
}

const NOT_QUOTED = ['messageContextInfo', 'senderKeyDistributionMessage'];

/** The content alone: a quote shows neither what was quoted in turn nor the message's secrets. */
function quotable(message: proto.IMessage): proto.IMessage {
  const parts = Object.entries(unwrap(message).inner).filter(
    ([name, part]) => !NOT_QUOTED.includes(name) && part !== null && part !== undefined,
  );
  const [first] = parts;
  if (!first) return {};
  const [name, part] = first as [string, unknown];
  if (typeof part !== 'object' || part === null) return { [name]: part };
  return { [name]: { ...part, contextInfo: null } };
}

function authorOf({ stanza }: InboxEntry, chatJid: string): string {
  // In a group the author is named as in that group, by number or by LID.
  if (stanza.participant !== undefined) return bareJid(stanza.participant);
  const identity = identityOf(stanza.from, stanza.sender_pn, stanza.sender_lid);
  // And in a chat that is addressed by a LID as in that chat.
  if (chatJid === identity.lid) return chatJid;
  return canonicalJid(identity) ?? bareJid(stanza.from ?? '');
}

/** What a reply carries of the message it quotes; null when that message is not known any more. */
export async function findQuote(deps: QuoteDeps, reply: Message): Promise<proto.IContextInfo | null> {
  const { store } = deps;
  const waId = reply.contextMessageId;
  if (waId === null) return null;
  const own = await store.messages.findByWaId(waId);
  if (own?.sessionId === reply.sessionId) {
    const message = await deps.sent(own);
    const phone = (await store.sessions.find(own.sessionId))?.phone;
    if (!message || !phone) return null;
    return { stanzaId: waId, participant: phoneJid(phone), quotedMessage: quotable(message) };
  }
  const entry = await store.inbox.findByStanzaId(waId, [reply.sessionId]);
  const message = entry && decodePlaintext(entry.plaintext);
  if (!entry || !message) return null;
  return { stanzaId: waId, participant: authorOf(entry, reply.chatJid), quotedMessage: quotable(message) };
}

/** The message with the context added to what it says, inside of any wrapper. */
export function withContext(message: proto.IMessage, context: proto.IContextInfo): proto.IMessage {
  const wrapped = message.viewOnceMessage?.message;
  if (wrapped) return { ...message, viewOnceMessage: { message: withContext(wrapped, context) } };
  const name = Object.keys(message).find((part) => !NOT_QUOTED.includes(part));
  if (name === undefined) return message;
  const part = message[name as keyof proto.IMessage] as { contextInfo?: proto.IContextInfo | null };
  return { ...message, [name]: { ...part, contextInfo: { ...part.contextInfo, ...context } } };
}
