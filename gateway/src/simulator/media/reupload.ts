/**
 * A client asks its own phone to upload a file again that the media host no longer has (a `server-error` receipt).
 * The phone answers with an encrypted notification: the new place, or why there is none.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { jidOf } from '../directory/address.js';
import type { Session } from '../login/session.js';
import { type BinaryNode, childBytes, childOf, node, stanzaTime } from '../wire/nodes.js';
import { findMedia, type MediaFields } from './mediaMessage.js';

const INFO = 'WhatsApp Media Retry Notification';
const TAG_LENGTH = 16;
const { ResultType } = proto.MediaRetryNotification;

const keyOf = (mediaKey: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(0), INFO, 32));

function seal(mediaKey: Uint8Array, waId: string, plain: Uint8Array): BinaryNode {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(mediaKey), iv);
  cipher.setAAD(Buffer.from(waId));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return node('encrypt', {}, [node('enc_p', {}, sealed), node('enc_iv', {}, iv)]);
}

/** Whether the request was made with the key of the file and names the message. */
function isGenuine(mediaKey: Uint8Array, waId: string, receipt: BinaryNode): boolean {
  const encrypted = childOf(receipt, 'encrypt');
  const sealed = childBytes(encrypted, 'enc_p');
  const iv = childBytes(encrypted, 'enc_iv');
  if (!sealed || !iv || sealed.length <= TAG_LENGTH) return false;
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyOf(mediaKey), iv);
    decipher.setAAD(Buffer.from(waId));
    decipher.setAuthTag(sealed.subarray(-TAG_LENGTH));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_LENGTH)), decipher.final()]);
    return proto.ServerErrorReceipt.decode(plain).stanzaId === waId;
  } catch {
    return false;
  }
}

/** The file of a message that the phone of the session sent or got. */
function fileOf({ world, account }: Session, waId: string): MediaFields | undefined {
  const seen = world.records.messages
    .all()
    .findLast(
      (record) => record.waId === waId && (record.to === account.number || record.from === account.number),
    );
  return seen && findMedia(seen.message)?.fields;
}

function answerFor(session: Session, waId: string, receipt: BinaryNode): BinaryNode {
  const { world, account } = session;
  const file = fileOf(session, waId);
  const { mediaKey, directPath } = file ?? {};
  // Without the key nothing can be encrypted for the client.
  if (!mediaKey) return node('error', { code: ResultType.NOT_FOUND });
  const sealed = (result: proto.IMediaRetryNotification): BinaryNode =>
    seal(mediaKey, waId, proto.MediaRetryNotification.encode({ stanzaId: waId, ...result }).finish());
  if (!isGenuine(mediaKey, waId, receipt)) {
    world.records.flag('malformed', `the request to upload the file of ${waId} again`, account.number);
    return sealed({ result: ResultType.DECRYPTION_ERROR });
  }
  const place = world.media.renew(directPath ?? '', account.number);
  if (!place) return sealed({ result: ResultType.NOT_FOUND });
  return sealed({ result: ResultType.SUCCESS, directPath: place.directPath });
}

/** Answers as soon as the phone has network. */
export async function answerReupload(session: Session, receipt: BinaryNode): Promise<void> {
  const { account, device } = session;
  const waId = receipt.attrs.id ?? '';
  await account.online.whenOnline();
  const attrs = { type: 'mediaretry', from: jidOf(account, 'pn'), id: waId, t: stanzaTime() };
  const asked = childOf(receipt, 'rmr')?.attrs ?? {};
  device.queue.push(node('notification', attrs, [answerFor(session, waId, receipt), node('rmr', asked)]));
}
