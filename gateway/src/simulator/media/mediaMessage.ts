/**
 * Media messages of simulated people: uploads a file and describes it, or opens what a client has sent.
 */
import { normalizeMessageContent, type proto } from '@whiskeysockets/baileys';
import type { ContentOf } from '../messages/kinds.js';
import { decryptMedia, encryptMedia, type MediaType } from './mediaCrypto.js';
import type { MediaHost } from './mediaHost.js';

/** The protobuf of a file that a simulated person sends to a session; the file is on the media host afterwards. */
export function uploadMedia(
  { host, session }: { host: MediaHost; session: string | undefined },
  content: ContentOf<'media'>,
): proto.IMessage {
  const plain = Buffer.from(content.base64, 'base64');
  const type: MediaType = content.media === 'voice' ? 'audio' : content.media;
  const encrypted = encryptMedia(plain, type);
  const place = host.store({
    name: encrypted.fileEncSha256.toString('base64url'),
    bytes: encrypted.bytes,
    session,
  });
  const common = {
    ...place,
    mediaKey: encrypted.mediaKey,
    mediaKeyTimestamp: Math.floor(Date.now() / 1000),
    fileSha256: encrypted.fileSha256,
    fileEncSha256: encrypted.fileEncSha256,
    fileLength: plain.length,
    mimetype: content.mimetype,
  };
  const { caption, viewOnce } = content;
  const message = describe(content, { ...common, caption, viewOnce });
  return viewOnce ? { viewOnceMessageV2: { message } } : message;
}

function describe(content: ContentOf<'media'>, file: proto.Message.IImageMessage): proto.IMessage {
  switch (content.media) {
    case 'image':
      return { imageMessage: file };
    case 'video':
      return { videoMessage: file };
    case 'audio':
    case 'voice':
      return { audioMessage: { ...file, ptt: content.media === 'voice', seconds: content.seconds } };
    case 'document':
      return { documentMessage: { ...file, fileName: content.fileName, title: content.fileName } };
    case 'sticker':
      return { stickerMessage: file };
  }
}

export interface MediaFields {
  directPath?: string | null;
  mediaKey?: Uint8Array | null;
  fileSha256?: Uint8Array | null;
  mimetype?: string | null;
}

/** The description of the file in a message, if it has one. */
export function findMedia(message: proto.IMessage): { type: MediaType; fields: MediaFields } | undefined {
  const content = normalizeMessageContent(message);
  if (content?.imageMessage) return { type: 'image', fields: content.imageMessage };
  if (content?.videoMessage) return { type: 'video', fields: content.videoMessage };
  if (content?.audioMessage) return { type: 'audio', fields: content.audioMessage };
  if (content?.documentMessage) return { type: 'document', fields: content.documentMessage };
  if (content?.stickerMessage) return { type: 'sticker', fields: content.stickerMessage };
  return undefined;
}

/** The file inside a message, as its recipient sees it; undefined when it has none. @throws when it cannot be opened. */
export function openMedia(
  host: MediaHost,
  message: proto.IMessage,
): { mimetype: string; bytes: Buffer } | undefined {
  const media = findMedia(message);
  if (!media) return undefined;
  const { directPath, mediaKey, fileSha256, mimetype } = media.fields;
  const stored = host.find(directPath ?? '');
  if (!stored) throw new Error('the file is not on the media host');
  const keys = { mediaKey: Buffer.from(mediaKey ?? []), fileSha256: Buffer.from(fileSha256 ?? []) };
  return { mimetype: mimetype ?? 'application/octet-stream', bytes: decryptMedia(stored, media.type, keys) };
}
