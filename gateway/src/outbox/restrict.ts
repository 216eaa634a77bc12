/**
 * What a refused send says about the number: after a 463 nothing more goes to new contacts for a while, nor to the one
 * that was refused. What WhatsApp tells by itself is written by whatsapp/restrictions.
 */
import type { NewEvent } from '../domain/event.js';
import type { Message, SendOutcome } from '../domain/message.js';
import {
  activeRestriction,
  REACHOUT_REFUSED,
  refusalAfter,
  restrictionEvent,
} from '../domain/restriction.js';
import type { Nouns } from '../store/index.js';

interface Refused {
  message: Message;
  outcome: SendOutcome;
  now: number;
}

/** Whether the message was refused for want of a chat: it was not delivered, and may be once the restriction ends. */
export const isReachoutRefused = (outcome: SendOutcome): boolean =>
  outcome.kind === 'rejected' && outcome.ackError === REACHOUT_REFUSED;

/** Remembers the refusal unless its end is known already; answers the event that tells of it. */
export async function restrictAfter(
  tx: Nouns,
  { message: { sessionId, test, chatJid }, outcome, now }: Refused,
): Promise<NewEvent | null> {
  if (!isReachoutRefused(outcome)) return null;
  await tx.contacts.refused({ sessionId, test }, chatJid, now);
  const known = await tx.restrictions.list(sessionId);
  if (activeRestriction(known, now)) return null;
  const refusal = refusalAfter(
    known.find(({ kind }) => kind === 'refusal'),
    now,
  );
  await tx.restrictions.save(sessionId, refusal);
  return restrictionEvent(sessionId, refusal);
}
