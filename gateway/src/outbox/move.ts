/**
 * Moves a message from one status to the next: the row, its timeline and the events that go with it, in the caller's
 * transaction. Used by everything here that changes a stored message; it decides nothing.
 */
import type { Message, MessageStatus } from '../domain/message.js';
import type { MessageUpdate } from '../store/messages.js';
import type { Nouns } from '../store/index.js';
import { extendTimeline, freshStatuses, messageEvent } from './messageEvent.js';
import type { OutboxDeps } from './ports.js';

export interface Change {
  /** The message moves only if it is still in one of these. */
  from: readonly MessageStatus[];
  update: MessageUpdate;
  /** Statuses it has now reached, in their order; each becomes an event the first time. */
  reached: MessageStatus[];
  /** When it was sent, milliseconds since 1970; now unless it is said. */
  sentAt?: number;
}

export interface Move {
  /** Changes the row and publishes one event per status reached; null when the message is not in `from` any more. */
  move: (tx: Nouns, message: Message, change: Change) => Promise<Message | null>;
  /**
   * After the commit: starts the deliveries and wakes whoever waits for the message. Each of them waits for the disk
   * before anybody outside hears of it.
   */
  announce: (message: Message | null) => void;
}

export function createMove({
  clock,
  bell,
  publisher,
}: Pick<OutboxDeps, 'clock' | 'bell' | 'publisher'>): Move {
  return {
    async move(tx, message, change) {
      const timeline = extendTimeline(message.timeline, change.reached, clock.now());
      const fresh = freshStatuses(message.timeline, change.reached);
      const sent = fresh.includes('sent') && { sentAt: change.sentAt ?? clock.now() };
      const update = { ...change.update, ...sent, timeline };
      const moved = await tx.messages.move(message, change.from, update);
      if (!moved) return null;
      for (const status of fresh) {
        const event = messageEvent(moved, status);
        if (event) await publisher.publish(tx, event);
      }
      return moved;
    },

    announce(message) {
      if (!message) return;
      publisher.committed();
      bell.ring(`message:${message.id}`);
    },
  };
}
