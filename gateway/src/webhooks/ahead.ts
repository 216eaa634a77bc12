/**
 * Events of a lane, read some at a time and ahead of their turn: one question and one wait for the disk for many
 * deliveries of a backlog. Used by tryDelivery, one per claimed lane.
 */
import type { StoredEvent } from '../domain/event.js';
import type { DeliveryRow } from '../store/deliveries.js';
import type { Store } from '../store/index.js';

/** Few, because an event may hold a text of 65,000 characters and many lanes run at once. */
const AHEAD = 16;

/** The event of a pending delivery, which is on the disk; null when it is no longer in the log. */
export type EventOf = (delivery: DeliveryRow) => Promise<StoredEvent | null>;

export function readAhead(store: Store): EventOf {
  let known = new Map<number, StoredEvent>();
  return async function eventOf({ webhookId, sessionId, seq }) {
    const found = known.get(seq);
    if (found) return found;
    const events = await store.deliveries.eventsFrom({ webhookId, sessionId, fromSeq: seq, limit: AHEAD });
    // What was read may be younger than the disk, and a receiver must not know what a crash would take back.
    await store.durable();
    known = new Map(events.map((event) => [event.seq, event]));
    return known.get(seq) ?? null;
  };
}
