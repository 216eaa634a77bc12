/**
 * The book of what a session has sent: read for pacing's decision, and written with each claim and outcome, in the
 * caller's fenced transaction. A message is counted when it is claimed, so that a crash forgets none, and taken back when
 * it turns out that nothing was handed over.
 */
import { isGroupJid } from '../domain/address.js';
import { capsOf, DAY_MS, type Cap, type CapUse, type Track } from '../domain/caps.js';
import type { Message, SendOutcome } from '../domain/message.js';
import { isReply, type RecipientHistory, type SendingHistory } from '../domain/pacing.js';
import type { Policy } from '../domain/policy.js';
import type { Session } from '../domain/session.js';
import { textHashOf } from '../lib/textHash.js';
import type { Nouns } from '../store/index.js';
import type { Lane } from '../store/messageLine.js';
import { NO_COUNTERS, type Counted, type PacingCounters } from '../store/sendings.js';

const KEPT_MS = 31 * DAY_MS;
/** Old rows are forgotten each time so many were added. */
const FORGET_EVERY = 500;

export interface LedgerQuestion {
  session: Session;
  lane: Lane;
  policy: Policy;
  /** When the message would be handed over, milliseconds since 1970. */
  at: number;
}

/** Counters, and whether they are those of the number that the session has now. */
interface Read {
  counters: PacingCounters;
  isNumber: boolean;
}

/** Another number begins anew. */
async function readCounters(q: Nouns, { session, lane }: LedgerQuestion): Promise<Read> {
  const counters = await q.sendings.counters(lane);
  const isNumber = counters.phone === null || session.phone === null || counters.phone === session.phone;
  if (isNumber) return { counters, isNumber };
  return { counters: { ...NO_COUNTERS, sent: counters.sent, phone: counters.phone }, isNumber };
}

async function useOf(q: Nouns, counters: PacingCounters, { cap, lane, at }: UseQuestion): Promise<CapUse> {
  const total = counters.sent[cap.track];
  const first = await q.sendings.firstAfter(lane, cap.track, at - cap.perMs);
  const used = first === null ? 0 : total - first + 1;
  if (used < cap.max) return { ...cap, used, freesAt: null };
  const oldest = await q.sendings.sentAt(lane, cap.track, total - cap.max + 1);
  return { ...cap, used, freesAt: oldest === null ? null : oldest + cap.perMs };
}

interface UseQuestion {
  cap: Cap;
  lane: Lane;
  at: number;
}

/** What is used of each cap that stands. */
export async function readHistory(q: Nouns, question: LedgerQuestion): Promise<SendingHistory> {
  const { session, lane, policy, at } = question;
  const { counters, isNumber } = await readCounters(q, question);
  const caps: CapUse[] = [];
  for (const cap of capsOf(policy, counters.warmUpSince, at)) {
    caps.push(isNumber ? await useOf(q, counters, { cap, lane, at }) : { ...cap, used: 0, freesAt: null });
  }
  // What was sent while nothing was counted is known to the session alone.
  const times = [counters.lastSentAt, lane.test ? null : session.lastSentAt].filter((time) => time !== null);
  return {
    lastSentAt: times.length === 0 ? null : Math.max(...times),
    sinceCooldown: counters.sinceCooldown,
    warmUpSince: counters.warmUpSince,
    caps,
    identical: null,
    restriction: null,
  };
}

/** What is known of a message's recipient. A group is nobody new. */
export async function readRecipient(q: Nouns, lane: Lane, chatJid: string): Promise<RecipientHistory> {
  const contact = await q.contacts.find(lane, chatJid);
  const isKnown = contact !== null && (contact.firstSentAt !== null || contact.lastReceivedAt !== null);
  const heardAt = Math.max(contact?.lastSentAt ?? -1, contact?.lastReceivedAt ?? -1);
  return {
    isNew: !isKnown && !isGroupJid(chatJid),
    isRefused: contact?.refusedAt != null && contact.refusedAt >= heardAt,
    lastSentAt: contact?.lastSentAt ?? null,
    lastReceivedAt: contact?.lastReceivedAt ?? null,
  };
}

