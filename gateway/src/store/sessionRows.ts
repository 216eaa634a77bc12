/**
 * A session as a row of `sessions`, and back. Pure; used by sessions and sessionReports.
 */
import type { Selectable } from 'kysely';
import type { PolicyInput } from '../domain/policy.js';
import {
  SESSION_REQUESTS,
  SESSION_STATUSES,
  type DesiredState,
  type Session,
  type SessionRequest,
  type SessionStatus,
} from '../domain/session.js';
import type { SessionsTable } from './database/schema.js';
import { fromJson, fromNullableJson, toNullableJson } from './values.js';

export interface SessionInsert {
  id: string;
  name: string | null;
  metadata: Record<string, unknown>;
  policy: PolicyInput | null;
  desired: DesiredState;
  now: number;
  /** Whether files of incoming messages are downloaded; absent: they are. */
  downloadMedia?: boolean | undefined;
  ownMessages?: boolean | undefined;
}

export interface SessionUpdate {
  name?: string | null;
  metadata?: Record<string, unknown>;
  policy?: PolicyInput | null;
  desired?: DesiredState;
  queuePaused?: boolean;
  downloadMedia?: boolean | undefined;
  ownMessages?: boolean | undefined;
  request?: SessionRequest | null;
}

export const SESSION_COLUMNS = [
  'id',
  'name',
  'metadata',
  'policy',
  'desired',
  'status',
  'reason',
  'status_since',
  'phone',
  'lid',
  'push_name',
  'queue_paused',
  'request',
  'last_sent_at',
  'last_active_at',
  'created_at',
  'download_media',
  'own_messages',
] as const;

type Row = Pick<Selectable<SessionsTable>, (typeof SESSION_COLUMNS)[number]>;

export function toStatus(text: string): SessionStatus {
  const status = SESSION_STATUSES.find((known) => known === text);
  if (!status) throw new Error(`The database holds an unknown session status: ${text}`);
  return status;
}

export const toSession = (row: Row): Session => ({
  id: row.id,
  name: row.name,
  metadata: fromJson(row.metadata) as Session['metadata'],
  policy: fromNullableJson(row.policy) as Session['policy'],
  desired: row.desired === 'started' ? 'started' : 'stopped',
  status: toStatus(row.status),
  reason: fromNullableJson(row.reason) as Session['reason'],
  since: row.status_since,
  phone: row.phone,
  lid: row.lid,
  pushName: row.push_name,
  queuePaused: row.queue_paused === 1,
  request: SESSION_REQUESTS.find((known) => known === row.request) ?? null,
  lastSentAt: row.last_sent_at,
  lastActiveAt: row.last_active_at,
  createdAt: row.created_at,
  downloadMedia: row.download_media === 1,
  ownMessages: row.own_messages === 1,
});

const flag = (value: boolean): 0 | 1 => (value ? 1 : 0);

export const toColumns = ({
  id,
  name,
  metadata,
  policy,
  desired,
  now,
  downloadMedia = true,
  ownMessages = false,
}: SessionInsert) => ({
  id,
  name,
  metadata: JSON.stringify(metadata),
  policy: toNullableJson(policy),
  desired,
  status: 'created',
  status_since: now,
  qr_attempt: 0,
  queue_paused: 0 as const,
  created_at: now,
  epoch: 0,
  download_media: flag(downloadMedia),
  own_messages: flag(ownMessages),
});

export const toChanges = (patch: SessionUpdate) => ({
  ...(patch.name !== undefined && { name: patch.name }),
  ...(patch.metadata !== undefined && { metadata: JSON.stringify(patch.metadata) }),
  ...(patch.policy !== undefined && { policy: toNullableJson(patch.policy) }),
  ...(patch.desired !== undefined && { desired: patch.desired }),
  ...(patch.queuePaused !== undefined && { queue_paused: flag(patch.queuePaused) }),
  ...(patch.downloadMedia !== undefined && { download_media: flag(patch.downloadMedia) }),
  ...(patch.ownMessages !== undefined && { own_messages: flag(patch.ownMessages) }),
  ...(patch.request !== undefined && { request: patch.request }),
});
