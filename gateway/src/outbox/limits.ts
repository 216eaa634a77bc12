/**
 * What limits a session's sending: each cap of its policy with what is used and left of it, the next possible send, and
 * why it is not now. Decides with the same `pacing` as the line.
 */
import { gatewayError } from '../domain/error.js';
import type { Hold } from '../domain/message.js';
import { decide } from '../domain/pacing.js';
import { resolvePolicy } from '../domain/policy.js';
import type { Session } from '../domain/session.js';
import type { OutboxDeps } from './ports.js';
import type { Limits, Outbox, QueueState } from './types.js';

type LimitsDeps = Pick<OutboxDeps, 'store' | 'clock'> & Pick<Outbox, 'queueState'>;

type NextSend = Pick<Limits, 'nextSendAt' | 'hold'>;

const notConnected = ({ status, reason }: Session): Hold => ({
  code: 'session_not_connected',
  message: `the session is ${status}${reason ? `: ${reason.message}` : ''}`,
  until: null,
});

function nextSend(session: Session, queue: QueueState, now: number): NextSend {
  if (session.queuePaused) return { nextSendAt: null, hold: queue.hold };
  if (session.status !== 'connected') return { nextSendAt: null, hold: notConnected(session) };
  const heldUntil = queue.hold?.until ?? now;
  if (heldUntil > now) return { nextSendAt: heldUntil, hold: queue.hold };
  // Nothing waits, or nobody has judged it yet: the soonest that any message could go.
  const policy = resolvePolicy(session.policy);
  const decision = decide({ policy, history: session, now, random: 0 });
  if (decision.send) return { nextSendAt: now, hold: null };
  return { nextSendAt: decision.hold.until, hold: decision.hold };
}

export const createLimits =
  ({ store, clock, queueState }: LimitsDeps): Outbox['limits'] =>
  async (sessionId) => {
    const session = await store.sessions.find(sessionId);
    if (!session) throw gatewayError('session_not_found', `There is no session ${sessionId}.`);
    const { gapMs, queueMax } = resolvePolicy(session.policy);
    const queue = await queueState(sessionId);
    return {
      gap: { gapMs, lastSentAt: session.lastSentAt },
      queue: {
        size: queue.size,
        max: queueMax,
        left: queueMax === null ? null : Math.max(0, queueMax - queue.size),
        paused: session.queuePaused,
      },
      messagesToday: queue.messagesToday,
      ...nextSend(session, queue, clock.now()),
    };
  };
