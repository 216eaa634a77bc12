/**
 * What the WhatsApp side needs from others, declared here by the one who uses it and composed in gateway.ts.
 */
import type { NewEvent, StoredEvent } from '../domain/event.js';
import type { FetchOutcome, MediaSource } from '../domain/incomingMedia.js';
import type { Fence } from '../domain/session.js';
import type { Bell } from '../cluster/bell.js';
import type { Clock } from '../lib/clock.js';
import type { Logger } from '../lib/logger.js';
import type { Nouns, Store } from '../store/index.js';
import type { Timing } from './timing.js';

/** Appends an event in the caller's transaction; `committed` starts its delivery. */
export interface EventPublisher {
  publish: (tx: Nouns, event: NewEvent) => Promise<StoredEvent | null>;
  committed: () => void;
}

/** Told of receipts for messages that the session sent. */
export type ReceiptListener = (
  sessionId: string,
  receipt: { waIds: readonly string[]; status: 'delivered' | 'read' | 'played'; from: string },
) => Promise<void>;

/** A stored file that a message carries. */
export interface MediaFileToSend {
  path: string;
  mimeType: string;
  filename: string | null;
  /** Hex. */
  sha256: string;
}

/** `thumbnail` is a JPEG. */
interface Look {
  thumbnail: Buffer;
  width: number;
  height: number;
}

/** Where stored media files are read from, and what can be seen in them and in linked pages. */
export interface MediaFiles {
  file: (id: string) => Promise<MediaFileToSend>;
  /** How a file shows before it is loaded; null when it cannot be read as such, or what reads it is not installed. */
  look: {
    image: (path: string) => Promise<Look | null>;
    video: (path: string) => Promise<(Look & { seconds: number | null }) | null>;
    /** `waveform`: 64 bars from 0 to 100. */
    voice: (path: string) => Promise<{ seconds: number; waveform: Uint8Array } | null>;
  };
  /** What the page behind a link says of itself; null: nothing, or it cannot be reached. Never throws. */
  preview: (
    url: string,
  ) => Promise<{ title: string; description: string | null; thumbnail: Buffer | null } | null>;
}

/** Fetches files of incoming messages into the media folder. */
export interface IncomingFiles {
  /** One try, stored under `id`; never throws. */
  fetch: (id: string, source: MediaSource, signal: AbortSignal) => Promise<FetchOutcome>;
  /** Removes a stored file for which no row was written. */
  discard: (id: string) => Promise<void>;
}

/** Told, inside the transaction that writes it, of each event that came from a person. */
export type IncomingListener = (tx: Nouns, event: NewEvent) => Promise<void>;

export interface WhatsAppDeps {
  store: Store;
  clock: Clock;
  bell: Bell;
  publisher: EventPublisher;
  media: MediaFiles;
  incoming: IncomingFiles;
  /** What URLs of media begin with; known once the gateway listens. */
  publicUrl: () => Promise<string>;
  /** How long an event waits for its file at most, in milliseconds. */
  mediaWaitMs: number;
  /** This process, as sessions name their owner. */
  owner: string;
  onReceipt: ReceiptListener;
  onIncoming: IncomingListener;
  /** From 0 to below 1. */
  random: () => number;
  logger: Logger;
  /** Derives each message's secret; from the gateway's encryption key, never logged. */
  messageKey: Uint8Array;
  whatsapp: {
    /** WebSocket URL; undefined: WhatsApp's. */
    url?: string | undefined;
  };
  timing: Timing;
  /** The fence of a session owned by this process. */
  fenceOf: (sessionId: string) => Fence | null;
  /** Has the process that owns the session answer. @throws GatewayError session_not_connected, and what it throws */
  askOwner: (question: { sessionId: string; kind: string; input: unknown }) => Promise<unknown>;
  /** Makes the cluster look for a new session at once. */
  pollOwnership: () => Promise<void>;
  /** Rows written by other processes are seen after this time at the latest, in milliseconds. */
  pollMs: number;
}
