/**
 * Remembers with whom a session has written. A contact is new until a message to it was accepted. Used by the drain loop
 * with each outcome; where the policy does not look at the time of the last message, the first one is enough.
 */
import { LRUCache } from 'lru-cache';
import type { Nouns } from '../store/index.js';
import { isReachoutRefused } from './restrict.js';
import type { Ended } from './settle.js';

const REMEMBERED = 1_000;

export function createRecorder() {
  /** Chats that are in the table for sure. */
  const known = new LRUCache<string, true>({ max: REMEMBERED });

  return async function record(tx: Nouns, { message, outcome, counted, at }: Ended): Promise<void> {
    const { sessionId, test, chatJid } = message;
    const key = `${String(test)}:${chatJid}`;
    // The next one that is accepted there is news.
    if (isReachoutRefused(outcome)) known.delete(key);
    if (outcome.kind !== 'accepted') return;
    if (!counted && known.has(key)) return;
    await tx.contacts.sent({ sessionId, test }, chatJid, at);
    if (!known.has(key)) await tx.messages.welcome({ sessionId, test }, chatJid);
    known.set(key, true);
  };
}
