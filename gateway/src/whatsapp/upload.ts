/**
 * The protobuf of a message with a file: encrypts the file, hands it to WhatsApp's media servers, and describes it.
 * Not pure, and each upload has another key: `outgoing` keeps what it returns with the message. Used by `outgoing` only.
 */
import {
  prepareWAMessageMedia,
  type AnyMediaMessageContent,
  type proto,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { MediaContent, MediaPart } from '../domain/message.js';

interface StoredFile {
  path: string;
  filename: string | null;
}

interface Upload {
  part: MediaPart;
  file: StoredFile;
}

/** What Baileys is asked to prepare; captions and view-once are put in afterwards, where WhatsApp reads them. */
function request(type: MediaContent['type'], { part, file }: Upload): AnyMediaMessageContent {
  const media = { url: file.path };
  const mimetype = part.mimeType;
  switch (type) {
    case 'image':
      return { image: media, mimetype };
    case 'video':
      return { video: media, mimetype, gifPlayback: part.gif ?? false };
    case 'audio':
      return { audio: media, mimetype, ptt: part.voice ?? false };
    case 'document':
      return { document: media, mimetype, fileName: part.filename ?? file.filename ?? 'file' };
    case 'sticker':
      return { sticker: media, mimetype };
  }
}

/** The message without its context: caption in place, wrapped when it may be opened once only. */
export async function uploadMedia(
  type: MediaContent['type'],
  upload: Upload,
  client: Pick<WASocket, 'waUploadToServer'>,
): Promise<proto.IMessage> {
  const prepared: proto.IMessage = await prepareWAMessageMedia(request(type, upload), {
    upload: client.waUploadToServer,
  });
  const { caption, viewOnce } = upload.part;
  const name = `${type}Message` as const;
  const extra = { ...(caption !== undefined && { caption }), ...(viewOnce === true && { viewOnce: true }) };
  const message: proto.IMessage = { [name]: { ...prepared[name], ...extra } };
  return viewOnce === true ? { viewOnceMessage: { message } } : message;
}
