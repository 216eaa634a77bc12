/**
 * When a message that waits will probably go: what is ahead of it, at the policy's mean pace, under its caps. Pure; an
 * estimate for people, nothing is sent by it.
 */
import { DAY_MS, warmUpDay, type CapUse } from './caps.js';
import type { SendingHistory } from './pacing.js';
import type { Policy } from './policy.js';
import { quietUntil } from './quietHours.js';

export interface ForecastQuestion {
  policy: Policy;
  history: Pick<SendingHistory, 'caps' | 'warmUpSince'>;
  /** Messages that go before it. */
  ahead: number;
  /** The soonest that any of them can go, milliseconds since 1970. */
  from: number;
  now: number;
}

/** The mean time from one message to the next under a policy, in milliseconds, pauses included. */
export function meanGapMs({ gapMs, cooldown }: Pick<Policy, 'gapMs' | 'cooldown'>): number {
  const gap = gapMs === null ? 0 : (gapMs.min + gapMs.max) / 2;
  if (cooldown === null) return gap;
  const pause = (cooldown.minMs + cooldown.maxMs) / 2;
  return gap + Math.max(0, pause - gap) / cooldown.afterMessages;
}

/** When the message with so many before it fits under a cap. */
function underCap({ used, max, perMs, freesAt }: CapUse, { ahead, from }: ForecastQuestion): number {
  const over = used + ahead - max;
  return over < 0 ? from : (freesAt ?? from + perMs) + Math.floor(over / max) * perMs;
}

/** Each day of the warm-up allows more than the one before. */
function underWarmUp({ policy, history, ahead, from, now }: ForecastQuestion, { used, max }: CapUse): number {
  const today = warmUpDay(policy.warmUp, history.warmUpSince, now);
  let over = ahead - Math.max(0, max - used);
  if (!today || over < 0) return from;
  let { endsAt } = today;
  for (let day = today.day + 1; day <= policy.warmUp.days; day += 1, endsAt += DAY_MS) {
    over -= Math.round(policy.warmUp.firstDay * policy.warmUp.growth ** (day - 1));
    if (over < 0) break;
  }
  return endsAt;
}

/** The probable time of sending, milliseconds since 1970. */
export function forecast(question: ForecastQuestion): number {
  const { policy, history, ahead, from } = question;
  const byCaps = history.caps.map((cap) => {
    if (cap.track === 'new') return from;
    return cap.name === 'warmUp' ? underWarmUp(question, cap) : underCap(cap, question);
  });
  const at = Math.round(Math.max(from + ahead * meanGapMs(policy), ...byCaps));
  return (policy.quietHours && quietUntil(policy.quietHours, at)) ?? at;
}
