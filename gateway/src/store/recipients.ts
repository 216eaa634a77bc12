/**
 * What WhatsApp said of phone numbers: whether they exist, and by which JID and LID.
 * A cache with age, shared by all sessions; whatsapp/recipients asks and decides how old is too old.
 */
import { oneRowStatement } from './database/statement.js';
import type { StoreContext } from './index.js';

export interface RecipientRecord {
  phone: string;
  exists: boolean;
  jid: string | null;
  lid: string | null;
  checkedAt: number;
}

const findRecipient = oneRowStatement((q, { phone }: { phone: string }) =>
  q.selectFrom('recipients').selectAll().where('phone', '=', phone),
);

export function createRecipientsStore(context: StoreContext) {
  const { q } = context;
  return {
    async find(phone: string): Promise<RecipientRecord | null> {
      const row = (await findRecipient(context, { phone })).rows[0];
      if (!row) return null;
      const { jid, lid } = row;
      return { phone, exists: row.exists_on_whatsapp === 1, jid, lid, checkedAt: row.checked_at };
    },

    /** The JID of the number behind a LID, when it is known: WhatsApp's own, however the number was written. */
    async jidOf(lid: string): Promise<string | null> {
      const row = await q
        .selectFrom('recipients')
        .select('jid')
        .where('lid', '=', lid)
        .where('jid', 'is not', null)
        .orderBy('checked_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.jid ?? null;
    },

    async save({ phone, exists, jid, lid, checkedAt }: RecipientRecord): Promise<void> {
      const columns = {
        exists_on_whatsapp: exists ? (1 as const) : (0 as const),
        jid,
        lid,
        checked_at: checkedAt,
      };
      await q
        .insertInto('recipients')
        .values({ phone, ...columns })
        .onConflict((conflict) => conflict.column('phone').doUpdateSet(columns))
        .execute();
    },
  };
}
