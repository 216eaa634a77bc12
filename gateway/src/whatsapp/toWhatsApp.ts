/**
 * A message of ours as the protobuf that WhatsApp carries. Pure: the same message always gives the same protobuf, so
 * that a resend after a restart is the message that was sent. Media need an upload first, see whatsapp/media.
 */
import type { proto } from '@whiskeysockets/baileys';
import type { TextContent } from '../domain/message.js';

/** `messageSecret`: 32 bytes that belong to this message; WhatsApp's clients derive reporting tokens from it. */
export function textToWhatsApp(content: TextContent, messageSecret: Buffer): proto.IMessage {
  return {
    extendedTextMessage: { text: content.text.body },
    messageContextInfo: { messageSecret },
  };
}
