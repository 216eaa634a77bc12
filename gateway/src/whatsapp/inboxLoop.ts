/**
 * Turns what the inbox keeps into events, in the order of its arrival, several in one transaction. Runs in the process
 * that owns the session, connected or not: what a crash left behind is worked off at the next start.
 */
import type { Fence, Session } from '../domain/session.js';
import { createLoop, type Loop } from '../lib/loop.js';
import type { InboxEntry } from '../store/inbox.js';
import { LeaseLostError } from '../store/index.js';
import { createConversion } from './inboxConversion.js';
import { createInboxFiles, type Arrival, type InboxFilesDeps } from './inboxFiles.js';
import { createWriter, type Read } from './inboxWriter.js';
import { createLookUp } from './lookUp.js';
import { createMissing } from './missing.js';
import type { Timing } from './timing.js';

const BATCH = 100;
const IDLE_MS = 60_000;

export interface InboxLoopDeps extends InboxFilesDeps {
  fence: Fence;
  messageKey: Uint8Array;
  timing: Pick<Timing, 'missingAfterMs'>;
  onError: (error: unknown) => void;
}

const arrivalsOf = ({ entry, converted }: Read): Arrival[] =>
  'events' in converted ? converted.events.map((event) => ({ entry, event })) : [];

/** What has come of the message is all that will: not only a key for those that follow. */
const isWhole = ({ converted }: Read): boolean => !('ignored' in converted && converted.keyOnly === true);

export function createInboxLoop(deps: InboxLoopDeps): Loop {
  const { store, clock, bell, publisher, fence, onError } = deps;
  const { sessionId } = fence;
  const files = createInboxFiles(deps, fence);
  const lookUp = createLookUp(deps, sessionId);
  const missing = createMissing(deps);
  const write = createWriter(deps, sessionId, files);
  const { convert, needs } = createConversion(onError);

  async function read(entries: InboxEntry[], session: Session): Promise<Read[]> {
    const { knowledge, learnPoll } = await lookUp(session, entries.map(needs));
    return entries.map((entry) => {
      const converted = convert(entry, knowledge);
      if ('poll' in converted && converted.poll) learnPoll(converted.poll);
      return { entry, converted };
    });
  }

  async function finish(ready: Read[]): Promise<void> {
    if (ready.length === 0) return;
    // Whoever tells of the events waits for the disk; a crash before leaves the entries, which become the same events.
    await store.transactionEarly(async (tx) => {
      await tx.leases.assertOwned(fence);
      for (const one of ready) await tx.inbox.finish(one.entry.position, await write(tx, one), clock.now());
      await missing.resolve(
        tx,
        ready.filter(isWhole).map(({ entry }) => entry.stanza.id ?? ''),
      );
      await tx.sessions.setActivity(sessionId, { lastActiveAt: clock.now() });
    });
    publisher.committed();
    // Whoever wrote may have an answer waiting.
    bell.ring(`outbox:${sessionId}`);
  }

  async function step(): Promise<number> {
    const entries = await store.inbox.pending(sessionId, BATCH);
    const session = await store.sessions.find(sessionId);
    if (!session) return IDLE_MS;
    if (entries.length === 0) {
      const due = await missing.report(async (wanted) => (await lookUp(session, wanted)).knowledge);
      return Math.min(IDLE_MS, due);
    }
    const all = await read(entries, session);
    const held = await files.hold(all.flatMap(arrivalsOf));
    await finish(all.filter(({ entry }) => held === null || entry.position < held.fromPosition));
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
