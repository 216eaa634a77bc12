/**
 * What WhatsApp takes as an image, a video and so on: types and sizes per kind. Pure.
 */
import { gatewayError } from '../domain/error.js';
import type { MediaKind, MediaRole } from './types.js';

const MB = 1024 * 1024;

interface KindRule {
  maxBytes: number;
  /** Null: every type. */
  types: RegExp | null;
}

const VIDEO = /^video\/(mp4|3gpp|quicktime|webm|matroska|x-m4v)$/;

const RULES: Record<MediaRole, KindRule> = {
  image: { maxBytes: 16 * MB, types: /^image\/(jpeg|png|webp|gif)$/ },
  video: { maxBytes: 64 * MB, types: VIDEO },
  gif: { maxBytes: 64 * MB, types: new RegExp(`${VIDEO.source}|^image/gif$`) },
  audio: { maxBytes: 64 * MB, types: /^(audio\/[a-z0-9.+-]+|video\/(mp4|webm|ogg))$/ },
  document: { maxBytes: 100 * MB, types: null },
  // Of what a sticker is made; the sticker itself may have STICKER_BYTES.
  sticker: { maxBytes: 16 * MB, types: /^image\/(webp|png|jpeg|gif)$/ },
};

/** The largest sticker that WhatsApp shows. */
export const STICKER_BYTES = 1 * MB;

/** The size limit in bytes of a file sent as `kind`; the largest of all when the kind is not known yet. */
export const maxBytesOf = (kind: MediaRole | null): number => RULES[kind ?? 'document'].maxBytes;

const MIME_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

/** A media type without its parameters, in lower case; null when it is none. */
export function plainMimeType(text: string | null | undefined): string | null {
  const type = (text ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return MIME_TYPE.test(type) ? type : null;
}

/** Such as `codecs=opus`, which players go by. */
const PARAMETERS = /^[a-z0-9-]+=[\w.+-]+$/;

/** The type of a received file: what its sender says when that is a type, else what its bytes tell. */
export function mediaTypeOf(declared: string | null, detected: string | undefined): string {
  const type = plainMimeType(declared);
  if (type === null) return detected ?? 'application/octet-stream';
  const parameters = (declared ?? '').split(';').slice(1);
  const kept = parameters.map((part) => part.trim().toLowerCase()).filter((part) => PARAMETERS.test(part));
  return [type, ...kept].join('; ');
}

/**
 * The type that the file is sent with. Bytes that tell their type win over what the sender says; for kinds that
 * WhatsApp shows itself (all but documents) only bytes count, since a wrong type arrives as a broken message.
 * @throws GatewayError unsupported_media
 */
export function resolveMimeType(
  kind: MediaRole | null,
  detected: string | undefined,
  declared: string | null,
): string {
  const { types } = RULES[kind ?? 'document'];
  if (types === null) return detected ?? declared ?? 'application/octet-stream';
  // Bytes may tell the codec too, as in "audio/ogg; codecs=opus".
  if (detected !== undefined && types.test(plainMimeType(detected) ?? '')) return detected;
  const found = detected ?? 'of no type that can be told from its bytes';
  throw gatewayError('unsupported_media', `The file is ${found}, which cannot be sent as ${String(kind)}.`);
}

interface Typed {
  mimeType: string;
  sizeBytes: number;
}

/**
 * The stored file, if it can be sent as `kind`: an upload is stored before anybody says what it will be.
 * @throws GatewayError unsupported_media, media_too_large
 */
export function asKind<T extends Typed>(kind: MediaRole, file: T): T {
  resolveMimeType(kind, file.mimeType, null);
  const maxBytes = maxBytesOf(kind);
  if (file.sizeBytes <= maxBytes) return file;
  throw gatewayError(
    'media_too_large',
    `The file is larger than the ${String(maxBytes / MB)} MB of ${kind}.`,
  );
}

/** What phones show themselves; everything else is a document, which can be of any type. */
const SHOWN: [MediaKind, RegExp][] = [
  // A GIF that could not be made a video: a picture that does not move.
  ['image', /^image\/(jpeg|png|webp|gif)$/],
  ['video', /^video\/(mp4|3gpp|quicktime)$/],
  ['audio', /^audio\/(mpeg|mp4|x-m4a|aac|amr|ogg)\b/],
];

/** The kind that a file is best sent as; one that is too large for its kind goes as a document. */
export function kindOf({ mimeType, sizeBytes }: Typed): MediaKind {
  const shown = SHOWN.find(([kind, types]) => types.test(mimeType) && sizeBytes <= maxBytesOf(kind));
  return shown?.[0] ?? 'document';
}
