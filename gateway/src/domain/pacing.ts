/**
 * When the next message of a session may go, and why it waits.
 * Pure: the outbox gives policy, history, time and a random number, and stores the answer as the message's `hold`.
 */
import type { Hold } from './message.js';
import type { Policy } from './policy.js';

export interface SendingHistory {
  /** When the session last handed a message to WhatsApp, milliseconds since 1970; null: never. */
  lastSentAt: number | null;
}

export interface PacingQuestion {
  policy: Policy;
  history: SendingHistory;
  /** Milliseconds since 1970. */
  now: number;
  /** From 0 to below 1, and the same each time one message is asked about, so that its wait does not wander. */
  random: number;
}

export type PacingDecision = { send: true } | { send: false; hold: Hold & { until: number } };

const seconds = (ms: number): string => `${String(Math.round(ms / 1000))} s`;

/** Decides whether a message may go now; if not, says until when it is held and why. */
export function decide({ policy, history, now, random }: PacingQuestion): PacingDecision {
  if (policy.gapMs === null || history.lastSentAt === null) return { send: true };
  const { min, max } = policy.gapMs;
  const until = history.lastSentAt + min + Math.floor(random * (max - min + 1));
  if (until <= now) return { send: true };
  const message = `held ${seconds(until - now)}: gap of ${seconds(min)} to ${seconds(max)} between two messages`;
  return { send: false, hold: { code: 'gap', message, until } };
}

/** The mean wait between two messages under a policy, in milliseconds: the basis of estimates. */
export const meanGapMs = (policy: Policy): number =>
  policy.gapMs === null ? 0 : (policy.gapMs.min + policy.gapMs.max) / 2;
