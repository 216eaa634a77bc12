/**
 * Turns kept plaintexts into events, in the order of their arrival, several in one transaction. Runs in the process
 * that owns the session, connected or not: what a crash left behind is worked off at the next start.
 */
import type { Fence } from '../domain/session.js';
import type { Clock } from '../lib/clock.js';
import { createLoop, type Loop } from '../lib/loop.js';
import type { InboxEntry } from '../store/inbox.js';
import { LeaseLostError, type Store } from '../store/index.js';
import { fromWhatsApp, type Account, type Converted } from './fromWhatsApp.js';
import type { EventPublisher } from './ports.js';

const BATCH = 100;
const IDLE_MS = 60_000;

export interface InboxLoopDeps {
  store: Store;
  clock: Clock;
  publisher: EventPublisher;
  fence: Fence;
  onError: (error: unknown) => void;
}

export function createInboxLoop({ store, clock, publisher, fence, onError }: InboxLoopDeps): Loop {
  const { sessionId } = fence;

  /** A bug that one message shows must not keep all that follow from becoming events: it stays in the table. */
  function convert(entry: InboxEntry, account: Account): Converted {
    try {
      return fromWhatsApp(entry, account);
    } catch (error) {
      onError(error);
      return { ignored: 'it could not be converted' };
    }
  }

  async function step(): Promise<number> {
    const entries = await store.inbox.pending(sessionId, BATCH);
    if (entries.length === 0) return IDLE_MS;
    await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      const account = (await tx.sessions.find(sessionId)) ?? { phone: null, lid: null };
      for (const entry of entries) {
        const converted = convert(entry, account);
        let outcome = 'ignored' in converted ? `ignored: ${converted.ignored}` : 'event';
        if ('event' in converted && !(await publisher.publish(tx, converted.event))) outcome = 'repeated';
        await tx.inbox.finish(entry.position, outcome, clock.now());
      }
    });
    publisher.committed();
    return 0;
  }

  return createLoop({
    clock,
    idleMs: IDLE_MS,
    step,
    onError: (error) => {
      if (!(error instanceof LeaseLostError)) onError(error);
    },
  });
}
