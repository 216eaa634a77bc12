/**
 * An opt-out list in memory, as small as the routes need it.
 */
import { gatewayError } from '../../../gateway/src/domain/error.js';
import type { OptOut } from '../../../gateway/src/domain/optOut.js';
import type { OptOutList } from '../../../gateway/src/outbox/types.js';

export function fakeOptOuts(): OptOutList {
  const rows = new Map<string, OptOut>();
  const keyOf = (recipient: string): string => recipient.replace(/\D/g, '');
  const found = (recipient: string): OptOut => {
    const row = rows.get(keyOf(recipient));
    if (!row) throw gatewayError('opt_out_not_found');
    return row;
  };
  return {
    put: (recipient) => {
      const phone = keyOf(recipient);
      const created = !rows.has(phone);
      const chatJid = `${phone}@s.whatsapp.net`;
      const rest = { lid: null, keyword: null, sessionId: null, createdAt: 5_000, answerMessageId: null };
      const optOut: OptOut = { phone, chatJid, source: 'api', ...rest };
      rows.set(phone, optOut);
      return Promise.resolve({ optOut, created });
    },
    get: (recipient) => Promise.resolve().then(() => found(recipient)),
    remove: (recipient) =>
      Promise.resolve().then(() => {
        found(recipient);
        rows.delete(keyOf(recipient));
      }),
    list: ({ limit }) => Promise.resolve({ data: [...rows.values()].slice(0, limit), nextCursor: null }),
  };
}
