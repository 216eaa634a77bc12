/**
 * Who has received, read and played a message: the person written to by the message's own timeline, the members of a
 * group by what `receive` kept of each.
 */
import { identityOf, isGroupJid } from '../domain/address.js';
import type { MessageStatus } from '../domain/message.js';
import type { OutboxDeps } from './ports.js';
import type { Outbox } from './types.js';

export const createMessageRecipients =
  ({ store }: Pick<OutboxDeps, 'store'>): Outbox['recipientsOf'] =>
  async ({ id, chatJid, timeline }) => {
    if (isGroupJid(chatJid)) {
      const receipts = await store.messageReceipts.list(id);
      return receipts.map(({ participant: jid, ...times }) => ({ jid, ...identityOf(jid), ...times }));
    }
    const at = (status: MessageStatus): number | null =>
      timeline.find((entry) => entry.status === status)?.at ?? null;
    // Who has played has read, and who has read has received, whichever receipt came.
    const playedAt = at('played');
    const readAt = at('read') ?? playedAt;
    return [
      { jid: chatJid, ...identityOf(chatJid), deliveredAt: at('delivered') ?? readAt, readAt, playedAt },
    ];
  };
