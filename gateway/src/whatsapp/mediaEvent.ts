/**
 * The `media` of an event, filled in with what has become of the file. Pure.
 */
import type { MediaProblem } from '../domain/incomingMedia.js';
import type { MediaDescription } from './incoming/types.js';

/** Why there is no file: the session's user does not want files. */
export const NOT_DOWNLOADED: MediaProblem = {
  code: 'not_downloaded',
  message: 'This session does not download files (downloadMedia is false).',
};

interface StoredFile {
  mimeType: string;
  sizeBytes: number;
  sha256: string;
}

export interface FileAddress {
  id: string;
  url: string;
}

/** The file can be had. */
export const withFile = (
  media: MediaDescription,
  address: FileAddress,
  { mimeType, sizeBytes, sha256 }: StoredFile,
): MediaDescription => ({ ...withoutPending(media), ...address, mimeType, sizeBytes, sha256, error: null });

/** The file is on its way: the address is where it will be. */
export const withPending = (media: MediaDescription, address: FileAddress): MediaDescription => ({
  ...media,
  ...address,
  error: null,
  pending: true,
});

/** There will be no file. */
export const withProblem = (media: MediaDescription, error: MediaProblem): MediaDescription => ({
  ...withoutPending(media),
  id: null,
  url: null,
  error,
});

function withoutPending(media: MediaDescription): MediaDescription {
  const settled = { ...media };
  delete settled.pending;
  return settled;
}

/** The `media` of an event's data; null when the message has no file. */
export const mediaIn = (data: Record<string, unknown>): MediaDescription | null =>
  (data.media as MediaDescription | null | undefined) ?? null;
