/**
 * The protobuf of a message of ours, for the first send and for every resend alike: most kinds are built anew each
 * time and always the same; a file is uploaded once and a quote looked up once, and what was sent is kept.
 */
import { createHmac } from 'node:crypto';
import { proto, type WASocket } from '@whiskeysockets/baileys';
import { previewedLink } from '../domain/link.js';
import { isMedia, mediaOf, type Message } from '../domain/message.js';
import type { WhatsAppDeps } from './ports.js';
import { findQuote, withContext } from './quote.js';
import { toWhatsApp } from './toWhatsApp.js';
import { uploadMedia } from './upload.js';

export type OutgoingDeps = Pick<WhatsAppDeps, 'store' | 'clock' | 'media' | 'messageKey'>;

/** The secret of a message of ours; votes in a poll are encrypted with it. */
export const secretOf = (messageKey: Uint8Array, waId: string): Buffer =>
  createHmac('sha256', messageKey).update(waId).digest();

async function storedWire(deps: OutgoingDeps, message: Message): Promise<proto.IMessage | null> {
  const wire = await deps.store.messages.wire(message.id);
  return wire && proto.Message.decode(wire);
}

/** A file has another key after each upload, and what a reply quotes or a link shows may go: what was sent is then kept. */
const isKept = ({ content, contextMessageId }: Message): boolean =>
  isMedia(content) || contextMessageId !== null || previewedLink(content) !== null;

/** The text with what the page behind its first link says of itself; without a preview the text alone. */
async function withPreview(
  { media }: OutgoingDeps,
  message: Message,
  built: proto.IMessage,
): Promise<proto.IMessage> {
  const link = previewedLink(message.content);
  const preview = link === null ? null : await media.preview(link);
  if (link === null || !preview) return built;
  const { title, description, thumbnail } = preview;
  const shown = {
    matchedText: link,
    title,
    previewType: proto.Message.ExtendedTextMessage.PreviewType.NONE,
    ...(description !== null && { description }),
    ...(thumbnail !== null && { jpegThumbnail: thumbnail }),
  };
  return { ...built, extendedTextMessage: { ...built.extendedTextMessage, ...shown } };
}

async function build(deps: OutgoingDeps, message: Message, client: WASocket): Promise<proto.IMessage> {
  const { content } = message;
  const messageSecret = secretOf(deps.messageKey, message.waId);
  if (!isMedia(content)) return withPreview(deps, message, toWhatsApp(content, message, messageSecret));
  const part = mediaOf(content);
  const file = await deps.media.file(part.mediaId);
  const { sessionId } = message;
  const uploaded = await uploadMedia(deps, { sessionId, type: content.type, part, file }, client);
  return { ...uploaded, messageContextInfo: { messageSecret } };
}

/** What was sent for a message of ours; null when it has not been sent yet. */
async function sentFor(deps: OutgoingDeps, message: Message): Promise<proto.IMessage | null> {
  const { content } = message;
  if (isKept(message) || isMedia(content)) return storedWire(deps, message);
  return toWhatsApp(content, message, secretOf(deps.messageKey, message.waId));
}

/** The protobuf to send now; uploads the message's file if that has not been done. */
export async function toOutgoing(
  deps: OutgoingDeps,
  message: Message,
  client: WASocket,
): Promise<proto.IMessage> {
  const before = await sentFor(deps, message);
  if (before) return before;
  const quote = await findQuote({ ...deps, sent: (quoted) => sentFor(deps, quoted) }, message);
  const plain = await build(deps, message, client);
  const built = quote ? withContext(plain, quote) : plain;
  await deps.store.messages.setWire(message.id, Buffer.from(proto.Message.encode(built).finish()));
  return built;
}

/** What was sent under a WhatsApp id, for a recipient that could not decrypt it; null when it is not ours. */
export async function findOutgoing(deps: OutgoingDeps, waId: string): Promise<proto.IMessage | null> {
  const message = await deps.store.messages.findByWaId(waId);
  return message && sentFor(deps, message);
}
