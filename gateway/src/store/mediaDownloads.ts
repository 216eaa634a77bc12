/**
 * Files of incoming messages that are to be fetched: one row per message with a file, from before its event is published
 * until the file is stored or given up. What is to be fetched, and its key, stand in the message's inbox entry.
 * Written by whatsapp/ in transactions that hold the session's lease; read by media/ for GET /v1/media/{id}.
 */
import { sql, type Selectable } from 'kysely';
import type { MediaProblem } from '../domain/incomingMedia.js';
import type { MediaDownloadsTable } from './database/schema.js';
import type { StoreContext } from './index.js';
import { fromNullableJson, toNullableJson } from './values.js';

export interface MediaDownloadRow {
  /** Id of the file, also before there is one. */
  id: string;
  sessionId: string;
  inboxPosition: number;
  state: 'pending' | 'stored' | 'failed';
  attempts: number;
  /** Where the file lies now, when the sender's phone has uploaded it again. */
  directPath: string | null;
  /** Why it was given up. */
  error: MediaProblem | null;
  /** Number of the event that went out before the file was there. */
  announcedSeq: number | null;
  createdAt: number;
}

export interface NewMediaDownload {
  id: string;
  sessionId: string;
  inboxPosition: number;
  now: number;
}

export interface DueDownloads {
  /** The process whose sessions are meant. */
  owner: string;
  now: number;
  limit: number;
  exceptIds: string[];
  exceptSessionIds: string[];
}

const toRow = (row: Selectable<MediaDownloadsTable>): MediaDownloadRow => ({
  id: row.id,
  sessionId: row.session_id,
  inboxPosition: row.inbox_position,
  state: row.state as MediaDownloadRow['state'],
  attempts: row.attempts,
  directPath: row.direct_path,
  error: fromNullableJson(row.error) as MediaProblem | null,
  announcedSeq: row.announced_seq,
  createdAt: row.created_at,
});

export function createMediaDownloadsStore({ q }: StoreContext) {
  return {
    /** Adds downloads that are due at once; one for a message that has one already changes nothing. */
    async add(downloads: NewMediaDownload[]): Promise<void> {
      if (downloads.length === 0) return;
      await q
        .insertInto('media_downloads')
        .values(
          downloads.map(({ id, sessionId, inboxPosition, now }) => ({
            id,
            session_id: sessionId,
            inbox_position: inboxPosition,
            state: 'pending',
            attempts: 0,
            next_attempt_at: now,
            created_at: now,
          })),
        )
        .onConflict((conflict) => conflict.column('inbox_position').doNothing())
        .execute();
    },

    /** Notes that the message's event went out before its file was there. */
    async announce(id: string, seq: number): Promise<void> {
      await q.updateTable('media_downloads').set({ announced_seq: seq }).where('id', '=', id).execute();
    },

    /** Counts a try that failed; the next is due at the time given. */
    async retry(
      id: string,
      next: { attempts: number; nextAttemptAt: number; directPath: string | null },
    ): Promise<void> {
      await q
        .updateTable('media_downloads')
        .set({
          attempts: next.attempts,
          next_attempt_at: next.nextAttemptAt,
          direct_path: next.directPath,
        })
        .where('id', '=', id)
        .where('state', '=', sql.lit('pending'))
        .execute();
    },

    /** Ends a download. Answers the row as it then stands; null when it had ended already or is gone. */
    async finish(
      id: string,
      end: { error: MediaProblem | null; attempts: number; now: number },
    ): Promise<MediaDownloadRow | null> {
      const row = await q
        .updateTable('media_downloads')
        .set({
          state: end.error === null ? 'stored' : 'failed',
          error: toNullableJson(end.error),
          attempts: end.attempts,
          next_attempt_at: null,
          finished_at: end.now,
        })
        .where('id', '=', id)
        .where('state', '=', sql.lit('pending'))
        .returningAll()
        .executeTakeFirst();
      return row ? toRow(row) : null;
    },

    ...looking({ q }),
  };
}

const looking = ({ q }: Pick<StoreContext, 'q'>) => ({
  async find(id: string): Promise<MediaDownloadRow | null> {
    const row = await q.selectFrom('media_downloads').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toRow(row) : null;
  },

  /** The downloads of these inbox entries, by their position. */
  async ofEntries(positions: number[]): Promise<Map<number, MediaDownloadRow>> {
    if (positions.length === 0) return new Map();
    const rows = await q
      .selectFrom('media_downloads')
      .selectAll()
      .where('inbox_position', 'in', positions)
      .execute();
    return new Map(rows.map((row) => [row.inbox_position, toRow(row)]));
  },

  /** What the process may fetch now, the longest waiting first. */
  async due({ owner, now, limit, exceptIds, exceptSessionIds }: DueDownloads): Promise<MediaDownloadRow[]> {
    let query = q
      .selectFrom('media_downloads as download')
      .innerJoin('sessions as session', 'session.id', 'download.session_id')
      .selectAll('download')
      .where('session.owner', '=', owner)
      .where('download.next_attempt_at', '<=', now);
    if (exceptIds.length > 0) query = query.where('download.id', 'not in', exceptIds);
    if (exceptSessionIds.length > 0) query = query.where('download.session_id', 'not in', exceptSessionIds);
    const rows = await query
      .orderBy('download.next_attempt_at')
      .orderBy('download.id')
      .limit(limit)
      .execute();
    return rows.map(toRow);
  },

  /** When the next download that waits for its time is due; null when none waits. */
  async nextDueAt(now: number): Promise<number | null> {
    const row = await q
      .selectFrom('media_downloads')
      .select('next_attempt_at')
      .where('next_attempt_at', '>', now)
      .orderBy('next_attempt_at')
      .limit(1)
      .executeTakeFirst();
    return row?.next_attempt_at ?? null;
  },

  async clear(sessionId: string): Promise<void> {
    await q.deleteFrom('media_downloads').where('session_id', '=', sessionId).execute();
  },
});
