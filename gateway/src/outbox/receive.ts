/**
 * Moves messages forward by the receipts that come in for them. Called by the WhatsApp side, and by the drain loop for
 * test messages, whose receipts nobody sends.
 */
import { isGroupJid } from '../domain/address.js';
import { receiptAdvances, type Message } from '../domain/message.js';
import type { Nouns } from '../store/index.js';
import type { Move } from './move.js';
import type { OutboxDeps } from './ports.js';

export interface Receipt {
  waIds: readonly string[];
  status: 'delivered' | 'read' | 'played';
  /** Whose receipt it is, as the chat names the person; nobody's for a test message. */
  from?: string;
}

/** Resolves when what the receipt changed is on the disk. */
export type Receive = (sessionId: string, receipt: Receipt) => Promise<void>;

/**
 * A receipt that overtakes the acknowledgement proves the sending too. Receipts for what this session did not send here
 * are ignored.
 */
export function createReceive({
  store,
  clock,
  move,
  announce,
}: Pick<OutboxDeps, 'store' | 'clock'> & Move): Receive {
  async function advance(tx: Nouns, message: Message, status: Receipt['status']): Promise<Message | null> {
    const update = { status, hold: null, error: null, retryAt: null };
    return move(tx, message, { from: [message.status], update, reached: ['sent', status] });
  }

  /** In a group the message moves with the first member; what each of them has is kept beside it. */
  async function keepMembers(tx: Nouns, message: Message, { from, status }: Receipt): Promise<void> {
    if (from === undefined || !isGroupJid(message.chatJid)) return;
    await tx.messageReceipts.record({ messageId: message.id, participant: from, status, at: clock.now() });
  }

  return async function receive(sessionId, receipt) {
    const { waIds, status } = receipt;
    const { value: moved, durable } = await store.transactionSoon(async (tx) => {
      const messages: (Message | null)[] = [];
      // One after the other, since they run on one connection, and always in one order, so that two receipts for the
      // same messages wait for one another instead of blocking each other.
      for (const waId of waIds.toSorted()) {
        const message = await tx.messages.findByWaIdForUpdate(waId);
        if (message?.sessionId !== sessionId) continue;
        await keepMembers(tx, message, receipt);
        if (!receiptAdvances(message.status, status)) continue;
        messages.push(await advance(tx, message, status));
      }
      return messages;
    });
    for (const message of moved) announce(message);
    await durable();
  };
}
