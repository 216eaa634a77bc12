/**
 * Takes the next message of a session's line: the oldest that may go, or says how long it has to wait and why.
 * Used by the drain loop inside its transaction.
 */
import { createHash } from 'node:crypto';
import type { Hold, Message } from '../domain/message.js';
import { decide } from '../domain/pacing.js';
import { resolvePolicy } from '../domain/policy.js';
import type { Session } from '../domain/session.js';
import type { Nouns } from '../store/index.js';
import type { OutboxDeps } from './ports.js';
import type { Settle } from './settle.js';

export interface Claim {
  claimed: Message | null;
  /** How long nothing is to be done, in milliseconds. */
  waitMs: number;
}

type ClaimDeps = Pick<OutboxDeps, 'clock' | 'sender' | 'pollMs'> & { settle: Settle };

/** A number from 0 to below 1 that is always the same for one message, so that its wait does not wander. */
function randomOf(message: Message): number {
  return createHash('sha256').update(message.id).digest().readUInt32BE(0) / 2 ** 32;
}

/** Why the message may not go yet; null: it may. */
function holdOf(session: Session, message: Message, now: number): (Hold & { until: number }) | null {
  if (message.retryAt !== null && message.retryAt > now) {
    return {
      code: 'retry',
      message: message.hold?.message ?? 'waiting for the next try',
      until: message.retryAt,
    };
  }
  if (message.test) return null;
  const policy = resolvePolicy(session.policy);
  const decision = decide({ policy, history: session, now, random: randomOf(message) });
  return decision.send ? null : decision.hold;
}

export function createLine({ clock, sender, settle, pollMs }: ClaimDeps, sessionId: string) {
  /** While the session cannot send, test messages still go: they are handed to nobody. */
  const head = (q: Nouns): Promise<Message | null> =>
    q.messages.head(sessionId, clock.now(), sender.isReady(sessionId) ? {} : { test: true });

  async function untilDue(q: Nouns): Promise<number> {
    const now = clock.now();
    return ((await q.messages.nextDue(sessionId, now)) ?? Infinity) - now;
  }

  async function claimNext(tx: Nouns): Promise<Claim> {
    const session = await tx.sessions.find(sessionId);
    const message = session && !session.queuePaused ? await head(tx) : null;
    if (!session || !message) return { claimed: null, waitMs: await untilDue(tx) };
    const now = clock.now();
    if (message.expiresAt !== null && message.expiresAt <= now) {
      const expired = await settle.expire(tx, message);
      return { claimed: null, waitMs: expired ? 0 : pollMs };
    }
    const hold = holdOf(session, message, now);
    if (!hold) return { claimed: await settle.claim(tx, message), waitMs: 0 };
    if (hold.until !== message.hold?.until) await tx.messages.update(message.id, [message.status], { hold });
    return { claimed: null, waitMs: hold.until - now };
  }

  return { head, untilDue, claimNext };
}
