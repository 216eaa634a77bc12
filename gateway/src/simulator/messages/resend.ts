/**
 * A phone is asked by one of its linked clients for messages that the client could not decrypt, and hands them over as it
 * knows them itself.
 */
import { proto } from '@whiskeysockets/baileys';
import { jidOf } from '../directory/address.js';
import { phoneOf, type Account } from '../directory/directory.js';
import type { Session } from '../login/session.js';
import type { SeenMessage } from '../records/records.js';
import { node, stanzaTime } from '../wire/nodes.js';
import { newMessageId } from './content.js';
import { sendEncrypted } from './toLinkedDevice.js';

const { PeerDataOperationRequestType, ProtocolMessage } = proto.Message;
const RESEND = PeerDataOperationRequestType.PLACEHOLDER_MESSAGE_RESEND;

/** What the phone has shown under the key; undefined: it does not know it either. */
function shownBy({ world }: Session, account: Account, { id }: proto.IMessageKey): SeenMessage | undefined {
  return world.records.messages
    .all()
    .find((seen) => seen.waId === id && seen.to === account.number && seen.device === 0);
}

function resultOf(session: Session, account: Account, key: proto.IMessageKey) {
  const seen = shownBy(session, account, key);
  if (!seen) return {};
  const messageTimestamp = Math.floor(Date.parse(seen.at) / 1000);
  const info = { key, message: seen.message, messageTimestamp };
  const webMessageInfoBytes = proto.WebMessageInfo.encode(proto.WebMessageInfo.fromObject(info)).finish();
  return { placeholderMessageResendResponse: { webMessageInfoBytes } };
}

/** Answers a peer message of a client, if it is such a request. */
export async function answerResendRequest(
  { session, stanza }: { session: Session; stanza: { attrs: Record<string, string> } },
  message: proto.IMessage,
): Promise<void> {
  // rc14 packs it as a copy of something it has sent.
  const inner = message.deviceSentMessage?.message ?? message;
  const request = inner.protocolMessage?.peerDataOperationRequestMessage;
  if (request?.peerDataOperationRequestType !== RESEND) return;
  const { world, account, device } = session;
  const peerDataOperationResult = (request.placeholderMessageResendRequest ?? []).flatMap(({ messageKey }) =>
    messageKey ? [resultOf(session, account, messageKey)] : [],
  );
  const answer = {
    protocolMessage: {
      type: ProtocolMessage.Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: {
        peerDataOperationRequestType: RESEND,
        stanzaId: stanza.attrs.id ?? '',
        peerDataOperationResult,
      },
    },
  };
  const envelope = node('message', {
    from: jidOf(account, 'pn'),
    id: newMessageId(),
    type: 'text',
    category: 'peer',
    t: stanzaTime(),
  });
  await sendEncrypted(
    { world, from: { account, device: phoneOf(account) }, to: { account, device } },
    { envelope, plaintext: Buffer.from(proto.Message.encode(answer).finish()), text: null },
  );
}
