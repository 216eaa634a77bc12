/**
 * One turn of a session's drain loop as one fenced transaction: the outcome of the last send, what time has done to the
 * queue, and the claim of the next message; one commit per message. Used by drain, which sends in between.
 */
import type { Message } from '../domain/message.js';
import type { Fence, Session } from '../domain/session.js';
import type { Nouns } from '../store/index.js';
import type { Claim, Line } from './line.js';
import type { OutboxDeps } from './ports.js';
import { createRecorder } from './recorder.js';
import { saysActive, type Ended, type Settle } from './settle.js';
import type { Tidy } from './tidy.js';

export interface TurnDeps extends Pick<OutboxDeps, 'store'> {
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
  /** Messages that ended on the way, to be announced. */
  ended: Message[];
  /** More is to be judged anew than one turn takes. */
  moreAnew: boolean;
}

/** The session as it is once the last send is written. */
const heardOf = (session: Session, last: Ended | null): Session =>
  last && saysActive(last) ? { ...session, lastSentAt: last.at, lastActiveAt: last.at } : session;

export function createTurn({ store, settle, line, tidy }: TurnDeps, fence: Fence) {
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

  return {
    /** @throws LeaseLostError */
    take: (plan: TurnPlan): Promise<Turn> =>
      store.transaction(async (tx) => {
        const session = await tx.leases.ownedSession(fence);
        const settled = plan.last && (await write(tx, plan.last));
        const moreAnew = plan.anew && (await tidy.judgeAnew(tx, sessionId));
        const tidied = plan.tidy ? await tidy.tidy(tx, sessionId) : [];
        const { claimed, waitMs, ended } = await line.claimNext(tx, heardOf(session, plan.last));
        return { settled, claimed, waitMs, moreAnew, ended: [...tidied, ...ended] };
      }),

    /** What the last send came to, when the loop ended before its next turn. @throws LeaseLostError */
    finish: (last: Ended): Promise<Message | null> =>
      store.transaction(async (tx) => {
        await tx.leases.assertOwned(fence);
        return write(tx, last);
      }),
  };
}
