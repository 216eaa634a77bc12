/**
 * Sends one message of the outbox through a session's live socket: whom it goes to, what it carries, what became of it.
 * Called by the outbox through `sessions`.
 */
import type { proto } from '@whiskeysockets/baileys';
import { parseRecipient } from '../domain/address.js';
import { GatewayError } from '../domain/error.js';
import { failureOf } from '../domain/failure.js';
import type { Message, SendOutcome } from '../domain/message.js';
import type { Clock } from '../lib/clock.js';
import { toOutgoing, type OutgoingDeps } from './outgoing.js';
import type { Recipients } from './recipients.js';
import type { WhatsAppSession } from './session.js';
import { stanzaPartsOf } from './stanza.js';

export interface SendingDeps extends OutgoingDeps {
  recipients: Pick<Recipients, 'lookUp'>;
  clock: Clock;
  onError: (error: unknown) => void;
}

export interface HowToSend {
  /** The recipient sees somebody typing for so long first; 0: not at all. */
  typingMs: number;
}

type Send = (session: WhatsAppSession | null, message: Message, how: HowToSend) => Promise<SendOutcome>;

const DISCONNECTED: SendOutcome = { kind: 'unknown', reason: 'disconnected' };
const NOT_ON_WHATSAPP: SendOutcome = { kind: 'rejected', ...failureOf('recipient_not_on_whatsapp') };

/** A question before the send got no answer; nothing was handed over. */
const unanswered = (session: WhatsAppSession): SendOutcome =>
  session.isOpen() ? { kind: 'unknown', reason: 'no_answer' } : DISCONNECTED;

export function createSending(deps: SendingDeps): Send {
  const { recipients, clock, onError } = deps;

  /** Without the device list rc14 writes a stanza for nobody, and the server acknowledges that too. */
  async function hasDevices({ client, isOpen }: WhatsAppSession, jid: string): Promise<boolean> {
    if (jid.endsWith('@g.us')) return true;
    try {
      return (await client.getUSyncDevices([jid], true, false)).length > 0;
    } catch (error) {
      if (isOpen()) onError(error);
      return false;
    }
  }

  /** What became of a message that could not be made ready, such as one whose file is gone. @throws bugs */
  function notReady(session: WhatsAppSession, error: unknown): SendOutcome {
    if (error instanceof GatewayError) {
      if (error.code === 'media_not_found') return { kind: 'rejected', ...failureOf(error.code) };
      const { code, message, retryable } = error;
      return { kind: 'rejected', code, message, retryable };
    }
    if (!session.isOpen()) return DISCONNECTED;
    throw error;
  }

  /** Typing is a courtesy: when it cannot be shown, the message goes all the same. */
  async function showTyping(session: WhatsAppSession, jid: string, typingMs: number): Promise<void> {
    if (typingMs <= 0) return;
    await session.client.sendPresenceUpdate('composing', jid).catch((error: unknown) => {
      if (session.isOpen()) onError(error);
    });
    await new Promise<void>((resolve) => clock.schedule(resolve, typingMs));
  }

  return async function send(session, message, { typingMs }) {
    if (!session?.isOpen()) return DISCONNECTED;
    const recipient = await recipients.lookUp(session, parseRecipient(message.chatJid));
    if (!recipient) return unanswered(session);
    if (!recipient.exists) return NOT_ON_WHATSAPP;
    const jid = recipient.jid ?? message.chatJid;
    if (!(await hasDevices(session, jid))) return unanswered(session);
    let content: proto.IMessage;
    try {
      content = await toOutgoing(deps, message, session.client);
    } catch (error) {
      return notReady(session, error);
    }
    await showTyping(session, jid, typingMs);
    return session.relay({
      jid,
      waId: message.waId,
      message: content,
      parts: stanzaPartsOf(message.content),
    });
  };
}
