/**
 * When a message may go, and why it waits. Pure: the outbox gives policy, history, time and a random number, and stores
 * the answer as the message's `hold`. What is counted for a cap is said in caps.
 */
import { DAY_MS, warmUpDay, type CapName, type CapUse } from './caps.js';
import { duration, heldFor, range } from './holdText.js';
import type { Hold } from './message.js';
import type { Policy, Range } from './policy.js';
import { quietUntil } from './quietHours.js';
import { describeRestriction, type Restriction } from './restriction.js';

/** What is known of the person, or the group, that a message goes to. */
export interface RecipientHistory {
  /** Nobody there ever wrote or was written to; a group never is new. */
  isNew: boolean;
  /** WhatsApp refused the last message there for want of a chat, and nobody there has written since. */
  isRefused: boolean;
  lastSentAt: number | null;
  lastReceivedAt: number | null;
}

export interface SendingHistory {
  /** When the session last handed a message to WhatsApp, milliseconds since 1970; null: never. */
  lastSentAt: number | null;
  /** Messages since the last pause. */
  sinceCooldown: number;
  /** When the number sent its first message. */
  warmUpSince: number | null;
  /** Every cap that `capsOf` names, with what is used of it. */
  caps: CapUse[];
  /** Messages with the same text; null: not limited. */
  identical: { freesAt: number | null } | null;
  /** WhatsApp's own verdict, while it holds. */
  restriction: (Restriction & { until: number }) | null;
}

/** Of a session that has not sent anything. */
export const NOTHING_SENT: SendingHistory = {
  lastSentAt: null,
  sinceCooldown: 0,
  warmUpSince: null,
  caps: [],
  identical: null,
  restriction: null,
};

export interface PacingQuestion {
  policy: Policy;
  history: SendingHistory;
  /** Null: not about a message to somebody, but about the session as a whole. */
  recipient: RecipientHistory | null;
  /** Milliseconds since 1970. */
  now: number;
  /** The message would be handed over so long after `now`, because somebody is seen typing first; default 0. */
  leadMs?: number;
  /** From 0 to below 1, and the same each time one message is asked about, so that its wait does not wander. */
  random: number;
}

export type TimedHold = Hold & { until: number };

/** Why this message waits, though another one might go. */
export interface OwnHold extends TimedHold {
  /** Everybody who is new waits for the same reason. */
  allNew: boolean;
}

export type PacingDecision =
  | { send: true }
  | {
      send: false;
      /** What holds it longest. */
      hold: TimedHold;
      /** What holds all messages of its sort; null: others may go. */
      session: TimedHold | null;
      own: OwnHold | null;
    };

interface Reason {
  code: string;
  text: string;
  until: number;
  allNew?: boolean;
}

const PER: Record<CapName, string> = {
  minute: 'a minute',
  hour: 'an hour',
  day: 'a day',
  month: 'in 30 days',
  warmUp: 'a day',
  newRecipients: 'a day',
};

const CAP_CODES: Record<CapName, string> = {
  minute: 'minute_limit',
  hour: 'hour_limit',
  day: 'day_limit',
  month: 'month_limit',
  warmUp: 'warm_up',
  newRecipients: 'new_recipients_limit',
};

/** How long after somebody wrote an answer counts as a reply. */
export const REPLY_WINDOW_MS = DAY_MS;

/** Whether a message to this recipient answers somebody who wrote in the last 24 hours. */
export const isReply = (recipient: RecipientHistory | null, now: number): boolean =>
  recipient?.lastReceivedAt != null && now - recipient.lastReceivedAt < REPLY_WINDOW_MS;

const drawn = ({ min, max }: Range, random: number): number => min + Math.floor(random * (max - min + 1));

/** A second random number out of the first. */
const another = (random: number): number => (random * 7_919) % 1;

/** `warm-up day 2, 14 of 36 used`; null when there is no warm-up. */
function warmUpText({ policy, history, now }: PacingQuestion): string | null {
  const today = warmUpDay(policy.warmUp, history.warmUpSince, now);
  const use = history.caps.find(({ name }) => name === 'warmUp');
  if (!today || !use) return null;
  return `warm-up day ${String(today.day)}, ${String(use.used)} of ${String(use.max)} used`;
}

function capText(question: PacingQuestion, cap: CapUse): string {
  if (cap.name === 'warmUp') return warmUpText(question) ?? '';
  const whom = cap.name === 'newRecipients' ? 'new recipients' : 'messages';
  return `${String(cap.used)} of ${String(cap.max)} ${whom} ${PER[cap.name]} used`;
}

