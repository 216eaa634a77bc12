/**
 * What the rest of the gateway asks of the WhatsApp side. Implemented by `sessions`; http/ and gateway.ts call it.
 */
import type { DesiredState, PairingCode, Session, SessionQr, SessionStatus } from '../domain/session.js';
import type { PolicyInput } from '../domain/policy.js';
import type { Address } from '../domain/address.js';
import type { Group } from '../domain/group.js';

export interface NewSession {
  /** Made up when absent. */
  id?: string | undefined;
  name?: string | undefined;
  metadata?: Record<string, unknown> | undefined;
  policy?: PolicyInput | undefined;
  /** Whether files of incoming messages are downloaded; they are when absent. */
  downloadMedia?: boolean | undefined;
  ownMessages?: boolean | undefined;
  start: boolean;
}

export interface SessionPatch {
  name?: string | null | undefined;
  metadata?: Record<string, unknown> | undefined;
  policy?: PolicyInput | null | undefined;
  downloadMedia?: boolean | undefined;
  ownMessages?: boolean | undefined;
}

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
  /** Only these; empty: all. */
  sessionIds: string[];
}

/** What WhatsApp says of a phone number. */
export interface Recipient {
  exists: boolean;
  phone: string;
  jid: string | null;
  lid: string | null;
}

/** What a chat shows of this number, and, without a chat, what all contacts see. */
export const CHAT_STATES = ['available', 'unavailable', 'typing', 'recording', 'paused'] as const;
export type ChatState = (typeof CHAT_STATES)[number];

export interface ShownPresence {
  /** Phone number or JID, for what is shown in one chat. */
  chat?: string | undefined;
  state: ChatState;
}

export interface Sessions {
  /** @throws GatewayError session_exists */
  create: (input: NewSession) => Promise<Session>;
  /** @throws GatewayError session_not_found, as do all below that take an id */
  get: (id: string) => Promise<Session>;
  list: (page: PageRequest) => Promise<Page<Session>>;
  patch: (id: string, patch: SessionPatch) => Promise<Session>;
  /** Logs out if paired, and removes the session with its credentials and waiting messages. */
  remove: (id: string) => Promise<void>;
  setDesired: (id: string, desired: DesiredState) => Promise<Session>;
  /** Holds the session's queue, or lets it go on; what is being sent is not called back. */
  setQueuePaused: (id: string, paused: boolean) => Promise<Session>;
  /** Unlinks the device from the phone; the session then needs a new QR code. */
  logout: (id: string) => Promise<Session>;
  /** Closes and opens the socket again; `wipe` forgets the credentials first. */
  restart: (id: string, wipe: boolean) => Promise<Session>;
  /** Waits until the session has the status, at most `timeoutMs`; answers as it then stands. */
  waitFor: (id: string, status: SessionStatus, timeoutMs: number) => Promise<Session>;
  /**
   * The QR code to scan, waiting up to `waitMs` for one.
   * @throws GatewayError session_connected, qr_not_available
   */
  qr: (id: string, waitMs: number) => Promise<SessionQr>;
  /**
   * A code to type on the phone with this number, digits only, instead of scanning.
   * @throws GatewayError session_connected, invalid_state, session_not_connected
   */
  pairingCode: (id: string, phone: string) => Promise<PairingCode>;
  /**
   * Asks WhatsApp for a recipient, or the cache, through the process that holds the connection. Null: nobody can say now
   * (not connected, no answer).
   * @throws GatewayError session_not_found, session_not_connected
   */
  recipient: (id: string, address: Address) => Promise<Recipient | null>;
  /** The groups that the number is in. @throws GatewayError session_not_connected */
  groups: (id: string) => Promise<Group[]>;
  /** @throws GatewayError group_not_found, session_not_connected */
  group: (id: string, jid: string) => Promise<Group>;
  /** @throws GatewayError recipient_invalid, session_not_connected */
  showPresence: (id: string, presence: ShownPresence) => Promise<void>;
  /** Shows messages that came in as read, by WhatsApp's ids. @throws GatewayError message_not_found, session_not_connected */
  markRead: (id: string, messageIds: string[]) => Promise<void>;
}
