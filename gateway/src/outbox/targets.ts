/**
 * Which message a new one is about: the target of a reaction, an edit or a deletion, and what a reply quotes.
 * Looked up when the new message is accepted, so that an unknown id is refused at once. Used by prepare; writes nothing.
 */
import { bareJid, splitJid } from '../domain/address.js';
import { covers, may, type Caller } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import type { Message, MessageContent, MessageTarget } from '../domain/message.js';
import type { InboxEntry } from '../store/inbox.js';
import type { Store } from '../store/index.js';
import type { NewContent, NewMessage } from './types.js';

/** A message of the outbox, or one that came in. */
export type Found = { own: Message } | { entry: InboxEntry };

export const sessionOf = (found: Found): string =>
  'own' in found ? found.own.sessionId : found.entry.sessionId;

const UNSENT = ['scheduled', 'failed', 'canceled', 'expired'];

/** The id of the message that a new one is about; undefined when it stands for itself. */
export function referenceOf({ content, contextMessageId }: NewMessage): string | undefined {
  if (content.type === 'reaction') return content.reaction.messageId;
  if (content.type === 'edit') return content.edit.messageId;
  if (content.type === 'revoke') return content.revoke.messageId;
  return contextMessageId;
}

/**
 * Finds the message by our id or by WhatsApp's, among the sessions that the caller may use.
 * @throws GatewayError message_not_found
 */
export async function findTarget(store: Store, caller: Caller, reference: Reference): Promise<Found> {
  const { id, sessionId } = reference;
  const own = (await store.messages.find(id)) ?? (await store.messages.findByWaId(id));
  const fits = own && (sessionId === undefined ? covers(caller, own.sessionId) : own.sessionId === sessionId);
  if (fits) return { own };
  const entry = await store.inbox.findByStanzaId(
    id,
    sessionId === undefined ? caller.sessionIds : [sessionId],
  );
  if (entry) return { entry };
  const where = sessionId === undefined ? '' : ` in session ${sessionId}`;
  throw gatewayError('message_not_found', `There is no message ${id}${where}.`);
}

interface Reference {
  id: string;
  /** Undefined: whichever session has it. */
  sessionId: string | undefined;
}

function chatOf(found: Found): string[] {
  if ('own' in found) return [found.own.chatJid];
  const { from, sender_pn, sender_lid } = found.entry.stanza;
  return [from, sender_pn, sender_lid].flatMap((jid) => (jid === undefined ? [] : [bareJid(jid)]));
}

/** WhatsApp would swallow it without a word: the message that is meant is in another chat. */
function refuseOtherChat(found: Found, chatJid: string): void {
  const chats = chatOf(found);
  const server = splitJid(chatJid)?.server;
  // One person has two addresses, a number and a LID; only addresses of one sort can be compared.
  const comparable = chats.filter((jid) => splitJid(jid)?.server === server);
  if (comparable.length === 0 || comparable.includes(chatJid)) return;
  throw gatewayError('invalid_request', 'The message that this is about is in another chat.', {
    errors: [{ path: 'to', message: 'is not the chat of the message that this is about' }],
  });
}

function targetOf(found: Found): MessageTarget {
  if ('own' in found) return { waId: found.own.waId, fromMe: true, participant: null };
  const { stanza } = found.entry;
  const author = stanza.participant ?? null;
  return { waId: stanza.id ?? '', fromMe: false, participant: author && bareJid(author) };
}

/** What can be changed is our own, sent or on its way, and the caller's. */
function changeable(found: Found, caller: Caller): Message {
  if (!('own' in found))
    throw gatewayError('invalid_state', 'Only messages that were sent from here can be edited or deleted.');
  const { own } = found;
  if (own.keyId !== caller.keyId && !may(caller.role, 'messages:read'))
    throw gatewayError('forbidden', 'This key changes only the messages that it sent.');
  if (UNSENT.includes(own.status))
    throw gatewayError('invalid_state', `The message is ${own.status}: it is not on WhatsApp.`);
  return own;
}

interface Resolving {
  caller: Caller;
  content: NewContent;
  found: Found | null;
  chatJid: string;
}

/**
 * The content with its target in WhatsApp's words.
 * @throws GatewayError invalid_request when the target is in another chat, invalid_state, forbidden
 */
export function resolveContent({ caller, content, found, chatJid }: Resolving): MessageContent {
  if (content.type !== 'reaction' && content.type !== 'edit' && content.type !== 'revoke') return content;
  if (!found) throw new Error('a message about another one without that one');
  refuseOtherChat(found, chatJid);
  const target = targetOf(found);
  if (content.type === 'reaction')
    return { type: 'reaction', reaction: { target, emoji: content.reaction.emoji } };
  const own = changeable(found, caller);
  if (content.type === 'revoke') return { type: 'revoke', revoke: { target } };
  if (own.content.type === 'text') return { type: 'edit', edit: { target, body: content.edit.body } };
  throw gatewayError(
    'invalid_state',
    `Only texts can be edited; the message is of type ${own.content.type}.`,
  );
}

/** WhatsApp's id of the message that a reply quotes. */
export const quotedWaId = (found: Found | null): string | null => (found ? targetOf(found).waId : null);
