/**
 * The drain loop of one session: takes the oldest message that may go, sends it, writes the outcome.
 * Runs in the process that owns the session, one message at a time, so the order of a chat is the order of acceptance.
 */
import type { Message, SendOutcome } from '../domain/message.js';
import type { Fence } from '../domain/session.js';
import { createLoop, type Loop } from '../lib/loop.js';
import { LeaseLostError } from '../store/index.js';
import { createLine } from './line.js';
import type { OutboxDeps } from './ports.js';
import type { Receive } from './receive.js';
import type { Settle } from './settle.js';

/** A send that has ended and is not written yet. */
interface Done {
  message: Message;
  outcome: SendOutcome;
}

export interface DrainDeps extends Pick<
  OutboxDeps,
  'store' | 'clock' | 'bell' | 'sender' | 'onError' | 'pollMs'
> {
  settle: Settle;
  receive: Receive;
}

export function createDrain(deps: DrainDeps, fence: Fence): Loop {
  const { store, clock, bell, settle } = deps;
  const { sessionId } = fence;
  const line = createLine(deps, sessionId);
  let done: Done | null = null;

  /** The outcome of the last send and the claim of the next message are one transaction: one commit per message. */
  async function step(): Promise<number> {
    // Looked at outside of a transaction first: an idle line must not cost one.
    if (!done && !(await line.head(store))) return line.untilDue(store);
    const settling = done;
    const begunAt = clock.now();
    const { settled, claimed, waitMs } = await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      const settledNow = settling && (await settle.settle(tx, settling.message, settling.outcome));
      return { settled: settledNow, ...(await line.claimNext(tx)) };
    });
    done = null;
    settle.announce(settled);
    // Nobody sends a receipt for what was handed to nobody.
    if (settled?.test) await deps.receive(sessionId, { waIds: [settled.waId], status: 'delivered' });
    // Bringing it to the disk took time, which is a part of the wait.
    if (!claimed) return Math.max(0, waitMs - (clock.now() - begunAt));
    done = { message: claimed, outcome: await send(deps, fence, claimed) };
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
    settle.announce(settled);
  }

  function onError(error: unknown): void {
    // The owner's end is announced by cluster/ownership; until then the writes are refused, which is the point.
    if (!(error instanceof LeaseLostError)) deps.onError(error);
  }

  const loop = createLoop({ clock, idleMs: deps.pollMs, step, onError });
  const stopListening = [
    bell.listen(`outbox:${sessionId}`, () => loop.wake()),
    bell.listen(`session:${sessionId}`, () => loop.wake()),
  ];

  return {
    wake: () => loop.wake(),
    async stop() {
      for (const stop of stopListening) stop();
      await loop.stop();
      await writeLast().catch(onError);
    },
  };
}

async function send(
  { sender, onError }: Pick<DrainDeps, 'sender' | 'onError'>,
  fence: Fence,
  message: Message,
): Promise<SendOutcome> {
  // A test message gets the whole way of a real one, but nothing is handed to WhatsApp.
  if (message.test) return { kind: 'accepted' };
  try {
    return await sender.send(fence, message);
  } catch (error) {
    onError(error);
    return { kind: 'unknown', reason: 'send_error' };
  }
}
