/**
 * Reasons for a status that do not come from WhatsApp but from a user or from this gateway. Pure.
 */
import type { StatusReason } from '../domain/session.js';

export const LOGGED_OUT_BY_USER: StatusReason = {
  code: 'logged_out_by_user',
  message: 'The session was logged out here.',
  action: 'Start the session and scan the new QR code.',
};

export const STOPPED_BY_USER: StatusReason = {
  code: 'stopped_by_user',
  message: 'The session was stopped here.',
  action: 'Start the session to connect again.',
};

export const STOPPED_BY_GATEWAY: StatusReason = {
  code: 'gateway_stopped',
  message: 'The gateway was shut down.',
  action: 'Nothing to do: the session connects again when the gateway runs.',
};
