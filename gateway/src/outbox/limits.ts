/**
 * What limits a session's sending: each cap of its policy with what is used and left of it, WhatsApp's own restrictions,
 * the next possible send, and why it is not now. Decides with the same `pacing` as the line.
 */
import { warmUpDay, type CapName, type CapUse } from '../domain/caps.js';
import { gatewayError } from '../domain/error.js';
import { activeRestriction, describeRestriction } from '../domain/restriction.js';
import type { LaneState, Outlook } from './outlook.js';
import type { OutboxDeps } from './ports.js';
import type { CapLimit, Limits, Outbox, QueueState } from './types.js';

type LimitsDeps = Pick<OutboxDeps, 'store' | 'clock'> &
  Pick<Outbox, 'queueState'> & { outlook: Pick<Outlook, 'laneState'> };

const toLimit = ({ max, used, freesAt }: CapUse): CapLimit => ({
  max,
  used,
  left: Math.max(0, max - used),
  freesAt,
});

function warmUpOf({ policy, history }: LaneState, now: number): Limits['warmUp'] {
  const today = warmUpDay(policy.warmUp, history.warmUpSince, now);
  const use = history.caps.find(({ name }) => name === 'warmUp');
  if (!today || !use) return null;
  return { ...toLimit(use), day: today.day, days: policy.warmUp.days, dayEndsAt: today.endsAt };
}

function restrictionsOf({ restrictions }: LaneState, now: number): Limits['restrictions'] {
  return restrictions.map((restriction) => {
    const active = activeRestriction([restriction], now);
    const { kind, reason, quota, since } = restriction;
    const until = active?.until ?? restriction.until;
    return {
      kind,
      active: active !== null,
      until,
      reason,
      quota,
      since,
      message: describeRestriction(restriction),
    };
  });
}

function nextSend({ hold }: LaneState, queue: QueueState, now: number): Pick<Limits, 'nextSendAt' | 'hold'> {
  // What stops everything comes before what holds the message that is first in line.
  const held = hold?.until === null ? hold : (queue.hold ?? hold);
  if (!held) return { nextSendAt: now, hold: null };
  return { nextSendAt: held.until, hold: held };
}

export const createLimits =
  ({ store, clock, queueState, outlook }: LimitsDeps): Outbox['limits'] =>
  async (sessionId) => {
    const session = await store.sessions.find(sessionId);
    if (!session) throw gatewayError('session_not_found', `There is no session ${sessionId}.`);
    const now = clock.now();
    const state = await outlook.laneState(session, false);
    const { policy, history } = state;
    const queue = await queueState(sessionId);
    const cap = (name: CapName): CapLimit | null => {
      const use = history.caps.find((one) => one.name === name);
      return use ? toLimit(use) : null;
    };
    const { cooldown, queueMax } = policy;
    return {
      policy,
      gap: { gapMs: policy.gapMs, lastSentAt: history.lastSentAt },
      cooldown: cooldown && { ...cooldown, used: Math.min(history.sinceCooldown, cooldown.afterMessages) },
      perMinute: cap('minute'),
      perHour: cap('hour'),
      perDay: cap('day'),
      perMonth: cap('month'),
      newRecipientsPerDay: cap('newRecipients'),
      warmUp: warmUpOf(state, now),
      restrictions: restrictionsOf(state, now),
      queue: {
        size: queue.size,
        max: queueMax,
        left: queueMax === null ? null : Math.max(0, queueMax - queue.size),
        paused: session.queuePaused,
      },
      messagesToday: queue.messagesToday,
      ...nextSend(state, queue, now),
    };
  };
