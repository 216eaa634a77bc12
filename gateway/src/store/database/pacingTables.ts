/**
 * The tables of pacing as Kysely sees them: what was sent, to whom, what WhatsApp restricts, who opted out.
 * Part of `schema`; times are milliseconds since 1970, booleans are 0 or 1.
 */
type Flag = 0 | 1;

/** What a session has sent, in numbers: one row for its messages, one for its test messages. */
export interface PacingCountersTable {
  session_id: string;
  test: Flag;
  /** The number that the counts are of. */
  phone: string | null;
  last_sent_at: number | null;
  since_cooldown: number;
  warm_up_since: number | null;
  sent_all: number;
  sent_unprompted: number;
  sent_new: number;
  /** The message that was counted last and whose outcome is not written yet, and the tracks it counts for. */
  open_message_id: string | null;
  open_tracks: string | null;
}

/** One row per message sent and track that it counts for, numbered without gaps. */
export interface SendingsTable {
  session_id: string;
  test: Flag;
  track: string;
  n: number;
  at: number;
}

export interface TextSendingsTable {
  session_id: string;
  test: Flag;
  text_hash: string;
  at: number;
}

/** With whom a session has written, and when last. */
export interface ContactsTable {
  session_id: string;
  test: Flag;
  chat_jid: string;
  first_sent_at: number | null;
  last_sent_at: number | null;
  last_received_at: number | null;
  /** When WhatsApp last refused a message there for want of a chat. */
  refused_at: number | null;
}

export interface RestrictionsTable {
  session_id: string;
  kind: string;
  active: Flag;
  until: number | null;
  reason: string | null;
  quota_total: number | null;
  quota_used: number | null;
  since: number;
}

export interface OptOutsTable {
  phone: string;
  chat_jid: string;
  lid: string | null;
  source: string;
  keyword: string | null;
  session_id: string | null;
  created_at: number;
  /** The one message that still goes: the answer to the opt-out. */
  answer_message_id: string | null;
}

export interface PacingTables {
  pacing_counters: PacingCountersTable;
  sendings: SendingsTable;
  text_sendings: TextSendingsTable;
  contacts: ContactsTable;
  restrictions: RestrictionsTable;
  opt_outs: OptOutsTable;
}
