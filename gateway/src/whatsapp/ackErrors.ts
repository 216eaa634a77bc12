/**
 * What WhatsApp's server says when it refuses a message: the `error` of an ack, as a code and a sentence. Pure.
 * Source of the numbers: Baileys 7.0.0-rc14, Utils/decode-wa-message (SERVER_ERROR_CODES, NACK_REASONS).
 */
import type { MessageError } from '../domain/message.js';

const REFUSALS: Record<string, MessageError> = {
  '403': {
    code: 'not_allowed',
    message: 'WhatsApp does not allow this number to write to this chat.',
    retryable: false,
  },
  '404': {
    code: 'recipient_not_on_whatsapp',
    message: 'WhatsApp does not know this recipient.',
    retryable: false,
  },
  '429': {
    code: 'whatsapp_rate_limited',
    message: 'WhatsApp asks this number to send more slowly.',
    retryable: true,
  },
  '463': {
    code: 'reachout_restricted',
    message: 'WhatsApp has restricted this number: it may not start new chats for now.',
    retryable: false,
  },
  '479': {
    code: 'stale_device_session',
    message: 'WhatsApp refused the message because the keys of a device were out of date.',
    retryable: true,
  },
  '500': { code: 'whatsapp_error', message: 'WhatsApp had an error of its own.', retryable: true },
  '503': {
    code: 'whatsapp_unavailable',
    message: 'WhatsApp is not available at the moment.',
    retryable: true,
  },
};

/** The error for a refused message; `number` is the ack's `error` attribute. */
export const refusalOf = (number: string): MessageError =>
  REFUSALS[number] ?? {
    code: `whatsapp_${number}`,
    message: `WhatsApp refused the message with error ${number}.`,
    retryable: false,
  };
