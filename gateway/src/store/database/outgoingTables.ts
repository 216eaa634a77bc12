/**
 * The tables around outgoing messages, as Kysely sees them (see schema.ts): receipts of group members, files that WhatsApp
 * has already, questions to a session's owner.
 */
import type { Bytes, NullableBytes } from './columnTypes.js';

/** What the members of a group received of a message. */
export interface MessageReceiptsTable {
  message_id: string;
  /** JID as the group names the person. */
  participant: string;
  delivered_at: number;
  read_at: number | null;
  played_at: number | null;
}

/** Files that WhatsApp's media servers have already. */
export interface MediaUploadsTable {
  session_id: string;
  kind: string;
  sha256: string;
  /** The encoded protobuf that names the upload and holds its key. */
  message: Bytes;
  uploaded_at: number;
}

/** Questions to the process that owns a session, asked by one that does not. */
export interface CommandsTable {
  id: string;
  session_id: string;
  kind: string;
  /** Sealed, because a pairing code is among the answers. */
  input: Bytes;
  created_at: number;
  expires_at: number;
  taken_at: number | null;
  answer: NullableBytes;
}
