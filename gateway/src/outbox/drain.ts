/**
 * The drain loop of one session: takes the oldest message that may go, sends it, writes the outcome.
 * Runs in the process that owns the session, one message at a time, so the order of a chat is the order of acceptance.
 */
import { createHash } from 'node:crypto';
import type { Hold, Message, SendOutcome } from '../domain/message.js';
import { decide } from '../domain/pacing.js';
import { resolvePolicy } from '../domain/policy.js';
import type { Fence, Session } from '../domain/session.js';
import { createLoop, type Loop } from '../lib/loop.js';
import { LeaseLostError } from '../store/index.js';
import type { OutboxDeps } from './ports.js';
import type { Settle } from './settle.js';

type DrainDeps = Pick<OutboxDeps, 'store' | 'clock' | 'bell' | 'sender' | 'onError' | 'pollMs'> & {
  settle: Settle;
};

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

export function createDrain(deps: DrainDeps, fence: Fence): Loop {
  const { store, clock, bell, sender, settle, pollMs } = deps;
  const { sessionId } = fence;

  /** A test message gets the whole way of a real one, but nothing is handed to WhatsApp. */
  async function sendTest(message: Message): Promise<void> {
    await settle.settle(fence, message, { kind: 'accepted' });
    await settle.receive(sessionId, { waIds: [message.waId], status: 'delivered' });
  }

  async function send(message: Message): Promise<void> {
    const claimed = await settle.claim(fence, message);
    if (!claimed) return;
    if (claimed.test) return sendTest(claimed);
    let outcome: SendOutcome;
    try {
      outcome = await sender.send(fence, claimed);
    } catch (error) {
      deps.onError(error);
      outcome = { kind: 'unknown', reason: 'send_error' };
    }
    await settle.settle(fence, claimed, outcome);
  }

  async function step(): Promise<number> {
    const session = await store.sessions.find(sessionId);
    if (!session || session.queuePaused) return pollMs;
    const now = clock.now();
    const ready = sender.isReady(sessionId);
    const message = await store.messages.head(sessionId, now, ready ? {} : { test: true });
    if (!message) return Math.min(pollMs, ((await store.messages.nextDue(sessionId, now)) ?? Infinity) - now);
    if (message.expiresAt !== null && message.expiresAt <= now) {
      await settle.expire(fence, message);
      return 0;
    }
    const hold = holdOf(session, message, now);
    if (!hold) {
      await send(message);
      return 0;
    }
    if (hold.until !== message.hold?.until)
      await store.messages.update(message.id, [message.status], { hold });
    return hold.until - now;
  }

  const loop = createLoop({
    clock,
    idleMs: pollMs,
    step,
    onError: (error) => {
      // The owner's end is announced by cluster/ownership; until then the writes are refused, which is the point.
      if (!(error instanceof LeaseLostError)) deps.onError(error);
    },
  });
  const stopListening = [
    bell.listen(`outbox:${sessionId}`, () => loop.wake()),
    bell.listen(`session:${sessionId}`, () => loop.wake()),
  ];

  return {
    wake: () => loop.wake(),
    async stop() {
      for (const stop of stopListening) stop();
      await loop.stop();
    },
  };
}
