/**
 * The opt-out list as its callers see it: who is on it, put there or taken off by hand. Who writes a keyword is put there
 * by incoming.
 */
import { parseRecipient, phoneJid } from '../domain/address.js';
import { gatewayError } from '../domain/error.js';
import type { OptOut } from '../domain/optOut.js';
import type { OutboxDeps } from './ports.js';
import type { OptOutList } from './types.js';

/** The key of the list: digits of the number, or of the LID of somebody whose number is not known. */
function keyOf(recipient: string): { phone: string; isLid: boolean } {
  const address = parseRecipient(recipient);
  if (address.kind !== 'group') return { phone: address.user, isLid: address.kind === 'lid' };
  throw gatewayError('recipient_invalid', 'A group cannot opt out, only a person.');
}

export function createOptOuts({ store, clock }: Pick<OutboxDeps, 'store' | 'clock'>): OptOutList {
  async function find(phone: string): Promise<OptOut> {
    const found = await store.optOuts.find(phone);
    if (found) return found;
    throw gatewayError('opt_out_not_found', 'This number is not on the opt-out list.');
  }

  return {
    async put(recipient) {
      const { phone, isLid } = keyOf(recipient);
      const known = isLid ? null : await store.recipients.find(phone);
      const jid = isLid ? `${phone}@lid` : (known?.jid ?? phoneJid(phone));
      const inserted = await store.optOuts.insert({
        phone,
        chatJid: jid,
        lid: isLid ? jid : (known?.lid ?? null),
        source: 'api',
        keyword: null,
        sessionId: null,
        createdAt: clock.now(),
        answerMessageId: null,
      });
      return { optOut: await find(phone), created: inserted };
    },

    get: async (recipient) => find(keyOf(recipient).phone),

    async remove(recipient) {
      const { phone } = keyOf(recipient);
      if (!(await store.optOuts.remove(phone)))
        throw gatewayError('opt_out_not_found', 'This number is not on the opt-out list.');
    },

    async list({ limit, cursor }) {
      const rows = await store.optOuts.list({ limit: limit + 1, cursor });
      const data = rows.slice(0, limit);
      return { data, nextCursor: rows.length > limit ? (data.at(-1)?.phone ?? null) : null };
    },
  };
}
