/**
 * Writes what happens to a session: its status with reason, its QR code, and the event that goes with it, in one fenced
 * transaction. Used by the supervisor alone.
 */
import type { EventType } from '../domain/event.js';
import type { Fence } from '../domain/session.js';
import type { StatusUpdate } from '../store/sessions.js';
import type { Nouns } from '../store/index.js';
import type { WhatsAppDeps } from './ports.js';

export interface ReportedEvent {
  type: EventType;
  data: Record<string, unknown>;
}

export interface Report extends Omit<StatusUpdate, 'since'> {
  event?: ReportedEvent;
  /** More for the same transaction, such as forgetting credentials. */
  also?: (tx: Nouns) => Promise<void>;
}

type ReportDeps = Pick<WhatsAppDeps, 'store' | 'clock' | 'bell' | 'publisher'>;

/** The reports of one session run one after the other, in the order in which they were made. */
export function createReporter({ store, clock, bell, publisher }: ReportDeps, fence: Fence) {
  const { sessionId } = fence;
  let reported: Promise<unknown> = Promise.resolve();

  async function write({ event, also, ...update }: Report): Promise<void> {
    const since = clock.now();
    await store.transaction(async (tx) => {
      await tx.leases.assertOwned(fence);
      await tx.sessions.setStatus(sessionId, { ...update, since });
      await also?.(tx);
      if (event) await publisher.publish(tx, { ...event, sessionId });
    });
    publisher.committed();
    bell.ring(`session:${sessionId}`);
  }

  /** @throws LeaseLostError */
  return (report: Report): Promise<void> => {
    const written = reported.then(() => write(report));
    reported = written.catch(() => undefined);
    return written;
  };
}
