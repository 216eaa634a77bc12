/**
 * What a session is: its status words and the reason that goes with them.
 * The wire shape is in http/schemas; the row in store/sessions.
 */
import type { PolicyInput } from './policy.js';

export const SESSION_STATUSES = [
  'created',
  'connecting',
  'qr',
  'pairing',
  'connected',
  'disconnected',
  'logged_out',
  'banned',
  'stopped',
] as const;

export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** Why a session is in its status, and what its user can do. */
export interface StatusReason {
  code: string;
  message: string;
  action: string;
}

/** What a session's owner may be asked to do, besides keeping to the desired state. */
export const SESSION_REQUESTS = ['restart', 'wipe', 'logout', 'remove'] as const;
export type SessionRequest = (typeof SESSION_REQUESTS)[number];

/** Whether the owner should keep a socket open for the session. */
export type DesiredState = 'started' | 'stopped';

export const SESSION_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

/** Proof of ownership; every write for a session names it, and a stale one is refused (see cluster/ownership). */
export interface Fence {
  sessionId: string;
  owner: string;
  epoch: number;
}

/** A session as its store row tells it; counts of the queue come from the outbox. */
export interface Session {
  id: string;
  name: string | null;
  metadata: Record<string, unknown>;
  /** What the user gave; `resolvePolicy` completes it. */
  policy: PolicyInput | null;
  desired: DesiredState;
  status: SessionStatus;
  reason: StatusReason | null;
  /** Since when it is in this status, milliseconds since 1970. */
  since: number;
  /** Digits of the paired number, and its LID as a JID. */
  phone: string | null;
  lid: string | null;
  pushName: string | null;
  queuePaused: boolean;
  /** Asked of the owner and not done yet. */
  request: SessionRequest | null;
  /** When a message was last handed to WhatsApp. */
  lastSentAt: number | null;
  lastActiveAt: number | null;
  createdAt: number;
  /** Whether files of incoming messages are downloaded. */
  downloadMedia: boolean;
  /** Whether what the owner types on the phone or another device becomes events too. */
  ownMessages: boolean;
}

/** A code to type on the phone that is to be linked. */
export interface PairingCode {
  code: string;
  expiresAt: number;
}

/** A QR code waiting to be scanned. */
export interface SessionQr {
  /** The text that the picture encodes. */
  qr: string;
  /** The how-manieth code of this pairing, from 1. */
  attempt: number;
  expiresAt: number;
}
