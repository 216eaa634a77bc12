/**
 * The limits of a session in the middle of its warm-up, as the outbox tells them.
 */
import { resolvePolicy } from '../../../gateway/src/domain/policy.js';
import type { Limits } from '../../../gateway/src/outbox/types.js';

export const LIMITS: Limits = {
  policy: resolvePolicy(null),
  gap: { gapMs: { min: 5_000, max: 9_000 }, lastSentAt: 4_000 },
  cooldown: { afterMessages: 20, minMs: 30_000, maxMs: 60_000, used: 3 },
  perMinute: null,
  perHour: null,
  perDay: { max: 500, used: 500, left: 0, freesAt: 9_000 },
  perMonth: null,
  newRecipientsPerDay: null,
  warmUp: { max: 36, used: 14, left: 22, freesAt: null, day: 2, days: 6, dayEndsAt: 8_000 },
  restrictions: [
    {
      kind: 'timelock',
      active: true,
      until: 12_000,
      reason: 'DEFAULT',
      quota: null,
      since: 1_000,
      message: 'locked',
    },
  ],
  queue: { size: 2, max: 100, left: 98, paused: false },
  messagesToday: 7,
  nextSendAt: 10_000,
  hold: { code: 'gap', message: 'held 5 s', until: 10_000 },
};
