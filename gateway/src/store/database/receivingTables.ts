/**
 * The tables of what comes in: the inbox, polls with their votes, messages that could not be decrypted. Part of schema.
 */
import type { Generated } from 'kysely';
import type { Bytes } from './columnTypes.js';

export interface InboxTable {
  position: Generated<number>;
  session_id: string;
  chat: string;
  sender: string;
  stanza_id: string;
  ciphertext_hash: string;
  stanza: string;
  plaintext: Bytes;
  received_at: number;
  processed_at: number | null;
  outcome: string | null;
  kind: Generated<string>;
}

export interface PollsTable {
  session_id: string;
  message_id: string;
  question: string | null;
  options: string;
  /** Sealed: whoever has it can read and forge votes. */
  secret: Bytes;
  creator_phone: string | null;
  creator_lid: string | null;
  created_at: number;
}

export interface PollVotesTable {
  session_id: string;
  message_id: string;
  voter: string;
  choice: string;
}

/** Messages that could not be decrypted and may come again. */
export interface UndecryptedTable {
  session_id: string;
  chat: string;
  sender: string;
  stanza_id: string;
  stanza: string;
  first_seen_at: number;
  reported_at: number | null;
  phone_only: Generated<number>;
  /** Requests of ours to send it again, beside those that Baileys makes by itself. */
  asked: Generated<number>;
  asked_at: number | null;
}
