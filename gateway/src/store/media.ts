/**
 * Rows of media files; the files themselves lie in the media folder and are written by media/.
 */
import type { StoreContext } from './index.js';

export interface MediaRow {
  id: string;
  keyId: string | null;
  mimeType: string;
  sizeBytes: number;
  /** Hex. */
  sha256: string;
  filename: string | null;
  /** Name of the file within the media folder. */
  path: string;
  createdAt: number;
  /** The session whose message brought it; null: uploaded. */
  sessionId: string | null;
}

export function createMediaStore({ q }: StoreContext) {
  return {
    async insert(media: MediaRow): Promise<void> {
      await q
        .insertInto('media')
        .values({
          id: media.id,
          key_id: media.keyId,
          mime_type: media.mimeType,
          size_bytes: media.sizeBytes,
          sha256: media.sha256,
          filename: media.filename,
          path: media.path,
          created_at: media.createdAt,
          session_id: media.sessionId,
        })
        .execute();
    },

    async remove(id: string): Promise<void> {
      await q.deleteFrom('media').where('id', '=', id).execute();
    },

    async find(id: string): Promise<MediaRow | null> {
      const row = await q.selectFrom('media').selectAll().where('id', '=', id).executeTakeFirst();
      if (!row) return null;
      return {
        id: row.id,
        keyId: row.key_id,
        mimeType: row.mime_type,
        sizeBytes: row.size_bytes,
        sha256: row.sha256,
        filename: row.filename,
        path: row.path,
        createdAt: row.created_at,
        sessionId: row.session_id,
      };
    },
  };
}
