/**
 * Writes what becomes of a message in the drain loop: claimed, accepted, rejected, to be repeated, expired.
 * Each is part of a transaction of the loop, fenced by the session's lease. Receipts are in receive.
 */
import type { Message, MessageStatus, SendOutcome } from '../domain/message.js';
import type { Nouns } from '../store/index.js';
import { changesFor } from './changes.js';
import type { Move } from './move.js';
import type { OutboxDeps } from './ports.js';

const IN_LINE = ['scheduled', 'queued', 'sending'] as const;

type SettleDeps = Pick<OutboxDeps, 'clock' | 'random'> & Move;

export function createSettle({ clock, random, move, announce }: SettleDeps) {
  return {
    announce,

    /** Marks the message as being sent; null when it was cancelled or is gone. */
    claim(tx: Nouns, message: Message): Promise<Message | null> {
      const attempts = message.attempts + 1;
      const update = { status: 'sending', hold: null, retryAt: null, attempts } as const;
      return move(tx, message, { from: IN_LINE, update, reached: ['sending'] });
    },

    /** Writes the outcome of a send. A receipt may have come first; then there is nothing to change. */
    async settle(tx: Nouns, message: Message, outcome: SendOutcome): Promise<Message | null> {
      const now = clock.now();
      const update = changesFor(message, outcome, { now, random: random() });
      const reached: MessageStatus[] = update.status === 'queued' || !update.status ? [] : [update.status];
      if (outcome.kind !== 'rejected' && !message.test) {
        await tx.sessions.setActivity(message.sessionId, { lastSentAt: now, lastActiveAt: now });
      }
      return move(tx, message, { from: ['sending'], update, reached });
    },

    /** Ends a message whose time ran out before it could be sent. */
    expire(tx: Nouns, message: Message): Promise<Message | null> {
      const error = {
        code: 'expired',
        message: 'Its expiresAt passed before it could be sent.',
        retryable: false,
      };
      const update = { status: 'expired', hold: null, error } as const;
      return move(tx, message, { from: IN_LINE, update, reached: ['expired'] });
    },
  };
}

export type Settle = ReturnType<typeof createSettle>;
