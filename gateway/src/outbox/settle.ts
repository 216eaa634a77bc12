/**
 * Writes what becomes of a message in the drain loop: due, claimed, accepted, rejected, to be repeated, expired, unwanted.
 * Each is part of a transaction of the loop, fenced by the session's lease. Receipts are in receive.
 */
import type { CampaignState } from '../domain/campaign.js';
import { failureOf, withAdvice } from '../domain/failure.js';
import {
  WAITING,
  type Message,
  type MessageError,
  type MessageStatus,
  type SendOutcome,
} from '../domain/message.js';
import type { Nouns } from '../store/index.js';
import { changesFor } from './changes.js';
import { closeCount } from './ledger.js';
import type { Move } from './move.js';
import type { OutboxDeps } from './ports.js';
import { restrictAfter } from './restrict.js';

const EXPIRED = withAdvice(failureOf('expired'));
const OPTED_OUT = withAdvice(failureOf('recipient_opted_out'));

type SettleDeps = Pick<OutboxDeps, 'clock' | 'random' | 'publisher'> & Move;

/** A send that has ended. */
export interface Ended {
  message: Message;
  outcome: SendOutcome;
  /** It was counted when it was claimed. */
  counted: boolean;
  /** When it ended, milliseconds since 1970. */
  at: number;
}

/** Whether the send counts as a sign of life of the session. */
export const saysActive = ({ message, outcome }: Pick<Ended, 'message' | 'outcome'>): boolean =>
  outcome.kind !== 'rejected' && !message.test;

export function createSettle({ clock, random, publisher, move, announce }: SettleDeps) {
  /** Ends a message that was not sent, and lets its chat go on. */
  async function end(
    tx: Nouns,
    message: Message,
    { status, error }: { status: 'expired' | 'failed'; error: MessageError },
  ): Promise<Message | null> {
    const update = { status, hold: null, retryAt: null, error } as const;
    const ended = await move(tx, message, { from: WAITING, update, reached: [status] });
    await tx.messages.releaseFollower(message);
    return ended;
  }

  /** Where the campaign of a message that did not go out stands; undefined: it has none, or the message went out. */
  async function campaignOf(tx: Nouns, { message, outcome }: Ended): Promise<CampaignState | undefined> {
    if (outcome.kind === 'accepted' || message.campaignId === null) return undefined;
    return (await tx.campaigns.lock(message.campaignId))?.state;
  }

  return {
    announce,

    /** A scheduled message takes its place in the line. */
    async due(tx: Nouns, { id, timeline }: Message): Promise<void> {
      const entry = { status: 'queued' as const, at: clock.now() };
      await tx.messages.update(id, ['scheduled'], {
        status: 'queued',
        hold: null,
        timeline: [...timeline, entry],
      });
    },

    /** Marks the message as being sent; null when it was cancelled or is gone. */
    claim(tx: Nouns, message: Message): Promise<Message | null> {
      const attempts = message.attempts + 1;
      const update = { status: 'sending', hold: null, retryAt: null, attempts } as const;
      return move(tx, message, { from: WAITING, update, reached: ['sending'] });
    },

    /** Writes the outcome of a send. A receipt may have come first; then there is nothing to change. */
    async settle(tx: Nouns, ended: Ended): Promise<Message | null> {
      const { message, outcome, counted, at: now } = ended;
      const { sessionId, test, campaignId } = message;
      const state = await campaignOf(tx, ended);
      const update = changesFor(message, outcome, { now, random: random(), isLast: state === 'canceled' });
      const reached: MessageStatus[] = update.status === 'queued' || !update.status ? [] : [update.status];
      if (saysActive({ message, outcome })) {
        await tx.sessions.setActivity(sessionId, { lastSentAt: now, lastActiveAt: now });
      }
      if (counted) await closeCount(tx, { sessionId, test }, { message, outcome, at: now });
      const restricted = await restrictAfter(tx, { message, outcome, now });
      if (restricted) await publisher.publish(tx, restricted);
      // The same time as in the book of what was sent, so that nothing is counted twice afterwards.
      const moved = await move(tx, message, { from: ['sending'], update, reached, sentAt: now });
      // Back in its line, from which the pause has taken all others of its campaign.
      if (state === 'paused' && campaignId !== null) await tx.campaigns.pauseMessages(campaignId);
      return moved;
    },

    /** Ends a message whose time ran out before it could be sent. */
    expire: (tx: Nouns, message: Message) => end(tx, message, { status: 'expired', error: EXPIRED }),

    /** Ends a message to somebody who has opted out since it was accepted. */
    refuse: (tx: Nouns, message: Message) => end(tx, message, { status: 'failed', error: OPTED_OUT }),
  };
}

export type Settle = ReturnType<typeof createSettle>;
