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

const isVoice = ({ type, part }: Upload): boolean => type === 'audio' && part.voice === true;

/** Phones show whole seconds, and something that plays for none looks broken. */
const wholeSeconds = (seconds: number): number => Math.max(1, Math.round(seconds));

/** A thumbnail of no bytes tells Baileys not to look for itself. */
const pictured = (look: { thumbnail: Buffer; width: number; height: number } | null) => ({
  jpegThumbnail: look?.thumbnail.toString('base64') ?? '',
  ...(look && { width: look.width, height: look.height }),
});

interface Request {
  /** What Baileys is asked to prepare: the file and how it looks. */
  content: AnyMediaMessageContent;
  /** What it is not told, because its types do not know of it. */
  facts?: { seconds?: number; waveform?: Uint8Array };
}

async function voiceNote({ media }: UploadDeps, audio: { url: string }, mimetype: string): Promise<Request> {
  const sound = await media.look.voice(audio.url);
  if (!sound) return { content: { audio, mimetype } };
  const seconds = wholeSeconds(sound.seconds);
  return { content: { audio, mimetype, seconds }, facts: { waveform: sound.waveform } };
}

async function request(deps: UploadDeps, upload: Upload): Promise<Request> {
  const { type, file, part } = upload;
  const media = { url: file.path };
  const mimetype = part.mimeType;
  switch (type) {
    case 'image':
      return { content: { image: media, mimetype, ...pictured(await deps.media.look.image(file.path)) } };
    case 'video': {
      // Without a look WhatsApp shows a grey tile until it is loaded.
      const look = await deps.media.look.video(file.path);
      const content = { video: media, mimetype, ...pictured(look) };
      const seconds = look?.seconds ?? null;
      return seconds === null ? { content } : { content, facts: { seconds: wholeSeconds(seconds) } };
    }
    case 'audio':
      if (isVoice(upload)) return voiceNote(deps, media, mimetype);
      // How long it plays Baileys finds out.
      return { content: { audio: media, mimetype } };
    case 'document':
      return { content: { document: media, mimetype } };
    case 'sticker':
      return { content: { sticker: media, mimetype } };
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
  // A voice note has bars that a song has not.
  const kind = isVoice(upload) ? 'voice' : upload.type;
  const key = { sessionId: upload.sessionId, kind, sha256: upload.file.sha256 };
  const oldest = clock.now() - FRESH_MS;
  const before = await store.mediaUploads.find(key, oldest);
  if (before) return proto.Message.decode(before);
  const { content, facts } = await request(deps, upload);
  const prepared = await prepareWAMessageMedia(content, { upload: client.waUploadToServer });
  Object.assign(prepared[`${upload.type}Message`] ?? {}, facts);
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
