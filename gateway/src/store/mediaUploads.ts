/**
 * Files that WhatsApp's media servers have already, by what is in them: a file for many recipients is uploaded once.
 * Written and read by whatsapp/upload, which says how long a reference is fresh.
 */
import type { StoreContext } from './index.js';
import { toBuffer } from './values.js';

export interface MediaUploadKey {
  sessionId: string;
  /** The kind of message, since each has keys of its own. */
  kind: string;
  /** Of the plain file, hex. */
  sha256: string;
}

export function createMediaUploadsStore({ q }: StoreContext) {
  return {
    /** The encoded protobuf that names the upload; null when there is none since the time. */
    async find({ sessionId, kind, sha256 }: MediaUploadKey, since: number): Promise<Buffer | null> {
      const row = await q
        .selectFrom('media_uploads')
        .select('message')
        .where('session_id', '=', sessionId)
        .where('kind', '=', kind)
        .where('sha256', '=', sha256)
        .where('uploaded_at', '>=', since)
        .executeTakeFirst();
      return row ? toBuffer(row.message) : null;
    },

    async save({ sessionId, kind, sha256 }: MediaUploadKey, message: Buffer, now: number): Promise<void> {
      await q
        .insertInto('media_uploads')
        .values({ session_id: sessionId, kind, sha256, message, uploaded_at: now })
        .onConflict((conflict) =>
          conflict.columns(['session_id', 'kind', 'sha256']).doUpdateSet({ message, uploaded_at: now }),
        )
        .execute();
    },

    /** Forgets references that nobody may use any more. */
    async removeBefore(time: number): Promise<void> {
      await q.deleteFrom('media_uploads').where('uploaded_at', '<', time).execute();
    },
  };
}
