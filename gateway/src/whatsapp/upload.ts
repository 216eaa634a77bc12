/**
 * The protobuf of a message with a file: encrypts the file, hands it to WhatsApp's media servers, and describes it.
 * A file that the servers have from before is not uploaded again while the reference is fresh.
 * Not pure, and each upload has another key: `outgoing` keeps what it returns with the message. Used by `outgoing` only.
 */
import {
  prepareWAMessageMedia,
  proto,
  type AnyMediaMessageContent,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { MediaContent, MediaPart } from '../domain/message.js';
import type { MediaFileToSend, WhatsAppDeps } from './ports.js';

export interface UploadDeps extends Pick<WhatsAppDeps, 'clock' | 'media'> {
  store: Pick<WhatsAppDeps['store'], 'mediaUploads'>;
}

export interface Upload {
  sessionId: string;
  type: MediaContent['type'];
  part: MediaPart;
  file: MediaFileToSend;
}

/** WhatsApp keeps files for weeks, and promises nothing: a day is long enough for a campaign. */
const FRESH_MS = 24 * 3_600_000;

/** What Baileys is asked to prepare: the file and what can be seen in it. Null tells it not to look for itself. */
async function request(deps: UploadDeps, { type, file, part }: Upload): Promise<AnyMediaMessageContent> {
  const media = { url: file.path };
  const mimetype = part.mimeType;
  switch (type) {
    case 'image': {
      const look = await deps.media.look(file.path);
      const size = look && { width: look.width, height: look.height };
      return { image: media, mimetype, ...size, jpegThumbnail: look?.thumbnail.toString('base64') ?? '' };
    }
    case 'video':
      // A frame of it would need ffmpeg; WhatsApp shows a grey tile until it is loaded.
      return { video: media, mimetype, jpegThumbnail: '' };
    case 'audio':
      return { audio: media, mimetype };
    case 'document':
      return { document: media, mimetype };
    case 'sticker':
      return { sticker: media, mimetype };
  }
}

/** The empty one only told Baileys not to look for itself. */
function forgetEmptyThumbnail({ imageMessage, videoMessage }: proto.IMessage): void {
  for (const part of [imageMessage, videoMessage])
    if (part?.jpegThumbnail?.length === 0) part.jpegThumbnail = null;
}

/** The reference to the file on WhatsApp's servers, by an upload of now or of before. */
async function uploaded(
  deps: UploadDeps,
  upload: Upload,
  client: Pick<WASocket, 'waUploadToServer'>,
): Promise<proto.IMessage> {
  const { store, clock } = deps;
  const key = { sessionId: upload.sessionId, kind: upload.type, sha256: upload.file.sha256 };
  const oldest = clock.now() - FRESH_MS;
  const before = await store.mediaUploads.find(key, oldest);
  if (before) return proto.Message.decode(before);
  const prepared = await prepareWAMessageMedia(await request(deps, upload), {
    upload: client.waUploadToServer,
  });
  forgetEmptyThumbnail(prepared);
  await store.mediaUploads.removeBefore(oldest);
  await store.mediaUploads.save(key, Buffer.from(proto.Message.encode(prepared).finish()), clock.now());
  return prepared;
}

/** What this very message says of the file; the same file may be a voice note in one and a song in the next. */
function described(type: MediaContent['type'], part: MediaPart, filename: string | null): object {
  const { caption, viewOnce, mimeType: mimetype } = part;
  const common = {
    mimetype,
    ...(caption !== undefined && { caption }),
    ...(viewOnce === true && { viewOnce }),
  };
  switch (type) {
    case 'video':
      return { ...common, gifPlayback: part.gif ?? false };
    case 'audio':
      return { ...common, ptt: part.voice ?? false };
    case 'document':
      return { ...common, fileName: part.filename ?? filename ?? 'file' };
    case 'image':
    case 'sticker':
      return common;
  }
}

/** The message without its context: caption in place, wrapped when it may be opened once only. */
export async function uploadMedia(
  deps: UploadDeps,
  upload: Upload,
  client: Pick<WASocket, 'waUploadToServer'>,
): Promise<proto.IMessage> {
  const { type, part, file } = upload;
  const prepared = await uploaded(deps, upload, client);
  const name = `${type}Message` as const;
  const message: proto.IMessage = {
    [name]: { ...prepared[name], ...described(type, part, file.filename) },
  };
  return part.viewOnce === true ? { viewOnceMessage: { message } } : message;
}
