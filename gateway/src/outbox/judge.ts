/**
 * Looks at one message of the line: whether it may go now, and if not, until when it or all of its sort wait, which is
 * written down as its `hold`. Used by line inside the drain's transaction.
 */
import { createHash } from 'node:crypto';
import type { Hold, Message, Standing } from '../domain/message.js';
import {
  decide,
  isReply,
  type RecipientHistory,
  type SendingHistory,
  type TimedHold,
} from '../domain/pacing.js';
import { USUAL_TYPING, isCounted, type Policy } from '../domain/policy.js';
import type { Session } from '../domain/session.js';
import { typingMs } from '../domain/typing.js';
import { textHashOf } from '../lib/textHash.js';
import type { Nouns } from '../store/index.js';
import type { Candidate, Lane } from '../store/messageLine.js';
import { readHistory, readRecipient } from './ledger.js';
import type { Settle } from './settle.js';

/** What is the same for all messages of a lane while the line looks through it. */
export interface Scene {
  tx: Nouns;
  session: Session;
  policy: Policy;
  lane: Lane;
  /** WhatsApp's own verdict, while it holds. */
  restriction: SendingHistory['restriction'];
  now: number;
}

export type Verdict =
  /** It may go, after so much typing. */
  | { kind: 'go'; message: Message; recipient: RecipientHistory | null; typingMs: number }
  /** It is out of the way; look again. What has ended is to be announced after the commit. */
  | { kind: 'again'; ended?: Message | null }
  /** All of its standing wait. */
  | { kind: 'wait'; standing: Standing; until: number };

/** Kinds that reach nobody's ear: they are not one more message for their recipient. */
const SILENT: readonly Message['content']['type'][] = ['reaction', 'edit', 'revoke'];
const FOLLOWERS_AT_ONCE = 500;

/** A number from 0 to below 1 that is always the same for one message, so that its wait does not wander. */
function randomOf(message: Pick<Message, 'id'>): number {
  return createHash('sha256').update(message.id).digest().readUInt32BE(0) / 2 ** 32;
}

const sameHold = (a: Hold | null, b: Hold): boolean => a?.until === b.until && a.code === b.code;

export type Judge = (scene: Scene, candidate: Candidate, from: Standing) => Promise<Verdict>;

async function keepHold(
  tx: Nouns,
  message: Message,
  hold: TimedHold & { heldUntil?: number },
): Promise<void> {
  const { code, message: text, until, heldUntil } = hold;
  if (heldUntil === undefined && sameHold(message.hold, hold)) return;
  const update = { hold: { code, message: text, until }, ...(heldUntil !== undefined && { heldUntil }) };
  await tx.messages.update(message.id, ['queued', 'sending'], update);
}

/** Asked also where the policy does not look at it: what is sent now counts for the limits of a later one. */
async function recipientOf(scene: Scene, message: Message): Promise<RecipientHistory> {
  const known = await readRecipient(scene.tx, scene.lane, message.chatJid);
  return SILENT.includes(message.content.type) ? { ...known, lastSentAt: null } : known;
}

function leadOf({ policy, lane }: Scene, message: Message): number {
  if (lane.test || message.typing === false) return 0;
  // A message that asks for typing gets it also where the policy has none.
  const typing = message.typing === true ? (policy.typing ?? USUAL_TYPING) : policy.typing;
  return typingMs(typing, message.content);
}

/** When the text may go again, of a policy that limits equal texts. */
async function identicalOf(
  { tx, policy, lane }: Scene,
  message: Message,
): Promise<SendingHistory['identical']> {
  const textHash = policy.identicalText === null ? null : textHashOf(message);
  if (policy.identicalText === null || textHash === null) return null;
  const { max, perMs } = policy.identicalText;
  const oldest = await tx.sendings.textSentAt(lane, textHash, max);
  return { freesAt: oldest === null ? null : oldest + perMs };
}

async function decideOn(scene: Scene, message: Message) {
  const { tx, session, policy, lane, restriction, now } = scene;
  const leadMs = leadOf(scene, message);
  const recipient = await recipientOf(scene, message);
  const read = await readHistory(tx, { session, lane, policy, at: now + leadMs });
  const history = { ...read, restriction, identical: await identicalOf(scene, message) };
  const decision = decide({ policy, history, recipient, now, leadMs, random: randomOf(message) });
  return { decision, recipient, leadMs };
}

export function createJudge(settle: Settle, onFollowers: () => void): Judge {
  /** The message that goes first in the chat; null when that one is held, and this one with it. */
  async function headOf(tx: Nouns, { message, headId }: Candidate): Promise<Message | null> {
    if (headId === message.id) return message;
    const head = await tx.messages.find(headId);
    if (!head || !(await tx.messages.isHeld(headId))) return head;
    await tx.messages.holdFollowers(head, FOLLOWERS_AT_ONCE);
    onFollowers();
    return null;
  }

  return async function judge(scene, candidate, from) {
    const { tx, policy, now } = scene;
    const message = await headOf(tx, candidate);
    if (!message) return { kind: 'again' };
    if (message.expiresAt !== null && message.expiresAt <= now) {
      return { kind: 'again', ended: await settle.expire(tx, message) };
    }
    if (candidate.optedOut) {
      return { kind: 'again', ended: await settle.refuse(tx, message) };
    }
    if (!isCounted(policy) && scene.restriction === null)
      return { kind: 'go', message, recipient: null, typingMs: leadOf(scene, message) };
    const { decision, recipient, leadMs } = await decideOn(scene, message);
    if (decision.send) return { kind: 'go', message, recipient, typingMs: leadMs };
    const { own, session } = decision;
    if (own && !own.allNew) {
      await keepHold(tx, message, { ...own, heldUntil: own.until });
      return { kind: 'again' };
    }
    const standing = own ? 'new' : isReply(recipient, now) ? 'reply' : 'open';
    if (standing !== from) {
      await tx.messages.setStanding(scene.lane, [message.chatJid], standing);
      return { kind: 'again' };
    }
    await keepHold(tx, message, decision.hold);
    return { kind: 'wait', standing: from, until: (own ?? session ?? decision.hold).until - leadMs };
  };
}
