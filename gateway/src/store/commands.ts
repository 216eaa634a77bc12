/**
 * Questions to the process that owns a session, from processes that do not: asked, taken by the owner, answered.
 * What is asked and answered is sealed. Used by cluster/commands.
 */
import { openText, sealText } from '../lib/cipher.js';
import type { StoreContext } from './index.js';
import { affected, toBuffer } from './values.js';

export interface NewCommand {
  id: string;
  sessionId: string;
  kind: string;
  /** JSON. */
  input: string;
  now: number;
  expiresAt: number;
}

export interface TakenCommand {
  id: string;
  sessionId: string;
  kind: string;
  input: string;
}

export function createCommandsStore({ q, cipher }: StoreContext) {
  return {
    async insert({ id, sessionId, kind, input, now, expiresAt }: NewCommand): Promise<void> {
      await q
        .insertInto('commands')
        .values({
          id,
          session_id: sessionId,
          kind,
          input: sealText(cipher, input),
          created_at: now,
          expires_at: expiresAt,
        })
        .execute();
    },

    /** What waits for this owner's sessions, oldest first; the same question is taken once. */
    async take(owner: string, now: number): Promise<TakenCommand[]> {
      const waiting = q
        .selectFrom('commands')
        .innerJoin('sessions', 'sessions.id', 'commands.session_id')
        .select('commands.id')
        .where('sessions.owner', '=', owner)
        .where('commands.taken_at', 'is', null)
        .where('commands.expires_at', '>', now);
      const rows = await q
        .updateTable('commands')
        .set({ taken_at: now })
        .where('id', 'in', waiting)
        .where('taken_at', 'is', null)
        .returning(['id', 'session_id', 'kind', 'input', 'created_at'])
        .execute();
      return rows
        .toSorted((a, b) => a.created_at - b.created_at)
        .map((row) => ({
          id: row.id,
          sessionId: row.session_id,
          kind: row.kind,
          input: openText(cipher, toBuffer(row.input)),
        }));
    },

    async answer(id: string, answer: string): Promise<void> {
      await q
        .updateTable('commands')
        .set({ answer: sealText(cipher, answer) })
        .where('id', '=', id)
        .execute();
    },

    /** The answer as JSON; null while there is none. */
    async findAnswer(id: string): Promise<string | null> {
      const row = await q.selectFrom('commands').select('answer').where('id', '=', id).executeTakeFirst();
      return row?.answer ? openText(cipher, toBuffer(row.answer)) : null;
    },

    async remove(id: string): Promise<void> {
      await q.deleteFrom('commands').where('id', '=', id).execute();
    },

    /** Removes what nobody waits for any more. */
    async removeExpired(now: number): Promise<number> {
      return affected(await q.deleteFrom('commands').where('expires_at', '<=', now).execute());
    },
  };
}
