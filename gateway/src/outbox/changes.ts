/**
 * What a send's outcome makes of its message. Pure; settle writes it.
 */
import type { Message, MessageError, SendOutcome, UnknownReason } from '../domain/message.js';
import { MAX_SEND_ATTEMPTS, sendRetryDelayMs } from '../domain/retry.js';
import type { MessageUpdate } from '../store/messages.js';

const GIVEN_UP: Record<UnknownReason, MessageError> = {
  disconnected: {
    code: 'session_not_connected',
    message: 'The connection broke each time this was sent.',
    retryable: true,
  },
  no_acknowledgement: {
    code: 'no_acknowledgement',
    message: 'WhatsApp did not confirm this message, though it was tried several times. It may have arrived.',
    retryable: true,
  },
  no_answer: {
    code: 'no_answer',
    message: 'WhatsApp did not answer whether this recipient exists.',
    retryable: true,
  },
  send_error: {
    code: 'send_failed',
    message: 'The message could not be handed to WhatsApp.',
    retryable: true,
  },
};

/** What a send's outcome makes of the message. A lost link repeats without end and is no try: it says nothing about the message. */
export function changesFor(
  message: Message,
  outcome: SendOutcome,
  at: { now: number; random: number },
): MessageUpdate {
  if (outcome.kind === 'accepted') return { status: 'sent', hold: null, retryAt: null, error: null };
  if (outcome.kind === 'unknown' && outcome.reason === 'disconnected')
    return { status: 'queued', hold: null, attempts: message.attempts - 1 };
  const error: MessageError =
    outcome.kind === 'rejected'
      ? { code: outcome.code, message: outcome.message, retryable: outcome.retryable }
      : GIVEN_UP[outcome.reason];
  const again = (outcome.kind === 'unknown' || outcome.retryable) && message.attempts < MAX_SEND_ATTEMPTS;
  if (!again) return { status: 'failed', hold: null, retryAt: null, error };
  const retryAt = at.now + sendRetryDelayMs(message.attempts, at.random);
  const hold = {
    code: 'retry',
    message: `tried ${String(message.attempts)} times: ${error.message}`,
    until: retryAt,
  };
  return { status: 'queued', retryAt, heldUntil: retryAt, hold, error };
}
