/**
 * Sends one message of the outbox through a session's live socket: whom it goes to, what it carries, what became of it.
 * Called by the outbox through `sessions`.
 */
import { parseRecipient } from '../domain/address.js';
import type { Message, SendOutcome } from '../domain/message.js';
import { toOutgoing, type OutgoingDeps } from './outgoing.js';
import type { Recipients } from './recipients.js';
import type { WhatsAppSession } from './session.js';
import { stanzaPartsOf } from './stanza.js';

export function createSending(deps: OutgoingDeps & { recipients: Recipients }) {
  const { recipients } = deps;

  return async function send(session: WhatsAppSession | null, message: Message): Promise<SendOutcome> {
    if (!session?.isOpen()) return { kind: 'unknown', reason: 'disconnected' };
    const recipient = await recipients.lookUp(session, parseRecipient(message.chatJid));
    if (!recipient) return { kind: 'unknown', reason: session.isOpen() ? 'no_answer' : 'disconnected' };
    if (!recipient.exists) {
      const text = 'WhatsApp has no account with this number.';
      return { kind: 'rejected', code: 'recipient_not_on_whatsapp', message: text, retryable: false };
    }
    const jid = recipient.jid ?? message.chatJid;
    const group = jid.endsWith('@g.us');
    // Without the device list rc14 writes a stanza for nobody, and the server acknowledges that too.
    const devices = group ? 1 : (await session.client.getUSyncDevices([jid], true, false)).length;
    if (devices === 0) return { kind: 'unknown', reason: session.isOpen() ? 'no_answer' : 'disconnected' };
    const content = await toOutgoing(deps, message, session.client);
    const parts = stanzaPartsOf(message.content);
    return session.relay({ jid, waId: message.waId, message: content, parts });
  };
}
