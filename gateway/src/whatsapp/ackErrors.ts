/**
 * What WhatsApp's server says when it refuses a message: the `error` of an ack, as a code and a sentence. Pure.
 * Source of the numbers: Baileys 7.0.0-rc14, Utils/decode-wa-message (SERVER_ERROR_CODES, NACK_REASONS).
 */
import { failureOf, type SendFailureCode } from '../domain/failure.js';
import type { MessageError } from '../domain/message.js';

const REFUSALS: Record<string, SendFailureCode> = {
  '403': 'not_allowed',
  '404': 'recipient_not_on_whatsapp',
  '429': 'whatsapp_rate_limited',
  '463': 'reachout_restricted',
  '479': 'stale_device_session',
  '500': 'whatsapp_error',
  '503': 'whatsapp_unavailable',
};

/** The error for a refused message; `number` is the ack's `error` attribute. */
export function refusalOf(number: string): MessageError {
  const code = REFUSALS[number];
  if (code !== undefined) return failureOf(code);
  const message = `WhatsApp refused the message with error ${number}.`;
  return { code: `whatsapp_${number}`, message, retryable: false };
}
