/**
 * People who do not want to be written to: by phone number, with the addresses their chat may have. One list for all
 * sessions.
 */
import type { Selectable } from 'kysely';
import type { OptOut } from '../domain/optOut.js';
import type { OptOutsTable } from './database/pacingTables.js';
import { oneRowStatement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { affected } from './values.js';

const toOptOut = (row: Selectable<OptOutsTable>): OptOut => ({
  phone: row.phone,
  chatJid: row.chat_jid,
  lid: row.lid,
  source: row.source === 'keyword' ? 'keyword' : 'api',
  keyword: row.keyword,
  sessionId: row.session_id,
  createdAt: row.created_at,
  answerMessageId: row.answer_message_id,
});

const findCovering = oneRowStatement((q, { recipient, chatJid }: { recipient: string; chatJid: string }) =>
  q
    .selectFrom('opt_outs')
    .select('phone')
    .where((where) =>
      where.or([where('phone', '=', recipient), where('chat_jid', '=', chatJid), where('lid', '=', chatJid)]),
    )
    .limit(1),
);

export function createOptOutsStore(context: StoreContext) {
  const { q } = context;
  return {
    async find(phone: string): Promise<OptOut | null> {
      const row = await q.selectFrom('opt_outs').selectAll().where('phone', '=', phone).executeTakeFirst();
      return row ? toOptOut(row) : null;
    },

    /** Whether a message to this recipient, in this chat, is unwanted. */
    async covers(recipient: string, chatJid: string): Promise<boolean> {
      return (await findCovering(context, { recipient, chatJid })).rows.length > 0;
    },

    /** False when the number is on the list already. */
    async insert(optOut: OptOut): Promise<boolean> {
      const row = await q
        .insertInto('opt_outs')
        .values({
          phone: optOut.phone,
          chat_jid: optOut.chatJid,
          lid: optOut.lid,
          source: optOut.source,
          keyword: optOut.keyword,
          session_id: optOut.sessionId,
          created_at: optOut.createdAt,
          answer_message_id: optOut.answerMessageId,
        })
        .onConflict((conflict) => conflict.column('phone').doNothing())
        .returning('phone')
        .executeTakeFirst();
      return row !== undefined;
    },

    async setAnswer(phone: string, answerMessageId: string): Promise<void> {
      await q
        .updateTable('opt_outs')
        .set({ answer_message_id: answerMessageId })
        .where('phone', '=', phone)
        .execute();
    },

    async remove(phone: string): Promise<boolean> {
      return affected(await q.deleteFrom('opt_outs').where('phone', '=', phone).execute()) > 0;
    },

    /** By number, from after the cursor (a number). */
    async list({ limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<OptOut[]> {
      let query = q.selectFrom('opt_outs').selectAll().orderBy('phone').limit(limit);
      if (cursor !== undefined) query = query.where('phone', '>', cursor);
      return (await query.execute()).map(toOptOut);
    },
  };
}
