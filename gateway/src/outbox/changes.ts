/**
 * What a send's outcome makes of its message. Pure; settle writes it.
 */
import { failureOf, withAdvice, type SendFailureCode } from '../domain/failure.js';
import type { Message, MessageError, SendOutcome, UnknownReason } from '../domain/message.js';
import { MAX_SEND_ATTEMPTS, sendRetryDelayMs } from '../domain/retry.js';
import type { MessageUpdate } from '../store/messages.js';
import { isReachoutRefused } from './restrict.js';

const GIVEN_UP: Record<Exclude<UnknownReason, 'disconnected'>, SendFailureCode> = {
  no_acknowledgement: 'no_acknowledgement',
  no_answer: 'no_answer',
  send_error: 'send_failed',
};

/** What happened; null: the link was lost, which says nothing about the message. */
function errorOf(outcome: Exclude<SendOutcome, { kind: 'accepted' }>): MessageError | null {
  if (outcome.kind === 'rejected') {
    const { code, message, retryable } = outcome;
    return { code, message, retryable };
  }
  return outcome.reason === 'disconnected' ? null : failureOf(GIVEN_UP[outcome.reason]);
}

const times = (count: number): string => (count === 1 ? 'once' : `${String(count)} times`);

interface Settling {
  now: number;
  random: number;
  /** It is not tried again, whatever came of this try: its campaign was cancelled. */
  isLast?: boolean;
}

/** What a send's outcome makes of the message. A lost link repeats without end and is no try: it says nothing about the message. */
export function changesFor(
  message: Message,
  outcome: SendOutcome,
  { now, random, isLast = false }: Settling,
): MessageUpdate {
  if (outcome.kind === 'accepted') return { status: 'sent', hold: null, retryAt: null, error: null };
  const error = errorOf(outcome);
  if (!error) return { status: isLast ? 'canceled' : 'queued', hold: null, attempts: message.attempts - 1 };
  const again = error.retryable && message.attempts < MAX_SEND_ATTEMPTS && !isLast;
  if (!again) return { status: 'failed', hold: null, retryAt: null, error: withAdvice(error) };
  const retryAt = now + sendRetryDelayMs(message.attempts, random);
  // Held by the line until the restriction ends; trying sooner would make that longer.
  if (isReachoutRefused(outcome)) return { status: 'queued', hold: null, retryAt: null, error };
  const hold = {
    code: 'retry',
    message: `tried ${times(message.attempts)}: ${error.message}`,
    until: retryAt,
  };
  return { status: 'queued', retryAt, heldUntil: retryAt, hold, error };
}
