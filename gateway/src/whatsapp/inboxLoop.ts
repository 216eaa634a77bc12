/**
 * Turns kept plaintexts into events, in the order of their arrival, several in one transaction. Runs in the process
 * that owns the session, connected or not: what a crash left behind is worked off at the next start.
 */
import type { Fence } from '../domain/session.js';
import { createLoop, type Loop } from '../lib/loop.js';
import type { InboxEntry } from '../store/inbox.js';
import { LeaseLostError, type Nouns } from '../store/index.js';
import { fromWhatsApp, type Account, type Converted } from './fromWhatsApp.js';
import { createInboxFiles, type InboxFilesDeps } from './inboxFiles.js';

const BATCH = 100;
const IDLE_MS = 60_000;

export interface InboxLoopDeps extends InboxFilesDeps {
  fence: Fence;
  onError: (error: unknown) => void;
}

interface Read {
  entry: InboxEntry;
  converted: Converted;
}

export function createInboxLoop(deps: InboxLoopDeps): Loop {
  const { store, clock, bell, publisher, fence, onError } = deps;
  const { sessionId } = fence;
  const files = createInboxFiles(deps, fence);

  /** A bug that one message shows must not keep all that follow from becoming events: it stays in the table. */
  function convert(entry: InboxEntry, account: Account): Converted {
    try {
      return fromWhatsApp(entry, account);
    } catch (error) {
      onError(error);
      return { ignored: 'it could not be converted' };
    }
  }

  async function publish(tx: Nouns, { entry, converted }: Read): Promise<string> {
    if ('ignored' in converted) return `ignored: ${converted.ignored}`;
    return (await files.publish(tx, { entry, event: converted.event })) ? 'event' : 'repeated';
  }

  async function step(): Promise<number> {
    const entries = await store.inbox.pending(sessionId, BATCH);
    if (entries.length === 0) return IDLE_MS;
    const account = (await store.sessions.find(sessionId)) ?? { phone: null, lid: null };
    const read = entries.map((entry) => ({ entry, converted: convert(entry, account) }));
    const held = await files.hold(
      read.flatMap(({ entry, converted }) =>
        'event' in converted ? [{ entry, event: converted.event }] : [],
      ),
    );
    const ready = read.filter(({ entry }) => held === null || entry.position < held.fromPosition);
    if (ready.length > 0) {
      await store.transaction(async (tx) => {
        await tx.leases.assertOwned(fence);
        for (const one of ready)
          await tx.inbox.finish(one.entry.position, await publish(tx, one), clock.now());
      });
      publisher.committed();
    }
    return held?.waitMs ?? 0;
  }

  const loop = createLoop({
    clock,
    idleMs: IDLE_MS,
    step,
    onError: (error) => {
      if (!(error instanceof LeaseLostError)) onError(error);
    },
  });
  const stopListening = bell.listen(`inbox:${sessionId}`, loop.wake);
  return {
    wake: loop.wake,
    async stop() {
      stopListening();
      await loop.stop();
    },
  };
}
