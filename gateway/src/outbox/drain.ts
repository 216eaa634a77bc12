/**
 * The drain loop of one session: takes the next message that may go, sends it, writes the outcome.
 * Runs in the process that owns the session, one message at a time, so the order of a chat is the order of acceptance.
 */
import type { SendOutcome } from '../domain/message.js';
import type { Fence } from '../domain/session.js';
import { createLoop, type Loop } from '../lib/loop.js';
import { LeaseLostError } from '../store/index.js';
import type { Horizon } from './horizon.js';
import { createLine } from './line.js';
import type { Claimed } from './look.js';
import type { OutboxDeps } from './ports.js';
import type { Receive } from './receive.js';
import type { Ended, Settle } from './settle.js';
import { createTidy } from './tidy.js';
import { createTurn } from './turn.js';

export interface DrainDeps extends Pick<
  OutboxDeps,
  'store' | 'clock' | 'bell' | 'sender' | 'onError' | 'pollMs'
> {
  settle: Settle;
  receive: Receive;
  horizon: Horizon;
}

/** While messages go one after the other, what time does is looked at so often. */
const TIDY_EVERY_MS = 1_000;

export function createDrain(deps: DrainDeps, fence: Fence): Loop {
  const { store, clock, bell, settle } = deps;
  const { sessionId } = fence;
  const line = createLine(deps, sessionId);
  const tidy = createTidy(clock, settle);
  const turn = createTurn({ ...deps, line, tidy }, fence);
  let last: Ended | null = null;
  let tidiedAt = -Infinity;
  /** Changes of the policy or the connection, and how many of them the queue was judged by. */
  let [changes, seen] = [0, 0];

  async function step(): Promise<number> {
    const isTidyTime = !last || clock.now() - tidiedAt >= TIDY_EVERY_MS;
    const untilTidy = isTidyTime ? await tidy.untilNext(store, sessionId) : Infinity;
    if (isTidyTime) tidiedAt = clock.now();
    // Looked at outside of a transaction first: an idle line must not cost one.
    const untilSend = last ? 0 : await line.untilNext(store);
    if (untilTidy > 0 && untilSend > 0 && changes === seen) return Math.min(untilTidy, untilSend);
    return takeTurn(untilTidy);
  }

  async function takeTurn(untilTidy: number): Promise<number> {
    const plan = { last, tidy: untilTidy <= 0, anew: changes > seen };
    const begunAt = clock.now();
    const changesThen = changes;
    const { settled, claimed, waitMs, moreAnew } = await turn.take(plan);
    if (!moreAnew) seen = changesThen;
    last = null;
    // Nobody sends a receipt for what was handed to nobody.
    if (settled?.test) await deps.receive(sessionId, { waIds: [settled.waId], status: 'delivered' });
    if (claimed) {
      const { message, counted } = claimed;
      const outcome = await send(deps, fence, claimed);
      last = { message, counted, outcome, at: clock.now() };
    }
    // What was written may have its own time, which the next step finds out.
    const changed = claimed !== null || settled !== null || plan.tidy || plan.anew;
    if (changed) return 0;
    // Bringing it to the disk took time, which is a part of the wait.
    return Math.max(0, Math.min(waitMs, untilTidy) - (clock.now() - begunAt));
  }

  /** What the last send came to, when the loop ended before its next step. */
  const writeLast = async (): Promise<void> => {
    if (last) await turn.finish(last);
    last = null;
  };

  function onError(error: unknown): void {
    // The owner's end is announced by cluster/ownership; until then the writes are refused, which is the point.
    if (!(error instanceof LeaseLostError)) deps.onError(error);
  }

  const loop = createLoop({ clock, idleMs: deps.pollMs, step, onError });
  const stopListening = [
    bell.listen(`outbox:${sessionId}`, () => loop.wake()),
    bell.listen(`session:${sessionId}`, () => {
      changes += 1;
      line.forget();
      loop.wake();
    }),
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
  { message, typingMs }: Claimed,
): Promise<SendOutcome> {
  // A test message gets the whole way of a real one, but nothing is handed to WhatsApp.
  if (message.test) return { kind: 'accepted' };
  try {
    return await sender.send(fence, message, { typingMs });
  } catch (error) {
    onError(error);
    return { kind: 'unknown', reason: 'send_error' };
  }
}
