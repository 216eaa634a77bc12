/**
 * Takes the next message of a session's line: of what may go now the first by priority and age, replies before all others
 * where the policy says so; or says how long nothing can go. Used by the drain loop inside its transaction.
 */
import type { Message } from '../domain/message.js';
import { isCounted, resolvePolicy, type Policy } from '../domain/policy.js';
import { activeRestriction, type Restriction } from '../domain/restriction.js';
import type { Session } from '../domain/session.js';
import type { Clock } from '../lib/clock.js';
import type { Nouns } from '../store/index.js';
import type { Lane } from '../store/messageLine.js';
import { createJudge, type Scene } from './judge.js';
import { createLook, type Claimed, type Look } from './look.js';
import type { OutboxDeps } from './ports.js';
import type { Settle } from './settle.js';

export interface Claim {
  claimed: Claimed | null;
  /** How long nothing is to be done, in milliseconds. */
  waitMs: number;
  /** Messages that ended on the way, to be announced after the commit. */
  ended: Message[];
}

type LineDeps = Pick<OutboxDeps, 'clock' | 'sender'> & { settle: Settle };

/** While messages of one lane go one after the other, an empty other one is looked at so often. */
const QUIET_MS = 250;

export type Line = ReturnType<typeof createLine>;

export function createLine({ clock, sender, settle }: LineDeps, sessionId: string) {
  /** What was found to wait until when, so that a new message does not have all that judged again. */
  const waiting = new Map<boolean, Waiting>();
  let restrictions: Restriction[] | null = null;
  let mayFollow: boolean | null = null;
  let lastLane = true;
  const onFollowers = (): void => {
    mayFollow = true;
  };
  const look = createLook(settle, createJudge(settle, onFollowers));

  const quiet = createQuiet(clock);

  /** In turn. While the session cannot send, test messages still go: they are handed to nobody. */
  const lanes = (): Lane[] =>
    (sender.isReady(sessionId) ? quiet.inTurn(lastLane) : [true]).map((test) => ({ sessionId, test }));

  async function sceneOf(tx: Nouns, session: Session, lane: Lane): Promise<Scene> {
    const now = clock.now();
    restrictions ??= await tx.restrictions.list(sessionId);
    const restriction = lane.test ? null : activeRestriction(restrictions, now);
    return { tx, session, policy: resolvePolicy(session.policy), lane, restriction, now };
  }

  async function claimNext(tx: Nouns, session: Session): Promise<Claim> {
    const ended: Message[] = [];
    let until = Infinity;
    if (session.queuePaused) return { claimed: null, waitMs: until, ended };
    for (const lane of lanes()) {
      const scene = await sceneOf(tx, session, lane);
      const found = await look(scene);
      ended.push(...found.ended);
      if (found.claimed) {
        lastLane = lane.test;
        quiet.note(lane.test, false);
        return { claimed: found.claimed, waitMs: 0, ended };
      }
      remember(waiting, scene, found);
      quiet.note(lane.test, found.until === Infinity);
      until = Math.min(until, found.until);
    }
    return { claimed: null, waitMs: Math.max(0, until - clock.now()), ended };
  }

  /** Whether a lane has anything that might go; asked outside of a transaction, so that an idle line costs none. */
  async function mayGo(q: Nouns, lane: Lane): Promise<boolean> {
    const known = waiting.get(lane.test);
    if (!known || known.until <= clock.now()) return q.messages.hasCandidate(lane);
    // All wait; only somebody who has written may come before them.
    return isCounted(known.policy) && (await q.messages.hasCandidate(lane, 'reply'));
  }

  return {
    claimNext,

    /** When the line is to be looked at; 0: now. */
    async untilNext(q: Nouns): Promise<number> {
      for (const lane of lanes()) if (await mayGo(q, lane)) return 0;
      const known = lanes().map(({ test }) => waiting.get(test)?.until ?? Infinity);
      return Math.max(0, Math.min(...known) - clock.now());
    },

    /** A message has left the line: the next one of its chat may be looked at. */
    async left(tx: Nouns, message: Message): Promise<void> {
      mayFollow ??= await tx.messages.hasFollowers(sessionId);
      if (mayFollow) await tx.messages.releaseFollower(message);
    },

    /** Policy, restrictions or connection may have changed: what was judged is judged again. */
    forget(): void {
      waiting.clear();
      restrictions = null;
    },
  };
}

/** Which lane is looked at first: the other one than last, unless it was empty a moment ago, while that one is not. */
function createQuiet(clock: Clock) {
  const emptyAt = new Map<boolean, number>();
  const isQuiet = (lane: boolean): boolean =>
    clock.now() - (emptyAt.get(lane) ?? -Infinity) < QUIET_MS && !emptyAt.has(!lane);
  return {
    note(lane: boolean, isEmpty: boolean): void {
      if (isEmpty) emptyAt.set(lane, clock.now());
      else emptyAt.delete(lane);
    },
    inTurn: (last: boolean): boolean[] => (isQuiet(!last) ? [last, !last] : [!last, last]),
  };
}

interface Waiting {
  until: number;
  policy: Policy;
}

/** What holds those that are neither replies nor new holds everything but replies. */
function remember(waiting: Map<boolean, Waiting>, { lane, policy }: Scene, { closed }: Look): void {
  const until = closed.get('open');
  if (until === undefined) waiting.delete(lane.test);
  else waiting.set(lane.test, { until, policy });
}
