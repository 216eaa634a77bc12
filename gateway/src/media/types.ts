/**
 * Media files for sending as http/, outbox/ and whatsapp/ see them. Implemented in this folder.
 */
import type { Readable } from 'node:stream';

export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker';

export interface MediaFile {
  id: string;
  /** The API key that stored it. */
  keyId: string | null;
  /** What the bytes are; what the sender said only where bytes do not tell. */
  mimeType: string;
  sizeBytes: number;
  /** Hex. */
  sha256: string;
  filename: string | null;
  createdAt: number;
  /** The session whose message brought it; null: uploaded. */
  sessionId: string | null;
}

export type MediaOwner = Pick<MediaFile, 'keyId' | 'sessionId'>;

/** What a file is given for: a kind of message, or a GIF, which is a video that may be made of an image. */
export type MediaRole = MediaKind | 'gif';

/** What a file is to be made fit for. */
export type MediaUse = 'voice' | 'sticker' | 'gif';

export interface MediaInput {
  /** What it is given for: decides the allowed types and the size limit. Null: any type, the largest limit. */
  kind: MediaRole | null;
  keyId: string | null;
  filename?: string | null | undefined;
  /** What the sender says it is. */
  mimeType?: string | undefined;
  /** Instead of the kind's limit. */
  maxBytes?: number | undefined;
}

export interface Media {
  /**
   * Fetches a link and stores the file. Redirects are followed, at most five, each checked.
   * @throws GatewayError media_unreachable, target_not_allowed, media_too_large, unsupported_media
   */
  fromLink(url: string, input: MediaInput): Promise<MediaFile>;
  /** @throws GatewayError invalid_request, media_too_large, unsupported_media */
  fromBase64(data: string, input: MediaInput): Promise<MediaFile>;
  /** Stores an upload. @throws GatewayError media_too_large, unsupported_media, invalid_request when empty */
  fromStream(stream: Readable, input: MediaInput): Promise<MediaFile>;
  /**
   * The file as WhatsApp wants it for this use: itself, or one that was made of it. A voice note and
   * a GIF stay as they are when there is no ffmpeg, or it fails. @throws GatewayError unsupported_media, media_too_large
   */
  fit(file: MediaFile, use: MediaUse): Promise<MediaFile>;
  /** @throws GatewayError media_not_found */
  find(id: string): Promise<MediaFile>;
  /** Removes a file that nothing refers to: it was fetched for a message that was refused. */
  discard(id: string): Promise<void>;
  /** Whose file it is, or will be once it is fetched. @throws GatewayError media_not_found */
  ownerOf(id: string): Promise<MediaOwner>;
  /**
   * The row and the absolute path of its file.
   * @throws GatewayError media_not_found, media_not_ready while a received file is being fetched
   */
  file(id: string): Promise<{ media: MediaFile; path: string }>;
  /** Removes half-written files that a crash left; call once at start. */
  clean(): Promise<void>;
}
