/**
 * Polls that came in, with the secret that their votes are encrypted with, and the newest vote of each voter in any poll.
 * Written and read by whatsapp/inboxLoop.
 */
import type { StoreContext } from './index.js';
import { fromJson, toBuffer } from './values.js';

export interface StoredPoll {
  messageId: string;
  question: string | null;
  options: string[];
  secret: Buffer;
  creator: { phone: string | null; lid: string | null };
}

export function createPollsStore({ q, cipher }: StoreContext) {
  return {
    /** Keeps a poll; the same again changes nothing. */
    async keep(sessionId: string, poll: StoredPoll, now: number): Promise<void> {
      await q
        .insertInto('polls')
        .values({
          session_id: sessionId,
          message_id: poll.messageId,
          question: poll.question,
          options: JSON.stringify(poll.options),
          secret: cipher.seal(poll.secret),
          creator_phone: poll.creator.phone,
          creator_lid: poll.creator.lid,
          created_at: now,
        })
        .onConflict((conflict) => conflict.columns(['session_id', 'message_id']).doNothing())
        .execute();
    },

    async find(sessionId: string, messageId: string): Promise<StoredPoll | null> {
      const row = await q
        .selectFrom('polls')
        .selectAll()
        .where('session_id', '=', sessionId)
        .where('message_id', '=', messageId)
        .executeTakeFirst();
      if (!row) return null;
      return {
        messageId: row.message_id,
        question: row.question,
        options: fromJson(row.options) as string[],
        secret: cipher.open(toBuffer(row.secret)),
        creator: { phone: row.creator_phone, lid: row.creator_lid },
      };
    },

    ...voting({ q }),

    async clear(sessionId: string): Promise<void> {
      await q.deleteFrom('polls').where('session_id', '=', sessionId).execute();
      await q.deleteFrom('poll_votes').where('session_id', '=', sessionId).execute();
    },
  };
}

const voting = ({ q }: Pick<StoreContext, 'q'>) => ({
  /** Puts a voter's choice in place of the one before, and answers the choices of all voters. */
  async vote(
    sessionId: string,
    messageId: string,
    { voter, choice }: { voter: string; choice: string[] },
  ): Promise<string[][]> {
    await q
      .insertInto('poll_votes')
      .values({ session_id: sessionId, message_id: messageId, voter, choice: JSON.stringify(choice) })
      .onConflict((conflict) =>
        conflict
          .columns(['session_id', 'message_id', 'voter'])
          .doUpdateSet((set) => ({ choice: set.ref('excluded.choice') })),
      )
      .execute();
    const rows = await q
      .selectFrom('poll_votes')
      .select('choice')
      .where('session_id', '=', sessionId)
      .where('message_id', '=', messageId)
      .execute();
    return rows.map((row) => fromJson(row.choice) as string[]);
  },
});
