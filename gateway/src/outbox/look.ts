/**
 * Looks through one lane for the next message that may go: the first of each standing, judged one after the other.
 * Used by line, inside the drain's transaction.
 */
import { STANDINGS, type Message, type Standing } from '../domain/message.js';
import { isCounted, type Policy } from '../domain/policy.js';
import type { Candidate } from '../store/messageLine.js';
import type { Judge, Scene, Verdict } from './judge.js';
import { count } from './ledger.js';
import type { Settle } from './settle.js';

/** A message that is to be sent now. */
export interface Claimed {
  message: Message;
  typingMs: number;
  /** It stands in the book of what was sent, and is to be closed there. */
  counted: boolean;
}

export interface Look {
  claimed: Claimed | null;
  /** When the next may go, milliseconds since 1970; 0: look again at once, Infinity: nothing waits. */
  until: number;
  /** Until when all of a standing wait. */
  closed: ReadonlyMap<Standing, number>;
  /** Messages that ended on the way, to be announced after the commit. */
  ended: Message[];
}

/** Messages looked at in one transaction. */
const LOOKS = 50;

/** Replies first, where the policy has a gap of their own for them; otherwise priority, then age. */
function first(
  found: ReadonlyMap<Standing, Candidate | null>,
  policy: Policy,
): { standing: Standing; candidate: Candidate } | null {
  const there = [...found].flatMap(([standing, candidate]) => (candidate ? [{ standing, candidate }] : []));
  const rank = (standing: Standing): number => (policy.replyGapMs !== null && standing === 'reply' ? 0 : 1);
  return (
    there.sort(
      (a, b) =>
        rank(a.standing) - rank(b.standing) ||
        b.candidate.message.priority - a.candidate.message.priority ||
        a.candidate.message.position - b.candidate.message.position,
    )[0] ?? null
  );
}

async function claim(
  { tx, session, policy, lane, now }: Scene,
  settle: Settle,
  { message: chosen, recipient, typingMs }: Extract<Verdict, { kind: 'go' }>,
): Promise<Claimed | null> {
  const message = await settle.claim(tx, chosen);
  if (!message) return null;
  const counted = isCounted(policy) && recipient !== null;
  if (counted) await count(tx, { session, lane, policy, at: now + typingMs }, { message, recipient });
  return { message, typingMs, counted };
}

export const createLook =
  (settle: Settle, judge: Judge) =>
  async (scene: Scene): Promise<Look> => {
    const { tx, policy, lane } = scene;
    // Where nothing is limited all are alike, and one question finds the first.
    const sorted = isCounted(policy) || scene.restriction !== null;
    const standings: readonly Standing[] = sorted ? STANDINGS : ['open'];
    const found = new Map<Standing, Candidate | null>();
    const closed = new Map<Standing, number>();
    const ended: Message[] = [];
    for (let looks = 0; looks < LOOKS; looks += 1) {
      for (const standing of standings) {
        if (closed.has(standing) || found.has(standing)) continue;
        found.set(standing, await tx.messages.candidate(lane, sorted ? standing : undefined));
      }
      const next = first(found, policy);
      if (!next) return { claimed: null, until: Math.min(Infinity, ...closed.values()), closed, ended };
      const verdict = await judge(scene, next.candidate, next.standing);
      const claimed = verdict.kind === 'go' ? await claim(scene, settle, verdict) : null;
      if (claimed) return { claimed, until: 0, closed, ended };
      if (verdict.kind === 'wait') closed.set(next.standing, verdict.until);
      if (verdict.kind === 'again' && verdict.ended) ended.push(verdict.ended);
      // What was judged may have moved others to another standing.
      if (verdict.kind === 'wait') found.delete(next.standing);
      else found.clear();
    }
    return { claimed: null, until: 0, closed, ended };
  };