function* capReasons(question: PacingQuestion, reply: boolean): Iterable<Reason> {
  const { policy, history, recipient, now } = question;
  for (const cap of history.caps) {
    if (cap.freesAt === null || cap.freesAt <= now) continue;
    if (cap.name === 'newRecipients' && recipient?.isNew !== true) continue;
    if (cap.name === 'warmUp' && reply) continue;
    const tomorrow = cap.name === 'warmUp' && warmUpDay(policy.warmUp, history.warmUpSince, now)?.endsAt;
    const until = Math.min(cap.freesAt, tomorrow || Infinity);
    yield { code: CAP_CODES[cap.name], text: capText(question, cap), until, allNew: cap.track === 'new' };
  }
}

function* gapReasons({ policy, history, random }: PacingQuestion, reply: boolean): Iterable<Reason> {
  const { lastSentAt } = history;
  if (lastSentAt === null) return;
  const asReply = reply && policy.replyGapMs !== null;
  const gapMs = asReply ? policy.replyGapMs : policy.gapMs;
  if (gapMs !== null) {
    const between = asReply ? 'before a reply' : 'between two messages';
    yield {
      code: 'gap',
      text: `gap of ${range(gapMs)} ${between}`,
      until: lastSentAt + drawn(gapMs, random),
    };
  }
  const { cooldown } = policy;
  if (!asReply && cooldown !== null && history.sinceCooldown >= cooldown.afterMessages) {
    const pause = { min: cooldown.minMs, max: cooldown.maxMs };
    const text = `pause of ${range(pause)} after ${String(cooldown.afterMessages)} messages`;
    yield { code: 'cooldown', text, until: lastSentAt + drawn(pause, another(random)) };
  }
}

function* quietReasons({ policy, now }: PacingQuestion): Iterable<Reason> {
  const until = policy.quietHours && quietUntil(policy.quietHours, now);
  if (until === null || policy.quietHours === null) return;
  const { from, to, timeZone } = policy.quietHours;
  yield { code: 'quiet_hours', text: `quiet hours from ${from} to ${to} (${timeZone})`, until };
}

function* ownReasons({ policy, history, recipient, now }: PacingQuestion): Iterable<Reason> {
  const { identicalText, recipientCooldownMs } = policy;
  if ((recipient?.isNew === true || recipient?.isRefused === true) && history.restriction) {
    const { restriction } = history;
    const text = describeRestriction(restriction);
    yield { code: 'whatsapp_restricted', text, until: restriction.until, allNew: true };
  }
  if (recipientCooldownMs !== null && recipient?.lastSentAt != null) {
    const text = `this recipient is written to once in ${duration(recipientCooldownMs)}`;
    yield { code: 'recipient_cooldown', text, until: recipient.lastSentAt + recipientCooldownMs };
  }
  if (identicalText !== null && history.identical?.freesAt != null && history.identical.freesAt > now) {
    const text = `the same text goes to ${String(identicalText.max)} recipients in ${duration(identicalText.perMs)}`;
    yield { code: 'identical_text', text, until: history.identical.freesAt };
  }
}

const latest = (reasons: Reason[]): Reason | null => reasons.sort((a, b) => b.until - a.until)[0] ?? null;

/** Decides whether a message may go now; if not, says until when it is held and why. */
export function decide(asked: PacingQuestion): PacingDecision {
  const now = asked.now + (asked.leadMs ?? 0);
  const question = { ...asked, now };
  const { recipient } = asked;
  const reply = isReply(recipient, now);
  const waiting = (reasons: Iterable<Reason>): Reason[] => [...reasons].filter(({ until }) => until > now);
  const caps = waiting(capReasons(question, reply));
  const isOwn = ({ allNew }: Reason): boolean => allNew === true;
  const session = latest([
    ...caps.filter((reason) => !isOwn(reason)),
    ...waiting(gapReasons(question, reply)),
    ...waiting(quietReasons(question)),
  ]);
  const own = latest([...caps.filter(isOwn), ...waiting(ownReasons(question))]);
  const longest = latest([session, own].filter((reason) => reason !== null));
  if (!longest) return { send: true };
  const toHold = (reason: Reason): TimedHold => {
    const warmUp = reason.code === 'warm_up' ? null : warmUpText(question);
    const message = heldFor(
      reason.until - asked.now,
      warmUp === null ? [reason.text] : [reason.text, warmUp],
    );
    return { code: reason.code, message, until: reason.until };
  };
  return {
    send: false,
    hold: toHold(longest),
    session: session && toHold(session),
    own: own && { ...toHold(own), allNew: own.allNew === true },
  };
}
