/**
 * Looks up what inbox entries speak of before they are converted: the other address of each person, the polls that are
 * voted in. Part of the inbox loop; the conversion itself asks nobody.
 */
import type { Session } from '../domain/session.js';
import type { Store } from '../store/index.js';
import type { Knowledge } from './incoming/message.js';
import type { Needs } from './incoming/needs.js';
import type { Poll } from './incoming/votes.js';
import { createLidMappings } from './lidMappings.js';
import { findPoll } from './polls.js';

export interface LookUpDeps {
  store: Pick<Store, 'keyValues' | 'polls' | 'messages'>;
  messageKey: Uint8Array;
}

export interface LookedUp {
  knowledge: Knowledge;
  /** A poll among the entries themselves, known to the votes that come after it. */
  learnPoll: (poll: Poll) => void;
}

export type LookUp = (session: Session, needs: readonly Needs[]) => Promise<LookedUp>;

export function createLookUp(deps: LookUpDeps, sessionId: string): LookUp {
  const mappings = createLidMappings(deps.store, sessionId);

  return async function lookUp(session, needs) {
    await mappings.load(needs.flatMap(({ people }) => people));
    const polls = new Map<string, Poll>();
    for (const pollId of new Set(needs.flatMap((need) => need.pollId ?? []))) {
      const poll = await findPoll(deps, session, pollId);
      if (poll) polls.set(pollId, poll);
    }
    const knowledge: Knowledge = {
      account: session,
      ownMessages: session.ownMessages,
      complete: mappings.complete,
      pollOf: (messageId) => polls.get(messageId) ?? null,
    };
    return { knowledge, learnPoll: (poll) => void polls.set(poll.messageId, poll) };
  };
}