function tracksOf(recipient: RecipientHistory, at: number): Track[] {
  const tracks: Track[] = ['all'];
  if (!isReply(recipient, at)) tracks.push('unprompted');
  if (recipient.isNew) tracks.push('new');
  return tracks;
}

const numbered = (counters: PacingCounters, tracks: Track[]): Counted[] =>
  tracks.map((track) => ({ track, n: counters.sent[track] }));

const adding = (counters: PacingCounters, tracks: Track[], by: 1 | -1): PacingCounters['sent'] => {
  const sent = { ...counters.sent };
  for (const track of tracks) sent[track] += by;
  return sent;
};

/** Messages since the last pause, with the one that goes now. */
function runWith(policy: Policy, counters: PacingCounters, at: number): number {
  const { cooldown } = policy;
  if (cooldown === null || counters.lastSentAt === null) return 1;
  const hasPaused =
    counters.sinceCooldown >= cooldown.afterMessages || at - counters.lastSentAt >= cooldown.maxMs;
  return hasPaused ? 1 : counters.sinceCooldown + 1;
}

/** Counts a message that is being claimed. */
export async function count(
  tx: Nouns,
  question: LedgerQuestion,
  { message, recipient }: { message: Message; recipient: RecipientHistory },
): Promise<void> {
  const { session, lane, policy, at } = question;
  const { counters, isNumber } = await readCounters(tx, question);
  const { open } = counters;
  const phone = session.phone ?? counters.phone;
  if (open?.messageId === message.id) {
    // It was counted before a crash, and goes now.
    await tx.sendings.setTime(lane, numbered(counters, open.tracks), at);
    await tx.sendings.setCounters(lane, { ...counters, lastSentAt: at });
    return;
  }
  if (!isNumber) await tx.sendings.forgetBefore(lane, Number.MAX_SAFE_INTEGER);
  const tracks = tracksOf(recipient, at);
  const counted: PacingCounters = {
    phone,
    lastSentAt: at,
    sinceCooldown: runWith(policy, counters, at),
    warmUpSince: counters.warmUpSince ?? at,
    sent: adding(counters, tracks, 1),
    open: { messageId: message.id, tracks },
  };
  await tx.sendings.add(lane, numbered(counted, tracks), at);
  await tx.sendings.setCounters(lane, counted);
  const textHash = policy.identicalText === null ? null : textHashOf(message);
  if (textHash !== null) await tx.sendings.addText(lane, textHash, at);
  if (counted.sent.all % FORGET_EVERY === 0) await tx.sendings.forgetBefore(lane, at - KEPT_MS);
}

/** Whether WhatsApp may have seen the message. */
const wasHandedOver = (outcome: SendOutcome): boolean =>
  outcome.kind === 'accepted' ||
  (outcome.kind === 'rejected'
    ? outcome.ackError !== undefined
    : outcome.reason === 'no_acknowledgement' || outcome.reason === 'send_error');

/** Writes when a counted message went, or that it did not go. */
export async function closeCount(
  tx: Nouns,
  lane: Lane,
  { message, outcome, at }: { message: Message; outcome: SendOutcome; at: number },
): Promise<void> {
  const counters = await tx.sendings.counters(lane);
  const { open } = counters;
  if (open?.messageId !== message.id) return;
  const counted = numbered(counters, open.tracks);
  if (wasHandedOver(outcome)) {
    await tx.sendings.setTime(lane, counted, at);
    await tx.sendings.setCounters(lane, { ...counters, lastSentAt: at, open: null });
    return;
  }
  await tx.sendings.takeBack(lane, counted);
  await tx.sendings.setCounters(lane, {
    ...counters,
    sinceCooldown: Math.max(0, counters.sinceCooldown - 1),
    sent: adding(counters, open.tracks, -1),
    open: null,
  });
}
