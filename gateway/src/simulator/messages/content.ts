/**
 * Between Message protobufs and what people read: ids, padding, text, JSON. Pure.
 */
import { getContentType, normalizeMessageContent, proto } from '@whiskeysockets/baileys';
import { takeRandom } from '../../lib/randomPool.js';

/** An id as phones make them. */
export const newMessageId = (): string => `3A${takeRandom(9).toString('hex').toUpperCase()}`;

/** Signal plaintexts end with 1 to 16 bytes that each hold their count. */
export function pad(plaintext: Buffer): Buffer {
  const length = (takeRandom(1).readUInt8(0) & 15) + 1;
  return Buffer.concat([plaintext, Buffer.alloc(length, length)]);
}

/** Takes the padding off. @throws when there is none. */
export function unpad(padded: Buffer): Buffer {
  const length = padded.at(-1) ?? 0;
  if (length < 1 || length > 16 || length > padded.length) throw new Error('the plaintext is not padded');
  return padded.subarray(0, padded.length - length);
}

/** Spoils a ciphertext in its last byte, which belongs to its authentication code. */
export function corrupt(ciphertext: Buffer): void {
  const last = ciphertext.length - 1;
  ciphertext.writeUInt8(ciphertext.readUInt8(last) ^ 0xff, last);
}

/** Name of the protobuf field that holds the content. */
export const kindOf = (message: proto.IMessage): string =>
  getContentType(normalizeMessageContent(message)) ?? '';

/** The text that a person reads in a message: its body or caption; null when it has none. */
export function textOf(message: proto.IMessage): string | null {
  const content = normalizeMessageContent(message);
  const edited = content?.protocolMessage?.editedMessage;
  if (edited) return textOf(edited);
  const candidates = [
    content?.conversation,
    content?.extendedTextMessage?.text,
    content?.imageMessage?.caption,
    content?.videoMessage?.caption,
    content?.documentMessage?.caption,
    content?.reactionMessage?.text,
    content?.buttonsResponseMessage?.selectedDisplayText,
    content?.listResponseMessage?.title,
    content?.templateButtonReplyMessage?.selectedDisplayText,
  ];
  return candidates.find((candidate): candidate is string => Boolean(candidate)) ?? null;
}

/** The protobuf as plain JSON: bytes in base64, enums by name. */
export const toJson = (message: proto.IMessage): Record<string, unknown> =>
  proto.Message.toObject(proto.Message.fromObject(message), { bytes: String, longs: Number, enums: String });
