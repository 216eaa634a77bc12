/**
 * The JSON shapes of the gateway's HTTP API as the nodes see them: only the members they read or write.
 * Used by every node; a contract test compares them with the gateway's OpenAPI document.
 * Must not import anything, and must not hold logic.
 */

/** RFC 9457 problem document, the body of every refusal. */
export interface Problem {
  title: string;
  status: number;
  code: string;
  detail?: string;
  hint?: string;
  retryable?: boolean;
  retryAfterSeconds?: number;
  requestId?: string;
  errors?: Array<{ path: string; message: string }>;
}

export type SessionStatus =
  | 'created'
  | 'connecting'
  | 'qr'
  | 'pairing'
  | 'connected'
  | 'disconnected'
  | 'logged_out'
  | 'banned'
  | 'stopped';

export interface Session {
  id: string;
  name?: string | null;
  status: SessionStatus;
  reason?: { code: string; message: string; action: string } | null;
  phone?: string | null;
}

export interface Page<T> {
  data: T[];
  nextCursor?: string | null;
}

export interface QrCode {
  qr: string;
  /** `data:image/png;base64,...` */
  image: string;
  attempt?: number;
  expiresAt?: string;
}

export interface PairingCode {
  code: string;
  expiresAt: string;
}

export interface Message {
  id: string;
  waId?: string | null;
  sessionId: string;
  to: string;
  type: string;
  status: string;
  error?: { code: string; message: string; retryable: boolean } | null;
}

export interface BatchAnswer {
  accepted: number;
  rejected: Array<{ index: number; code: string; message: string }>;
  ids: Array<string | null>;
}

export interface Media {
  id: string;
  mimeType: string;
  sizeBytes: number;
  sha256: string;
}

export interface Webhook {
  id: string;
  url: string;
  events: string[];
  sessionIds?: string[] | null;
  filter?: WebhookFilter | null;
  description?: string | null;
  /** Only in the answer that made or rotated it. */
  secret?: string;
  enabled?: boolean;
  state?: string;
}

export interface WebhookFilter {
  chatKind?: 'direct' | 'group';
  from?: string;
  textMatches?: string;
}

export interface EventEnvelope {
  id: string;
  seq: number;
  type: string;
  timestamp: string;
  sessionId: string;
  data: Record<string, unknown>;
}

export interface IncomingMedia {
  id: string | null;
  url?: string | null;
  mimeType?: string | null;
  filename?: string | null;
  sizeBytes?: number | null;
  caption?: string | null;
  error?: unknown;
}

/** `data` of a `message.received` event. */
export interface IncomingMessage {
  messageId: string;
  /** Whether the owner of the number wrote it, on the phone or another device. */
  fromMe?: boolean;
  from: { phone: string | null; lid: string | null; jid: string; name: string | null };
  chat: { jid: string; kind: 'direct' | 'group'; name: string | null };
  kind: string;
  text: string | null;
  media: IncomingMedia | null;
  quoted?: { messageId?: string; text?: string | null } | null;
  sentAt: string;
}
