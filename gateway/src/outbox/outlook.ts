/**
 * How things look for a session and for a message that waits: why nothing goes, until when, and when it will probably go.
 * Judges with the same pacing as the line, changes nothing. Used by reader and limits.
 */
import { CAMPAIGN_PAUSED } from '../domain/campaign.js';
import { forecast } from '../domain/forecast.js';
import type { Hold, Message } from '../domain/message.js';
import { decide, NOTHING_SENT, type SendingHistory } from '../domain/pacing.js';
import { isCounted, resolvePolicy, type Policy } from '../domain/policy.js';
import { activeRestriction, type Restriction } from '../domain/restriction.js';
import type { Session } from '../domain/session.js';
import type { Lane } from '../store/messageLine.js';
import { readHistory, readRecipient } from './ledger.js';
import type { OutboxDeps } from './ports.js';
import type { MessageOutlook } from './types.js';

const PAUSED: Hold = { code: 'paused', message: 'the queue is paused until it is resumed', until: null };

/** Beyond this many messages ahead an estimate does not count further. */
const AHEAD_COUNTED = 10_000;

const notConnected = ({ status, reason }: Session): Hold => ({
  code: 'session_not_connected',
  message: `the session is ${status}${reason ? `: ${reason.message}` : ''}`,
  until: null,
});

/** What stops a whole lane without an end in sight; known from the session alone. */
function stopOf(session: Session, test: boolean): Hold | null {
  if (session.queuePaused) return PAUSED;
  return test || session.status === 'connected' ? null : notConnected(session);
}

export interface LaneState {
  policy: Policy;
  history: SendingHistory;
  restrictions: Restriction[];
  /** What holds everything in the lane. */
  hold: Hold | null;
}

const toHold = ({ code, message, until }: Hold): Hold => ({ code, message, until });

const isWaiting = ({ status }: Message): boolean => status === 'queued' || status === 'scheduled';

/** A stored hold whose time is over says nothing any more. */
export const ownHold = ({ hold }: Message, now: number): Hold | null =>
  hold && (hold.until === null || hold.until > now) ? hold : null;

export type Outlook = ReturnType<typeof createOutlook>;

export function createOutlook({ store, clock }: Pick<OutboxDeps, 'store' | 'clock'>) {
  async function laneState(session: Session, test: boolean): Promise<LaneState> {
    const now = clock.now();
    const policy = resolvePolicy(session.policy);
    const lane: Lane = { sessionId: session.id, test };
    const restrictions = await store.restrictions.list(session.id);
    const restriction = test ? null : activeRestriction(restrictions, now);
    // Where nothing is limited, what was sent holds nothing.
    const sent = isCounted(policy)
      ? await readHistory(store, { session, lane, policy, at: now })
      : { ...NOTHING_SENT, lastSentAt: test ? null : session.lastSentAt };
    const history = { ...sent, restriction };
    const state = { policy, history, restrictions };
    const stop = stopOf(session, test);
    if (stop) return { ...state, hold: stop };
    const decision = decide({ policy, history, recipient: null, now, random: 0 });
    return { ...state, hold: decision.send ? null : decision.hold };
  }

  function scheduledHold(message: Message, now: number): Hold | null {
    const { sendAt } = message;
    if (sendAt === null || sendAt <= now) return null;
    return { code: 'scheduled', message: `scheduled for ${new Date(sendAt).toISOString()}`, until: sendAt };
  }

  /** What holds everybody of its recipient's sort. Only the first of them has it written down. */
  async function sortHold({ sessionId, test, chatJid }: Message, state: LaneState): Promise<Hold | null> {
    const { policy, history } = state;
    if (history.restriction === null && policy.newRecipientsPerDay === null) return null;
    const recipient = await readRecipient(store, { sessionId, test }, chatJid);
    const decision = decide({ policy, history, recipient, now: clock.now(), random: 0 });
    return decision.send || decision.own?.allNew !== true ? null : toHold(decision.own);
  }

  async function inLine(message: Message, state: LaneState): Promise<MessageOutlook> {
    const now = clock.now();
    const held =
      ownHold(message, now) ?? scheduledHold(message, now) ?? (await sortHold(message, state)) ?? state.hold;
    const from = Math.max(now, held?.until ?? 0, message.sendAt ?? 0);
    if (!isCounted(state.policy)) return { hold: held, estimatedSendAt: from };
    const ahead = await store.messages.countAhead(message, AHEAD_COUNTED);
    const estimatedSendAt = forecast({ ...state, ahead, from, now });
    if (held || ahead === 0) return { hold: held, estimatedSendAt };
    const many = ahead === AHEAD_COUNTED ? `${String(ahead)} or more` : String(ahead);
    const text = ahead === 1 ? 'one message goes before it' : `${many} messages go before it`;
    return { hold: { code: 'in_line', message: text, until: estimatedSendAt }, estimatedSendAt };
  }

  return {
    laneState,

    /** Why a message waits and when it will probably go; its session is looked up unless it was read just now. */
    async describe(message: Message, known?: Session): Promise<MessageOutlook> {
      if (!isWaiting(message)) return { hold: message.hold, estimatedSendAt: null };
      const session = known ?? (await store.sessions.find(message.sessionId));
      if (!session) return { hold: message.hold, estimatedSendAt: null };
      if (message.hold?.code === CAMPAIGN_PAUSED.code) return { hold: message.hold, estimatedSendAt: null };
      const stop = stopOf(session, message.test);
      if (stop) return { hold: stop, estimatedSendAt: message.sendAt };
      const state = await laneState(session, message.test);
      if (state.hold?.until === null) return { hold: state.hold, estimatedSendAt: message.sendAt };
      return inLine(message, state);
    },
  };
}
