/**
 * The protobuf of a message of ours, for the first send and for every resend alike: text is built anew each time and
 * always the same; a file is uploaded once, and what WhatsApp then needs to fetch it is kept with the message.
 */
import { createHmac } from 'node:crypto';
import { prepareWAMessageMedia, proto, type WASocket } from '@whiskeysockets/baileys';
import type { Message } from '../domain/message.js';
import type { WhatsAppDeps } from './ports.js';
import { textToWhatsApp } from './toWhatsApp.js';

export type OutgoingDeps = Pick<WhatsAppDeps, 'store' | 'media' | 'messageKey'>;

const secretOf = (messageKey: Uint8Array, waId: string): Buffer =>
  createHmac('sha256', messageKey).update(waId).digest();

async function storedWire(deps: OutgoingDeps, message: Message): Promise<proto.IMessage | null> {
  const wire = await deps.store.messages.wire(message.id);
  return wire && proto.Message.decode(wire);
}

/** The protobuf to send now; uploads the message's file if that has not been done. */
export async function toOutgoing(
  deps: OutgoingDeps,
  message: Message,
  client: WASocket,
): Promise<proto.IMessage> {
  const { content } = message;
  const messageSecret = secretOf(deps.messageKey, message.waId);
  if (content.type === 'text') return textToWhatsApp(content, messageSecret);
  const stored = await storedWire(deps, message);
  if (stored) return stored;
  const file = await deps.media.file(content.image.mediaId);
  const { imageMessage } = await prepareWAMessageMedia(
    { image: { url: file.path }, mimetype: content.image.mimeType },
    { upload: client.waUploadToServer },
  );
  const uploaded: proto.IMessage = {
    imageMessage: { ...imageMessage, caption: content.image.caption ?? null },
    messageContextInfo: { messageSecret },
  };
  await deps.store.messages.setWire(message.id, Buffer.from(proto.Message.encode(uploaded).finish()));
  return uploaded;
}

/** What was sent under a WhatsApp id, for a recipient that could not decrypt it; null when it is not ours. */
export async function findOutgoing(deps: OutgoingDeps, waId: string): Promise<proto.IMessage | null> {
  const message = await deps.store.messages.findByWaId(waId);
  if (!message) return null;
  if (message.content.type === 'text')
    return textToWhatsApp(message.content, secretOf(deps.messageKey, waId));
  return storedWire(deps, message);
}
