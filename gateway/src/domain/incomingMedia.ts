/**
 * Files of incoming messages: what is known of one before it is fetched, how a try to fetch it can end, and when it is
 * tried again. Pure; whatsapp/ reads the message and keeps the books, media/ fetches.
 */

export type IncomingMediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker';

/** What the message says of its file: where it lies, encrypted, and the key and hashes to open and check it with. */
export interface MediaSource {
  kind: IncomingMediaKind;
  url: string | null;
  directPath: string | null;
  mediaKey: Uint8Array;
  /** SHA-256 of the file; null: the message has none. */
  plainSha256: Uint8Array | null;
  /** SHA-256 of what lies on the server. */
  cipherSha256: Uint8Array | null;
  sizeBytes: number | null;
  mimeType: string | null;
  filename: string | null;
}

/** What keeps a file from being there, as clients see it in `media.error`. */
export interface MediaProblem {
  code: string;
  message: string;
}

/** A file on the disk, without a row yet. */
export interface FetchedMedia {
  mimeType: string;
  sizeBytes: number;
  /** Hex. */
  sha256: string;
  filename: string | null;
  /** Name of the file within the media folder. */
  path: string;
}

/**
 * How a try ended. `gone`: the server has deleted the file, the sender's phone can upload it again. `spoiled`: what came
 * is not the file of the message. `broken`: a passing failure of the connection or the server. `refused`: trying again is
 * pointless.
 */
export type FetchOutcome =
  | { kind: 'stored'; file: FetchedMedia }
  | { kind: 'gone' | 'spoiled' | 'broken' | 'refused'; problem: MediaProblem };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits after the first, second, ... failed try. After the last of them it is given up. */
const BROKEN_WAITS_MS = [
  SECOND,
  3 * SECOND,
  10 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
];
/** A file that does not fit its hashes hardly ever gets better; a proxy on the way may have spoiled it. */
const SPOILED_WAITS_MS = [SECOND / 2, SECOND];
/** The phone may be off; it is asked again when it is likely to be back. */
const GONE_WAITS_MS = [5 * SECOND, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];

/**
 * Wait before the file is tried again after `attempts` failed tries (from 1), with up to a fifth of jitter on top; null:
 * it is given up. `random` is from 0 to below 1.
 */
export function mediaRetryDelayMs(
  kind: FetchOutcome['kind'],
  attempts: number,
  random: number,
): number | null {
  const waits: Record<string, number[]> = {
    broken: BROKEN_WAITS_MS,
    spoiled: SPOILED_WAITS_MS,
    gone: GONE_WAITS_MS,
  };
  const wait = waits[kind]?.[attempts - 1];
  return wait === undefined ? null : Math.round(wait * (1 + random / 5));
}
