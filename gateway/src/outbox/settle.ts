/**
 * Writes what became of a message: claimed, accepted, rejected, to be repeated, expired, delivered, read.
 * Each is one transaction with its event; the drain loop's are fenced by the session's lease.
 */
import {
  receiptAdvances,
  type Message,
  type MessageError,
  type MessageStatus,
  type SendOutcome,
  type UnknownReason,
} from '../domain/message.js';
import { MAX_SEND_ATTEMPTS, sendRetryDelayMs } from '../domain/retry.js';
import type { MessageUpdate } from '../store/messages.js';
import type { Nouns } from '../store/index.js';
import { extendTimeline, messageEvent } from './messageEvent.js';
import type { OutboxDeps } from './ports.js';

type SettleDeps = Pick<OutboxDeps, 'store' | 'clock' | 'bell' | 'publisher' | 'random'>;

const IN_LINE = ['scheduled', 'queued', 'sending'] as const;

const GIVEN_UP: Record<UnknownReason, MessageError> = {
  disconnected: {
    code: 'session_not_connected',
    message: 'The connection broke each time this was sent.',
    retryable: true,
  },
  no_acknowledgement: {
    code: 'no_acknowledgement',
    message: 'WhatsApp did not confirm this message, though it was tried several times. It may have arrived.',
    retryable: true,
  },
  no_answer: {
    code: 'no_answer',
    message: 'WhatsApp did not answer whether this recipient exists.',
    retryable: true,
  },
  send_error: {
    code: 'send_failed',
    message: 'The message could not be handed to WhatsApp.',
    retryable: true,
  },
};

/** What a send's outcome makes of the message. A lost link repeats without end: it says nothing about the message. */
function changesFor(
  message: Message,
  outcome: SendOutcome,
  at: { now: number; random: number },
): MessageUpdate {
  if (outcome.kind === 'accepted') return { status: 'sent', hold: null, retryAt: null, error: null };
  if (outcome.kind === 'unknown' && outcome.reason === 'disconnected')
    return { status: 'queued', hold: null };
  const error: MessageError =
    outcome.kind === 'rejected'
      ? { code: outcome.code, message: outcome.message, retryable: outcome.retryable }
      : GIVEN_UP[outcome.reason];
  const again = (outcome.kind === 'unknown' || outcome.retryable) && message.attempts < MAX_SEND_ATTEMPTS;
  if (!again) return { status: 'failed', hold: null, retryAt: null, error };
  const retryAt = at.now + sendRetryDelayMs(message.attempts, at.random);
  const hold = {
    code: 'retry',
    message: `tried ${String(message.attempts)} times: ${error.message}`,
    until: retryAt,
  };
  return { status: 'queued', retryAt, hold, error };
}

export function createSettle({ store, clock, bell, publisher, random }: SettleDeps) {
  /** Changes the row and publishes one event per status reached; null when the message is not in `from` any more. */
  async function move(
    tx: Nouns,
    message: Message,
    change: { from: readonly MessageStatus[]; update: MessageUpdate; reached: MessageStatus[] },
  ): Promise<Message | null> {
    const timeline = extendTimeline(message.timeline, change.reached, clock.now());
    const moved = await tx.messages.update(message.id, change.from, { ...change.update, timeline });
    if (!moved) return null;
    const fresh = change.reached.filter(
      (status) => !message.timeline.some((entry) => entry.status === status),
    );
    for (const status of fresh) {
      const event = messageEvent(moved, status);
      if (event) await publisher.publish(tx, event);
    }
    return moved;
  }

  function announce(message: Message | null): void {
    if (!message) return;
    publisher.committed();
    bell.ring(`message:${message.id}`);
  }

  return {
    announce,

    /** Marks the message as being sent; null when it was cancelled or is gone. Under the fence. */
    claim(tx: Nouns, message: Message): Promise<Message | null> {
      const attempts = message.attempts + 1;
      const update = { status: 'sending', hold: null, retryAt: null, attempts } as const;
      return move(tx, message, { from: IN_LINE, update, reached: ['sending'] });
    },

    /** Writes the outcome of a send, under the fence. A receipt may have come first; then there is nothing to change. */
    async settle(tx: Nouns, message: Message, outcome: SendOutcome): Promise<Message | null> {
      const now = clock.now();
      const update = changesFor(message, outcome, { now, random: random() });
      const reached: MessageStatus[] = update.status === 'queued' || !update.status ? [] : [update.status];
      if (outcome.kind !== 'rejected' && !message.test) {
        await tx.sessions.setActivity(message.sessionId, { lastSentAt: now, lastActiveAt: now });
      }
      return move(tx, message, { from: ['sending'], update, reached });
    },

    /** Ends a message whose time ran out before it could be sent, under the fence. */
    expire(tx: Nouns, message: Message): Promise<Message | null> {
      const error = {
        code: 'expired',
        message: 'Its expiresAt passed before it could be sent.',
        retryable: false,
      };
      return move(tx, message, {
        from: IN_LINE,
        update: { status: 'expired', hold: null, error },
        reached: ['expired'],
      });
    },

    /**
     * Moves messages forward by a receipt. One that overtakes the acknowledgement proves the sending too.
     * Receipts for what this session did not send here are ignored.
     */
    async receive(
      sessionId: string,
      receipt: { waIds: readonly string[]; status: 'delivered' | 'read' | 'played' },
    ): Promise<void> {
      const moved = await store.transactionSoon((tx) =>
        eachOf(receipt.waIds, async (waId) => {
          const message = await tx.messages.findByWaId(waId);
          if (message?.sessionId !== sessionId) return null;
          if (!receiptAdvances(message.status, receipt.status)) return null;
          const update = { status: receipt.status, hold: null, error: null, retryAt: null };
          return move(tx, message, { from: [message.status], update, reached: ['sent', receipt.status] });
        }),
      );
      for (const message of moved) announce(message);
    },
  };
}

/** One after the other: they run in one transaction, on one connection. */
async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

export type Settle = ReturnType<typeof createSettle>;
