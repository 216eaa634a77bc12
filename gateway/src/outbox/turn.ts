/**
 * One turn of a session's drain loop as one fenced transaction: the outcome of the last send, what time has done to the
 * queue, and the claim of the next message; one commit per message. Used by drain, which sends in between.
 */
import type { Message } from '../domain/message.js';
import type { Fence, Session } from '../domain/session.js';
import type { Committed, Nouns } from '../store/index.js';
import type { Horizon } from './horizon.js';
import type { Claim, Line } from './line.js';
import type { Claimed } from './look.js';
import type { OutboxDeps } from './ports.js';
import { createRecorder } from './recorder.js';
import { saysActive, type Ended, type Settle } from './settle.js';
import type { Tidy } from './tidy.js';

export interface TurnDeps extends Pick<OutboxDeps, 'store'> {
  horizon: Horizon;
  settle: Settle;
  line: Line;
  tidy: Tidy;
}

export interface TurnPlan {
  /** The last send, while its outcome is not written. */
  last: Ended | null;
  /** Something has fallen due. */
  tidy: boolean;
  /** The policy has changed: what it holds is judged anew. */
  anew: boolean;
}

export interface Turn extends Pick<Claim, 'claimed' | 'waitMs'> {
  settled: Message | null;
  /** Messages that ended on the way. */
  ended: Message[];
  /** More is to be judged anew than one turn takes. */
  moreAnew: boolean;
}

/** The session as it is once the last send is written. */
const heardOf = (session: Session, last: Ended | null): Session =>
  last && saysActive(last) ? { ...session, lastSentAt: last.at, lastActiveAt: last.at } : session;

export function createTurn(deps: TurnDeps, fence: Fence) {
  const { store, settle, line, tidy, horizon } = deps;
  const { sessionId } = fence;
  const record = createRecorder();

  async function write(tx: Nouns, last: Ended): Promise<Message | null> {
    const settled = await settle.settle(tx, last);
    if (settled && settled.status !== 'queued') await line.left(tx, settled);
    await record(tx, last);
    // A refusal may have restricted the number.
    if (last.outcome.kind === 'rejected') line.forget();
    return settled;
  }

  const work = (plan: TurnPlan) => async (tx: Nouns) => {
    const session = await tx.leases.ownedSession(fence);
    const settled = plan.last && (await write(tx, plan.last));
    const moreAnew = plan.anew && (await tidy.judgeAnew(tx, sessionId));
    const tidied = plan.tidy ? await tidy.tidy(tx, sessionId) : [];
    const { claimed, waitMs, ended } = await line.claimNext(tx, heardOf(session, plan.last));
    return { settled, claimed, waitMs, moreAnew, ended: [...tidied, ...ended] };
  };

  /** A message that is not on the disk is not sent yet, and one that counts for a cap not before its count is there. */
  async function untilSafe({ message, counted }: Claimed, durable: Committed<unknown>['durable']) {
    if (!counted && horizon.covers(message)) return;
    const accepted = await store.messages.lastPosition();
    await durable();
    horizon.reach(accepted);
  }

  return {
    /** Resolves when what was claimed may be handed to WhatsApp. @throws LeaseLostError */
    async take(plan: TurnPlan): Promise<Turn> {
      const { value: turn, durable } = await store.transactionEarly(work(plan));
      for (const message of [turn.settled, ...turn.ended]) settle.announce(message);
      if (turn.claimed) await untilSafe(turn.claimed, durable);
      return turn;
    },

    /** What the last send came to, when the loop ended before its next turn. @throws LeaseLostError */
    async finish(last: Ended): Promise<void> {
      const settled = await store.transaction(async (tx) => {
        await tx.leases.assertOwned(fence);
        return write(tx, last);
      });
      settle.announce(settled);
    },
  };
}
