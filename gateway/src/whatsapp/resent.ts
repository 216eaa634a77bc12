/**
 * Messages that the account's own phone hands over, because this device could not decrypt them or never got them (those
 * that begin with an advertisement). Baileys asks the phone; what it answers becomes inbox rows here, under the stanza
 * that came first, in the transaction that moves the ratchet on. Used by decryptions.
 */
import { createHash } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { identityOf } from '../domain/address.js';
import type { InboxInsert, StanzaAttributes } from '../store/inbox.js';
import type { Store } from '../store/index.js';
import { decodePlaintext } from './fromWhatsApp.js';
import { isOwn } from './incoming/people.js';

/** Encoded messages by their id. */
type Resent = { id: string; message: Uint8Array }[];

/** Whether a message is from one of our account's devices to another, and none of a chat. */
export const isFromPeer = ({ category }: StanzaAttributes): boolean => category === 'peer';

function readResent(plaintext: Uint8Array): Resent {
  const message = decodePlaintext(Buffer.from(plaintext));
  const inner = message?.deviceSentMessage?.message ?? message;
  const response = inner?.protocolMessage?.peerDataOperationRequestResponseMessage;
  return (response?.peerDataOperationResult ?? []).flatMap(({ placeholderMessageResendResponse: found }) => {
    if (!found?.webMessageInfoBytes) return [];
    const { key, message } = proto.WebMessageInfo.decode(found.webMessageInfoBytes);
    return key?.id && message ? [{ id: key.id, message: proto.Message.encode(message).finish() }] : [];
  });
}

/** As a decryption would have given it: padded, which is one byte here. */
const padded = (message: Uint8Array): Buffer => Buffer.concat([message, Buffer.from([1])]);

export interface ResentDeps {
  store: Pick<Store, 'sessions' | 'undecrypted'>;
  sessionId: string;
}

/** What a decrypted peer message brings of messages that are missing. Those that nobody misses are left out. */
export async function resentIn(
  { store, sessionId }: ResentDeps,
  stanza: StanzaAttributes,
  plaintext: Uint8Array,
): Promise<Omit<InboxInsert, 'receivedAt'>[]> {
  const resent = readResent(plaintext);
  if (resent.length === 0) return [];
  const account = await store.sessions.find(sessionId);
  // Only our own phone may put words into the mouths of others.
  if (!account || !isOwn(identityOf(stanza.from), account)) return [];
  const rows: Omit<InboxInsert, 'receivedAt'>[] = [];
  for (const { id, message } of resent) {
    const missing = await store.undecrypted.find(sessionId, id);
    if (!missing) continue;
    const ciphertextHash = createHash('sha256').update(message).digest('base64');
    rows.push({ sessionId, stanza: missing.stanza, ciphertextHash, plaintext: padded(message) });
  }
  return rows;
}
