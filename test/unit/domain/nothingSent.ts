/** A session that has sent nothing yet, for the tests of pacing. */
import type { SendingHistory } from '../../../gateway/src/domain/pacing.js';

export const NOTHING: SendingHistory = {
  lastSentAt: null,
  sinceCooldown: 0,
  warmUpSince: null,
  caps: [],
  identical: null,
  restriction: null,
};
