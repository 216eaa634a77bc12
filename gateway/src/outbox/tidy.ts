/**
 * What time alone does to a session's queue: scheduled messages fall due, held ones may be looked at again, and those
 * whose time has run out end, also while the session is away or paused. Used by the drain loop.
 */
import type { Message } from '../domain/message.js';
import type { Clock } from '../lib/clock.js';
import type { Nouns } from '../store/index.js';
import type { NextTimes } from '../store/messageTimes.js';
import type { Settle } from './settle.js';

/** Messages changed in one transaction. */
const AT_ONCE = 200;

const earliest = ({ held, due, expires }: NextTimes): number =>
  Math.min(held ?? Infinity, due ?? Infinity, expires ?? Infinity);

export type Tidy = ReturnType<typeof createTidy>;

export function createTidy(clock: Clock, settle: Settle) {
  return {
    /** How long until there is something to tidy, in milliseconds. */
    async untilNext(q: Nouns, sessionId: string): Promise<number> {
      return Math.max(0, earliest(await q.messages.nextTimes(sessionId)) - clock.now());
    },

    /** Does what has fallen due, at most so much; answers the messages that have ended. */
    async tidy(tx: Nouns, sessionId: string): Promise<Message[]> {
      const now = clock.now();
      const ended: Message[] = [];
      for (const message of await tx.messages.expired(sessionId, now, AT_ONCE)) {
        const expired = await settle.expire(tx, message);
        if (expired) ended.push(expired);
      }
      for (const message of await tx.messages.due(sessionId, now, AT_ONCE)) await settle.due(tx, message);
      await tx.messages.releaseHeld(sessionId, { now }, AT_ONCE);
      return ended;
    },

    /** Lets everything be judged anew that was held by the policy as it was; false when nothing is left to do. */
    async judgeAnew(tx: Nouns, sessionId: string): Promise<boolean> {
      return (await tx.messages.releaseHeld(sessionId, 'all', AT_ONCE)) > 0;
    },
  };
}
