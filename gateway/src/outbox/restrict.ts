/**
 * What a refused send says about the number: after a 463 nothing more goes to new contacts for a while. What WhatsApp
 * tells by itself is written by whatsapp/restrictions.
 */
import type { NewEvent } from '../domain/event.js';
import type { Message, SendOutcome } from '../domain/message.js';
import { activeRestriction, REFUSAL_MS, restrictionEvent, type Restriction } from '../domain/restriction.js';
import type { Nouns } from '../store/index.js';

/** WhatsApp's number for a message to somebody whom the sender may not write to first. */
const REACHOUT_REFUSED = '463';

interface Refused {
  message: Message;
  outcome: SendOutcome;
  now: number;
}

/** Remembers the refusal unless its end is known already; answers the event that tells of it. */
export async function restrictAfter(
  tx: Nouns,
  { message: { sessionId }, outcome, now }: Refused,
): Promise<NewEvent | null> {
  if (outcome.kind !== 'rejected' || outcome.ackError !== REACHOUT_REFUSED) return null;
  if (activeRestriction(await tx.restrictions.list(sessionId), now)) return null;
  const refusal: Restriction = {
    kind: 'refusal',
    active: true,
    until: now + REFUSAL_MS,
    reason: REACHOUT_REFUSED,
    quota: null,
    since: now,
  };
  await tx.restrictions.save(sessionId, refusal);
  return restrictionEvent(sessionId, refusal);
}
