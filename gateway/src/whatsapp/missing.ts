/**
 * Messages that could not be decrypted: one that comes again in time is an event like any other; one that does not is
 * reported after a while as an event of kind `unsupported`, so that nobody waits for what only the phone shows.
 * Part of the inbox loop.
 */
import type { Fence } from '../domain/session.js';
import type { Clock } from '../lib/clock.js';
import type { InboxEntry } from '../store/inbox.js';
import type { Nouns, Store } from '../store/index.js';
import type { Undecrypted } from '../store/undecrypted.js';
import { messageConverted, type Knowledge } from './incoming/message.js';
import type { Needs } from './incoming/needs.js';
import { peopleOf } from './incoming/people.js';
import type { EventPublisher } from './ports.js';
import type { Timing } from './timing.js';

const BATCH = 100;
const REMEMBERED_MS = 30 * 24 * 60 * 60 * 1000;

const NEVER_CAME = {
  typeName: 'undecryptable',
  code: 'undecryptable',
  message:
    'The message could not be decrypted, and its sender has not sent it again. Look at it on the phone.',
};

export interface MissingDeps {
  store: Store;
  clock: Clock;
  publisher: EventPublisher;
  fence: Fence;
  timing: Pick<Timing, 'missingAfterMs'>;
}

export interface Missing {
  /** These have come after all. */
  resolve: (tx: Nouns, stanzaIds: readonly string[]) => Promise<void>;
  /** Reports what is due; answers the milliseconds until the next may be. */
  report: (lookUp: (needs: Needs[]) => Promise<Knowledge>) => Promise<number>;
}

export function createMissing(deps: MissingDeps): Missing {
  const { store, clock, publisher, fence } = deps;
  const { missingAfterMs } = deps.timing;
  const { sessionId } = fence;

  const entryOf = ({ stanza, firstSeenAt }: Undecrypted): InboxEntry => ({
    position: 0,
    sessionId,
    kind: 'message',
    stanza,
    plaintext: Buffer.alloc(0),
    receivedAt: firstSeenAt,
  });

  async function publish(tx: Nouns, message: Undecrypted, knowledge: Knowledge): Promise<void> {
    const converted = messageConverted(entryOf(message), { missing: NEVER_CAME }, knowledge);
    if (!('events' in converted)) return;
    for (const event of converted.events) {
      // A key of its own: the message may still come, and then it is an event with its content.
      await publisher.publish(tx, { ...event, dedupeKey: `missing:${event.dedupeKey ?? ''}` });
    }
  }

  return {
    resolve: (tx, stanzaIds) => tx.undecrypted.resolve(sessionId, stanzaIds),

    async report(lookUp) {
      const waiting = await store.undecrypted.waiting(sessionId, BATCH);
      const now = clock.now();
      const due = waiting.filter(({ firstSeenAt }) => firstSeenAt + missingAfterMs <= now);
      if (due.length > 0) {
        const knowledge = await lookUp(due.map(({ stanza }) => ({ people: peopleOf(stanza), pollId: null })));
        await store.transaction(async (tx) => {
          await tx.leases.assertOwned(fence);
          for (const message of due) {
            await publish(tx, message, knowledge);
            await tx.undecrypted.setReported(sessionId, message.stanza, now);
          }
          await tx.undecrypted.forgetReported(sessionId, now - REMEMBERED_MS);
        });
        publisher.committed();
      }
      const next = waiting.find((message) => !due.includes(message));
      if (next) return Math.max(1, next.firstSeenAt + missingAfterMs - now);
      return waiting.length === BATCH ? 0 : Infinity;
    },
  };
}
