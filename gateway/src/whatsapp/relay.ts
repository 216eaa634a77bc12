/**
 * Hands one message to WhatsApp and waits for the server's acknowledgement. Used by `session`.
 */
import type { WASocket, proto } from '@whiskeysockets/baileys';
import type { SendOutcome } from '../domain/message.js';
import type { Acks } from './acks.js';
import type { PrivacyTokens } from './privacyTokens.js';
import type { StanzaParts } from './stanza.js';

export interface RelayDeps {
  client: Pick<WASocket, 'relayMessage'> & { ws: { isOpen: boolean } };
  acks: Pick<Acks, 'expect'>;
  isOpen: () => boolean;
  onError: (error: unknown) => void;
  /** The server has refused the message with this number. */
  onRefused: (ackError: string) => void;
  privacyTokens: PrivacyTokens;
}

export interface OutgoingStanza {
  /** The chat. */
  jid: string;
  waId: string;
  message: proto.IMessage;
  /** What the message's kind asks of the stanza. */
  parts: StanzaParts;
}

export type Relay = (stanza: OutgoingStanza) => Promise<SendOutcome>;

export const createRelay =
  ({ client, acks, isOpen, onError, onRefused, privacyTokens }: RelayDeps): Relay =>
  async ({ jid, waId, message, parts }) => {
    if (!isOpen()) return { kind: 'unknown', reason: 'disconnected' };
    const issue = await privacyTokens(jid);
    const ack = acks.expect(waId);
    try {
      await client.relayMessage(jid, message, {
        messageId: waId,
        additionalAttributes: parts.attributes,
        additionalNodes: parts.nodes,
      });
    } catch (error) {
      // The link may have gone meanwhile: a send that broke with it says nothing about the message.
      const reason = client.ws.isOpen ? 'send_error' : 'disconnected';
      if (reason === 'send_error') onError(error);
      ack.cancel();
      return { kind: 'unknown', reason };
    }
    // Beside: it is no part of the message.
    if (issue) void issue().catch(onError);
    const outcome = await ack.outcome;
    if (outcome.kind === 'rejected' && outcome.ackError !== undefined) onRefused(outcome.ackError);
    return outcome;
  };
