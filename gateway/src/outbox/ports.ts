/**
 * What the outbox needs from others, declared here by the one who uses it and composed in gateway.ts.
 */
import type { Address } from '../domain/address.js';
import type { Caller } from '../domain/apiKey.js';
import type { LinkedFile } from '../domain/campaign.js';
import type { NewEvent, StoredEvent } from '../domain/event.js';
import type { Fence } from '../domain/session.js';
import type { Bell } from '../cluster/bell.js';
import type { Clock } from '../lib/clock.js';
import type { Nouns, Store } from '../store/index.js';
import type { Message, SendOutcome } from '../domain/message.js';
import type { FileContent } from './types.js';

/** Appends an event in the caller's transaction; `committed` starts its delivery. */
export interface EventPublisher {
  publish: (tx: Nouns, event: NewEvent) => Promise<StoredEvent | null>;
  committed: () => void;
}

/** What is known of a recipient. Null from `lookUp`: nobody can say now. */
export interface RecipientLookup {
  lookUp: (sessionId: string, address: Address) => Promise<{ exists: boolean; jid: string | null } | null>;
}

/** The port to WhatsApp; `whatsapp/sessions` implements it, tests have a fake. */
export interface MessageSender {
  /** Whether the session can send right now. */
  isReady: (sessionId: string) => boolean;
  /**
   * Shows typing to the recipient for `typingMs`, then sends.
   * Never throws for what WhatsApp does; a thrown error is a bug and counts as an unknown outcome.
   */
  send: (fence: Fence, message: Message, how: { typingMs: number }) => Promise<SendOutcome>;
}

/** A file that is fetched by its link when its message is made; http/content implements it. */
export type OpenLinkedFile = (body: LinkedFile['body'], caller: Caller) => FileContent;

export interface OutboxDeps {
  store: Store;
  clock: Clock;
  bell: Bell;
  publisher: EventPublisher;
  recipients: RecipientLookup;
  sender: MessageSender;
  openLinkedFile: OpenLinkedFile;
  /** From 0 to below 1. */
  random: () => number;
  onError: (error: unknown) => void;
  /** Rows written by other processes are seen after this time at the latest, in milliseconds. */
  pollMs: number;
}
