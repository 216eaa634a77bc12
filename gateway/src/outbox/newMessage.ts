/**
 * The row of a message that has passed all checks. Pure but for its new ids.
 */
import { plainAddress, type Address } from '../domain/address.js';
import type { Caller } from '../domain/apiKey.js';
import type { MessageContent } from '../domain/message.js';
import type { Session } from '../domain/session.js';
import { newId, newWhatsAppId } from '../lib/ids.js';
import type { MessageInsert } from '../store/messages.js';
import type { NewMessage } from './types.js';

export interface MessageParts {
  caller: Caller;
  input: NewMessage;
  session: Session;
  address: Address;
  chatJid: string;
  content: MessageContent;
  /** WhatsApp's id of what it quotes. */
  quotedWaId: string | null;
  now: number;
}

export function newMessage(parts: MessageParts): MessageInsert {
  const { caller, input, session, address, now } = parts;
  const status = input.sendAt !== undefined && input.sendAt > now ? 'scheduled' : 'queued';
  return {
    id: newId('msg'),
    waId: newWhatsAppId(),
    sessionId: session.id,
    keyId: caller.keyId,
    to: plainAddress(address),
    chatJid: parts.chatJid,
    content: parts.content,
    contextMessageId: parts.quotedWaId,
    status,
    priority: input.priority ?? 0,
    queuedAt: now,
    sendAt: input.sendAt ?? null,
    expiresAt: input.expiresAt ?? null,
    retryAt: null,
    hold: null,
    attempts: 0,
    error: null,
    timeline: [{ status, at: now }],
    reference: input.reference ?? null,
    campaignId: input.campaignId ?? null,
    test: caller.mode === 'test',
    ...(input.typing !== undefined && { typing: input.typing }),
  };
}
