/**
 * The tables of the event log, of webhooks and of deliveries, as Kysely sees them; see schema.
 */
import type { Bytes, NullableBytes } from './columnTypes.js';

export interface EventCountersTable {
  session_id: string;
  last_seq: number;
}

export interface EventsTable {
  session_id: string;
  seq: number;
  id: string;
  type: string;
  data: string;
  dedupe_key: string | null;
  created_at: number;
}

export interface WebhooksTable {
  id: string;
  url: string;
  events: string;
  session_ids: string;
  filter: string | null;
  /** Sealed, because they may hold the receiver's credentials. */
  headers: Bytes;
  description: string | null;
  /** The url, events and sessions as one text: a webhook is made once for each. */
  identity: string;
  secret: Bytes;
  previous_secret: NullableBytes;
  previous_secret_expires_at: number | null;
  state: string;
  state_reason: string | null;
  failing_since: number | null;
  created_at: number;
  updated_at: number;
}

/** The line of one webhook and session: what is claimed, what waits, and how long. */
export interface DeliveryLanesTable {
  webhook_id: string;
  session_id: string;
  /** Null when nothing is pending. */
  next_attempt_at: number | null;
  /** Failures in a row. */
  failures: number;
  claim: string | null;
  claimed_until: number | null;
}

export interface DeliveriesTable {
  id: string;
  webhook_id: string;
  session_id: string;
  seq: number;
  event_id: string;
  event_type: string;
  state: string;
  attempts: number;
  created_at: number;
  /** When a failing delivery is given up. */
  expires_at: number;
  finished_at: number | null;
}

export interface DeliveryAttemptsTable {
  delivery_id: string;
  attempt: number;
  at: number;
  status: number | null;
  duration_ms: number;
  response: string | null;
  error: string | null;
}
