/**
 * The poll that a vote is about, wherever it began: one that came in, or one that this gateway sent. Used by the inbox loop.
 */
import type { Session } from '../domain/session.js';
import type { Store } from '../store/index.js';
import type { Poll } from './incoming/votes.js';
import { secretOf } from './outgoing.js';

export interface PollsDeps {
  store: Pick<Store, 'polls' | 'messages'>;
  /** Derives the secret of what was sent. */
  messageKey: Uint8Array;
}

/** Null when the session has neither sent nor received it. */
export async function findPoll(
  { store, messageKey }: PollsDeps,
  session: Pick<Session, 'id' | 'phone' | 'lid'>,
  messageId: string,
): Promise<Poll | null> {
  const received = await store.polls.find(session.id, messageId);
  if (received) return received;
  const sent = await store.messages.findByWaId(messageId);
  if (sent?.sessionId !== session.id || sent.content.type !== 'poll') return null;
  const { question, options } = sent.content.poll;
  const creator = { phone: session.phone, lid: session.lid };
  return { messageId, question, options, secret: secretOf(messageKey, messageId), creator };
}
