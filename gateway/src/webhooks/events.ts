/**
 * Reading the event log: pages with long poll for GET /v1/events, and following it for server-sent events.
 * Woken by the publisher of this process; what other processes write is seen by looking again every second.
 */
import { covers, type Caller } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import type { StoredEvent } from '../domain/event.js';
import type { Clock } from '../lib/clock.js';
import { timeOfId } from '../lib/ids.js';
import type { Store } from '../store/index.js';
import { seqOf, timeOf, toCursor } from './cursor.js';
import { createNews, type News } from './news.js';
import type { EventListRequest, Events, FollowRequest, Page } from './types.js';

export interface EventsDeps {
  store: Store;
  clock: Clock;
}

const LOOK_AGAIN_MS = 1_000;
const FOLLOW_PAGE = 200;
/** A resume across sessions goes back a little: several processes do not store events in the order of their times. */
const OVERLAP_MS = 5_000;

type ReadPage = () => Promise<Page<StoredEvent>>;

/** The sessions to read; empty means all. @throws GatewayError forbidden */
function scopeOf(caller: Caller, sessionId: string | undefined): string[] {
  if (sessionId === undefined) return caller.sessionIds;
  if (!covers(caller, sessionId)) throw gatewayError('forbidden', 'This key does not cover the session.');
  return [sessionId];
}

/** Within one session: by number, so that nothing can be missed. */
function pageOfSession(store: Store, sessionId: string, request: EventListRequest): ReadPage {
  const { types, limit, cursor } = request;
  const afterSeq = cursor === undefined ? (request.afterSeq ?? 0) : seqOf(cursor);
  return async () => {
    const data = await store.events.listSession({ sessionId, types, afterSeq, limit });
    const last = data.at(-1);
    return { data, nextCursor: last ? toCursor({ seq: last.seq }) : (cursor ?? null) };
  };
}

/** Across sessions: by time; `afterSeq` is then counted in each of them. @throws GatewayError invalid_request */
function pageByTime(store: Store, sessionIds: string[], request: EventListRequest): ReadPage {
  const { types, limit, cursor, afterSeq } = request;
  const after = cursor === undefined ? null : timeOf(cursor);
  return async () => {
    const data = await store.events.list({ sessionIds, types, after, afterSeq, limit });
    const last = data.at(-1);
    return { data, nextCursor: last ? toCursor({ at: last.at, id: last.id }) : (cursor ?? null) };
  };
}

/** The number after which to go on, per session that has events. */
async function startingPlaces(
  store: Store,
  sessionIds: string[],
  lastEventId?: string,
): Promise<Map<string, number>> {
  const places = await store.events.lastSeqs(sessionIds);
  if (lastEventId === undefined) return places;
  const seen = await store.events.findById(lastEventId);
  // One that has been deleted by age: what came after it and is still there follows.
  const at = seen?.at ?? timeOfId(lastEventId);
  if (at === null) return places;
  for (const sessionId of places.keys()) {
    const before = await store.events.lastSeqBefore(sessionId, at - OVERLAP_MS);
    places.set(sessionId, sessionId === seen?.sessionId ? seen.seq : before);
  }
  return places;
}

async function* follow(
  deps: { store: Store; news: News },
  caller: Caller,
  request: FollowRequest,
): AsyncGenerator<StoredEvent> {
  const { store, news } = deps;
  const { types, signal } = request;
  const sessionIds = scopeOf(caller, request.sessionId);
  const places = await startingPlaces(store, sessionIds, request.lastEventId);
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    const heard = news.count();
    let found = false;
    for (const [sessionId, lastSeq] of await store.events.lastSeqs(sessionIds)) {
      const afterSeq = places.get(sessionId) ?? 0;
      if (lastSeq <= afterSeq) continue;
      found = true;
      const page = await store.events.listSession({ sessionId, types, afterSeq, limit: FOLLOW_PAGE });
      await store.durable();
      for (const event of page) {
        if (isOver()) return;
        yield event;
      }
      const last = page.at(-1);
      // A page that is not full has seen all types up to the last number, though it may hold few of them.
      places.set(
        sessionId,
        page.length < FOLLOW_PAGE ? Math.max(lastSeq, last?.seq ?? 0) : (last?.seq ?? lastSeq),
      );
    }
    if (!found) await news.wait(heard, LOOK_AGAIN_MS, signal);
  }
}

export function createEvents({ store, clock }: EventsDeps): Events {
  const news = createNews(clock);
  return {
    async list(caller, request) {
      const sessionIds = scopeOf(caller, request.sessionId);
      const [sessionId] = sessionIds;
      const read =
        sessionId !== undefined && sessionIds.length === 1
          ? pageOfSession(store, sessionId, request)
          : pageByTime(store, sessionIds, request);
      const until = clock.now() + request.waitMs;
      for (;;) {
        const heard = news.count();
        const page = await read();
        const leftMs = until - clock.now();
        if (page.data.length > 0 || leftMs <= 0 || request.signal?.aborted === true) return page;
        await news.wait(heard, Math.min(leftMs, LOOK_AGAIN_MS), request.signal);
      }
    },
    follow: (caller, request) => follow({ store, news }, caller, request),
    wake: () => news.ring(),
  };
}
