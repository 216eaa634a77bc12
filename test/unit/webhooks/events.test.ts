import type { StoredEvent } from '../../../gateway/src/domain/event.js';
import type { EventListRequest } from '../../../gateway/src/webhooks/types.js';
import { eventually } from '../../support/eventually.js';
import { ADMIN, limitedTo, openBed, type Bed } from './bed.js';

let bed: Bed;

beforeEach(async () => {
  bed = await openBed();
});

afterEach(async () => {
  await bed.close();
});

const request = (more: Partial<EventListRequest> = {}): EventListRequest => ({
  types: [],
  limit: 10,
  waitMs: 0,
  ...more,
});
const places = (events: StoredEvent[]): string[] =>
  events.map((event) => `${event.sessionId}${String(event.seq)}`);
const code = (name: string): unknown => expect.objectContaining({ code: name });

describe('list', () => {
  test('goes through one session by number', async () => {
    for (let n = 0; n < 5; n += 1)
      await bed.publish({ sessionId: 'a', type: n === 2 ? 'message.sent' : 'message.read' });
    await bed.publish({ sessionId: 'b' });
    const first = await bed.events.list(ADMIN, request({ sessionId: 'a', afterSeq: 1, limit: 2 }));
    expect(places(first.data)).toEqual(['a2', 'a3']);
    const next = await bed.events.list(ADMIN, request({ sessionId: 'a', cursor: first.nextCursor ?? '' }));
    expect(places(next.data)).toEqual(['a4', 'a5']);
    const end = await bed.events.list(ADMIN, request({ sessionId: 'a', cursor: next.nextCursor ?? '' }));
    expect(end).toEqual({ data: [], nextCursor: next.nextCursor });
    const typed = await bed.events.list(ADMIN, request({ sessionId: 'a', types: ['message.sent'] }));
    expect(places(typed.data)).toEqual(['a3']);
  });

  test('goes through all sessions by time', async () => {
    for (const sessionId of ['a', 'b', 'a', 'c', 'b']) {
      await bed.publish({ sessionId });
      bed.advance(1);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    for (;;) {
      const page = await bed.events.list(ADMIN, request({ limit: 2, cursor }));
      if (page.data.length === 0) break;
      seen.push(...places(page.data));
      cursor = page.nextCursor ?? undefined;
    }
    expect(seen).toEqual(['a1', 'b1', 'a2', 'c1', 'b2']);
  });

  test('shows a limited caller its sessions only', async () => {
    for (const sessionId of ['a', 'b', 'c']) await bed.publish({ sessionId });
    expect(places((await bed.events.list(limitedTo('a', 'c'), request())).data)).toEqual(['a1', 'c1']);
    expect(places((await bed.events.list(limitedTo('b'), request({ afterSeq: 0 }))).data)).toEqual(['b1']);
    await expect(bed.events.list(limitedTo('a'), request({ sessionId: 'b' }))).rejects.toEqual(
      code('forbidden'),
    );
  });

  test('counts a number without a session in each of them, page by page', async () => {
    for (const sessionId of ['a', 'b', 'a', 'b', 'b']) await bed.publish({ sessionId });
    const first = await bed.events.list(ADMIN, request({ afterSeq: 1, limit: 2 }));
    expect(places(first.data)).toEqual(['a2', 'b2']);
    const cursor = first.nextCursor ?? '';
    expect(places((await bed.events.list(ADMIN, request({ afterSeq: 1, cursor }))).data)).toEqual(['b3']);
  });

  test('refuses a cursor of another query', async () => {
    await bed.publish({ sessionId: 'a' });
    const { nextCursor } = await bed.events.list(ADMIN, request({ sessionId: 'a' }));
    await expect(bed.events.list(ADMIN, request({ cursor: nextCursor ?? '' }))).rejects.toEqual(
      code('invalid_request'),
    );
    await expect(bed.events.list(ADMIN, request({ cursor: 'nonsense' }))).rejects.toEqual(
      code('invalid_request'),
    );
  });

  test('waits for an event and answers as soon as it is there', async () => {
    await bed.publish({ sessionId: 'a' });
    const waiting = bed.events.list(ADMIN, request({ sessionId: 'a', afterSeq: 1, waitMs: 30_000 }));
    await eventually('the wait to begin', () => bed.clock.pending() > 0);
    await bed.publish({ sessionId: 'a' });
    expect(places((await waiting).data)).toEqual(['a2']);
  });

  test('answers empty when the wait is over or the client has gone', async () => {
    const waiting = bed.events.list(ADMIN, request({ waitMs: 2_500 }));
    for (let n = 0; n < 3; n += 1) {
      await eventually('the wait to begin', () => bed.clock.pending() > 0);
      bed.clock.advance(1_000);
    }
    expect((await waiting).data).toEqual([]);
    const gone = new AbortController();
    const left = bed.events.list(ADMIN, request({ waitMs: 30_000, signal: gone.signal }));
    await eventually('the wait to begin', () => bed.clock.pending() > 0);
    gone.abort();
    expect((await left).data).toEqual([]);
    expect(bed.clock.pending()).toBe(0);
  });
});

describe('follow', () => {
  let end: AbortController;
  beforeEach(() => {
    end = new AbortController();
  });
  afterEach(() => {
    end.abort();
  });

  /** Takes so many events from the stream. */
  async function take(stream: AsyncIterator<StoredEvent>, count: number): Promise<string[]> {
    const taken: StoredEvent[] = [];
    while (taken.length < count) {
      const step: IteratorResult<StoredEvent, unknown> = await stream.next();
      if (step.done === true) break;
      taken.push(step.value);
    }
    return places(taken);
  }

  const follow = (
    more: { sessionId?: string; types?: string[]; lastEventId?: string } = {},
    caller = ADMIN,
  ) => bed.events.follow(caller, { types: [], signal: end.signal, ...more })[Symbol.asyncIterator]();

  test('gives what happens from now on, of every session, in order', async () => {
    await bed.publish({ sessionId: 'a' });
    const stream = follow();
    const first = take(stream, 1);
    await eventually('the wait to begin', () => bed.clock.pending() > 0);
    await bed.publish({ sessionId: 'a' });
    expect(await first).toEqual(['a2']);
    for (const sessionId of ['new', 'a', 'new']) await bed.publish({ sessionId });
    expect((await take(stream, 3)).sort()).toEqual(['a3', 'new1', 'new2']);
    const over = stream.next();
    await eventually('the wait to begin', () => bed.clock.pending() > 0);
    end.abort();
    expect(await over).toMatchObject({ done: true });
  });

  test('resumes exactly within one session', async () => {
    const stored: (StoredEvent | null)[] = [];
    for (let n = 0; n < 300; n += 1) stored.push(await bed.publish({ sessionId: 'a' }));
    const stream = follow({ sessionId: 'a', lastEventId: stored[9]?.id ?? '' });
    const taken = await take(stream, 290);
    expect(taken[0]).toBe('a11');
    expect(taken.at(-1)).toBe('a300');
    expect(new Set(taken).size).toBe(290);
  });

  test('resumes across sessions without missing any', async () => {
    for (let n = 0; n < 3; n += 1) {
      await bed.publish({ sessionId: 'a' });
      await bed.publish({ sessionId: 'b' });
      bed.advance(10_000);
    }
    const second = await bed.store.events.find('a', 2);
    const stream = follow({ lastEventId: second?.id ?? '' });
    expect((await take(stream, 3)).sort()).toEqual(['a3', 'b2', 'b3']);
  });

  test('resumes after an event that was deleted by age with those that are still there', async () => {
    const at: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      at.push(bed.clock.now());
      await bed.publish({ sessionId: 'a' });
      bed.advance(10_000);
    }
    // Ids tell their time: this one was made with the first event.
    const gone = `evt_${(at[0] ?? 0).toString(16).padStart(12, '0')}7${'0'.repeat(19)}`;
    expect(await take(follow({ lastEventId: gone }), 3)).toEqual(['a1', 'a2', 'a3']);
    const later = `evt_${((at[2] ?? 0) + 2_000).toString(16).padStart(12, '0')}7${'0'.repeat(19)}`;
    expect(await take(follow({ sessionId: 'a', lastEventId: later }), 1)).toEqual(['a3']);
  });

  test('filters by type without getting stuck, and by the caller', async () => {
    const stream = follow({ types: ['message.sent'] }, limitedTo('a'));
    const first = take(stream, 1);
    await eventually('the wait to begin', () => bed.clock.pending() > 0);
    await bed.publish({ sessionId: 'a' });
    await bed.publish({ sessionId: 'b', type: 'message.sent' });
    await bed.publish({ sessionId: 'a', type: 'message.sent' });
    expect(await first).toEqual(['a2']);
    await expect(follow({ sessionId: 'b' }, limitedTo('a')).next()).rejects.toEqual(code('forbidden'));
  });
});
