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
import { LeaseLostError, type Nouns } from '../store/index.js';
import type { OutboxDeps } from './ports.js';
import type { Settle } from './settle.js';

/** A send that has ended and is not written yet. */
interface Done {
  message: Message;
  outcome: SendOutcome;
}

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

  let done: Done | null = null;

  async function send(message: Message): Promise<SendOutcome> {
    // A test message gets the whole way of a real one, but nothing is handed to WhatsApp.
    if (message.test) return { kind: 'accepted' };
    try {
      return await sender.send(fence, message);
    } catch (error) {
      deps.onError(error);
      return { kind: 'unknown', reason: 'send_error' };
    }
  }

  const head = (q: Nouns, now: number): Promise<Message | null> =>
    q.messages.head(sessionId, now, sender.isReady(sessionId) ? {} : { test: true });

  /** Looks at the head of the line: claims it, or says how long it has to wait and why. */
  async function claimNext(tx: Nouns): Promise<{ claimed: Message | null; waitMs: number }> {
    const session = await tx.sessions.find(sessionId);
    const now = clock.now();
    const message = session && !session.queuePaused ? await head(tx, now) : null;
    if (!session || !message) return { claimed: null, waitMs: await untilDue(tx, now) };
    if (message.expiresAt !== null && message.expiresAt <= now) {
      const expired = await settle.expire(tx, message);
      return { claimed: null, waitMs: expired ? 0 : pollMs };
    }
    const hold = holdOf(session, message, now);
    if (!hold) return { claimed: await settle.claim(tx, message), waitMs: 0 };
    if (hold.until !== message.hold?.until) await tx.messages.update(message.id, [message.status], { hold });
    return { claimed: null, waitMs: hold.until - now };
  }

  const untilDue = async (q: Nouns, now: number): Promise<number> =>
    ((await q.messages.nextDue(sessionId, now)) ?? Infinity) - now;

  /** The outcome of the last send and the claim of the next message are one transaction: one commit per message. */
  async function step(): Promise<number> {
    // Looked at outside of a transaction first: an idle line must not cost one.
    if (!done && !(await head(store, clock.now()))) return untilDue(store, clock.now());
    const settling = done;
    const { settled, claimed, waitMs } = await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      const settledNow = settling && (await settle.settle(tx, settling.message, settling.outcome));
      return { settled: settledNow, ...(await claimNext(tx)) };
    });
    done = null;
    if (settled) {
      settle.announce(settled);
      if (settled.test) await settle.receive(sessionId, { waIds: [settled.waId], status: 'delivered' });
    }
    if (!claimed) return waitMs;
    done = { message: claimed, outcome: await send(claimed) };
    return 0;
  }

  /** What the last send came to, when the loop ended before its next step. */
  async function writeLast(): Promise<void> {
    const settling = done;
    if (!settling) return;
    done = null;
    const settled = await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      return settle.settle(tx, settling.message, settling.outcome);
    });
    if (settled) settle.announce(settled);
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
      await writeLast().catch(deps.onError);
    },
  };
}
