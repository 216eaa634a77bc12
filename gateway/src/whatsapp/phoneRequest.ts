/**
 * The request to the account's own phone to hand over a message that this device does not have; the answer is read in
 * `resent`. Used by askAgain, which decides when and keeps the count.
 */
import { decodeMessageNode, proto, type WASocket } from '@whiskeysockets/baileys';
import type { StanzaAttributes } from '../store/inbox.js';

/** Asks the phone for the message of a stanza. Resolves when the request is on its way. */
export type RequestFromPhone = (stanza: StanzaAttributes) => Promise<void>;

export type PhoneClient = Pick<WASocket, 'authState' | 'sendPeerDataOperationMessage'>;

const { PLACEHOLDER_MESSAGE_RESEND } = proto.Message.PeerDataOperationRequestType;

export const createPhoneRequest =
  ({ authState, sendPeerDataOperationMessage }: PhoneClient): RequestFromPhone =>
  async (stanza) => {
    const { me } = authState.creds;
    if (!me) throw new Error('The session is not paired.');
    // The name by which the phone knows the message.
    const { fullMessage } = decodeMessageNode({ tag: 'message', attrs: stanza }, me.id, me.lid ?? '');
    const { remoteJid, fromMe, id, participant } = fullMessage.key;
    await sendPeerDataOperationMessage({
      peerDataOperationRequestType: PLACEHOLDER_MESSAGE_RESEND,
      placeholderMessageResendRequest: [{ messageKey: { remoteJid, fromMe, id, participant } }],
    });
  };
