/**
 * Why a message failed: every code that the `error` of a message can end with, beside those of the error table. Each says
 * what happened and what to do about it, for somebody who sends newsletters and knows nothing of protocols. Pure; the
 * table in docs/reference/errors.md is generated from it.
 */
import { ERROR_TABLE, type ErrorCode } from './error.js';
import type { MessageError } from './message.js';

interface Failure {
  happened: string;
  advice: string;
  /** Whether the same message may go through later. */
  retryable: boolean;
}

const final = (happened: string, advice: string): Failure => ({ happened, advice, retryable: false });
const passing = (happened: string, advice: string): Failure => ({ happened, advice, retryable: true });

export const SEND_FAILURES = {
  expired: final(
    'The message was not sent before the time in its expiresAt.',
    'Retry it to send it all the same, or send a new one with a later time. The limits of the session say what its messages wait for.',
  ),
  recipient_opted_out: final(
    'The recipient does not want messages any more.',
    'Nothing was sent and nothing is to be done: the number is on the opt-out list, and only the person can lift that.',
  ),
  recipient_not_on_whatsapp: final(
    'WhatsApp has no account with this number.',
    'Check the number and its country code, or take it off your list.',
  ),
  not_allowed: final(
    'WhatsApp does not allow this number to write to this chat.',
    'In a group perhaps only admins may write; a person may have blocked the number. Take the recipient off your list.',
  ),
  reachout_restricted: passing(
    'WhatsApp has restricted this number: it may not start new chats for now.',
    'It was tried again each time the restriction should have ended. Write to fewer new people; retry this one when the limits of the session show no restriction any more.',
  ),
  whatsapp_rate_limited: passing(
    'WhatsApp asks this number to send more slowly.',
    'Pause the session for some hours, lower the limits of its policy, then retry the message.',
  ),
  stale_device_session: passing(
    'WhatsApp refused the message because the encryption keys of one of the recipient’s devices were out of date.',
    'Retry it. If it fails again, the recipient should open WhatsApp on the phone once.',
  ),
  whatsapp_error: passing(
    'WhatsApp had an error of its own.',
    'Nothing is wrong with the message: retry it later.',
  ),
  whatsapp_unavailable: passing(
    'WhatsApp is not available at the moment.',
    'Nothing is wrong with the message: retry it later.',
  ),
  no_acknowledgement: passing(
    'WhatsApp did not confirm this message, though it was tried several times. It may have arrived.',
    'Retry it when the connection is good: it keeps its id, so that the person sees it once.',
  ),
  no_answer: passing(
    'WhatsApp did not answer whether this recipient exists.',
    'Nothing was sent. Retry it when the connection is good.',
  ),
  send_failed: passing(
    'The message could not be handed to WhatsApp.',
    'Retry it. If it fails again, whoever runs the gateway finds the cause in its log.',
  ),
  media_not_found: final(
    'The file of this message has been deleted before it could be sent.',
    'Files are deleted by age. Upload it again and send a new message.',
  ),
} as const satisfies Record<string, Failure>;

export type SendFailureCode = keyof typeof SEND_FAILURES;

const UNKNOWN_ADVICE =
  'WhatsApp does not say why. Retry it once; if other messages fail the same way, pause the session and tell whoever runs the gateway.';

const isSendFailure = (code: string): code is SendFailureCode => Object.hasOwn(SEND_FAILURES, code);
const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_TABLE, code);

/** What happened, in one sentence: what stands with a message that is tried again by itself. */
export function failureOf(code: SendFailureCode): MessageError {
  const { happened, retryable } = SEND_FAILURES[code];
  return { code, message: happened, retryable };
}

function adviceOn(code: string): string {
  if (isSendFailure(code)) return SEND_FAILURES[code].advice;
  return isErrorCode(code) ? ERROR_TABLE[code].hint : UNKNOWN_ADVICE;
}

/** The error of a message that ends with it: what happened, and what to do. */
export const withAdvice = ({ code, message, retryable }: MessageError): MessageError => ({
  code,
  message: `${message} ${adviceOn(code)}`,
  retryable,
});
