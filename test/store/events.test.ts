/**
 * The event log: numbers without gaps under concurrency and rollbacks, duplicates refused, and reading in order.
 */
import type { NewEvent } from '../../gateway/src/domain/event.js';
import type { Store } from '../../gateway/src/store/index.js';
import { describeOnEachEngine, useEngine } from '../support/databases.js';
import { NOW } from './builders.js';

const eventOf = (more: Partial<NewEvent> = {}): NewEvent => ({
  type: 'message.received',
  sessionId: 's1',
  data: { text: 'Hi' },
  ...more,
});

const append = (store: Store, event: NewEvent = eventOf(), now = NOW) =>
  store.transaction((tx) => tx.events.append(event, now));

const seqs = async (store: Store, sessionId = 's1'): Promise<number[]> => {
  const events = await store.events.listSession({ sessionId, types: [], afterSeq: 0, limit: 1_000 });
  return events.map(({ seq }) => seq);
};

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Appends in parallel; every third transaction fails after its append, every fifth event is a duplicate. */
async function appendMany(stores: [Store, ...Store[]], count: number): Promise<void> {
  const appendOne = async (index: number): Promise<void> => {
    const store = stores[index % stores.length] ?? stores[0];
    const event = eventOf(index % 5 === 0 ? { dedupeKey: 'the same' } : {});
    const work = store.transaction(async (tx) => {
      await tx.events.append(event, NOW + index);
      if (index % 3 === 0) throw new Error('rolled back');
    });
    if (index % 3 === 0) await expect(work).rejects.toThrow('rolled back');
    else await work;
  };
  await Promise.all(upTo(count).map(appendOne));
}

describeOnEachEngine('events', ({ open }) => {
  it('numbers the events of each session from 1', async () => {
    const { store } = await open();
    const first = await append(store);
    const second = await append(store, eventOf({ data: { emoji: '🌊', list: [1, null] } }), NOW + 1);
    const other = await append(store, eventOf({ sessionId: 's2' }));
    expect([first?.seq, second?.seq, other?.seq]).toEqual([1, 2, 1]);
    expect(await store.events.find('s1', 2)).toEqual(second);
    expect(await store.events.findById(other?.id ?? '')).toEqual(other);
    expect(await store.events.find('s1', 3)).toBeNull();
  });

  it('leaves no gap where transactions fail and events are duplicates, in parallel', async () => {
    const { store } = await open();
    await appendMany([store], 60);
    const numbers = await seqs(store);
    expect(numbers).toEqual(upTo(numbers.length));
    // Of 60, 40 commit; 8 of those carry the same key, of which one counts.
    expect(numbers).toHaveLength(33);
    expect((await append(store))?.seq).toBe(34);
  });

  it('stores an event with a key once per session and gives the number back', async () => {
    const { store } = await open();
    expect((await append(store, eventOf({ dedupeKey: 'k' })))?.seq).toBe(1);
    expect(await append(store, eventOf({ dedupeKey: 'k' }))).toBeNull();
    expect((await append(store, eventOf({ dedupeKey: 'k', sessionId: 's2' })))?.seq).toBe(1);
    expect((await append(store))?.seq).toBe(2);
    expect(await store.events.lastSeqs([])).toEqual(
      new Map([
        ['s1', 2],
        ['s2', 1],
      ]),
    );
  });

  it('goes on in one transaction after a duplicate', async () => {
    const { store } = await open();
    const numbers = await store.transaction(async (tx) => {
      const all = [];
      for (const dedupeKey of ['a', 'a', 'b', 'a', 'c']) {
        all.push((await tx.events.append(eventOf({ dedupeKey }), NOW))?.seq ?? null);
      }
      return all;
    });
    expect(numbers).toEqual([1, null, 2, null, 3]);
  });

  it('reads a session after a number, by type and up to a limit', async () => {
    const { store } = await open();
    for (const type of ['message.sent', 'message.read', 'message.sent', 'message.sent'] as const) {
      await append(store, eventOf({ type }));
    }
    const query = { sessionId: 's1', types: ['message.sent'], afterSeq: 1, limit: 1 };
    expect((await store.events.listSession(query)).map(({ seq }) => seq)).toEqual([3]);
    expect((await store.events.listSession({ ...query, limit: 9 })).map(({ seq }) => seq)).toEqual([3, 4]);
  });

  it('reads across sessions by time, each event once', async () => {
    const { store } = await open();
    for (const [index, sessionId] of ['s1', 's2', 's1', 's3', 's2'].entries()) {
      await append(store, eventOf({ sessionId }), NOW + Math.floor(index / 2));
    }
    const read = async (sessionIds: string[]): Promise<string[]> => {
      const seen: string[] = [];
      let after: { at: number; id: string } | null = null;
      for (;;) {
        const page = await store.events.list({ sessionIds, types: [], after, limit: 2 });
        seen.push(...page.map((event) => `${event.sessionId}:${String(event.seq)}`));
        const last = page.at(-1);
        if (!last) return seen;
        after = { at: last.at, id: last.id };
      }
    };
    expect(await read([])).toEqual(['s1:1', 's2:1', 's1:2', 's3:1', 's2:2']);
    expect(await read(['s2', 's3'])).toEqual(['s2:1', 's3:1', 's2:2']);
  });

  it('knows the last number before a time', async () => {
    const { store } = await open();
    for (const index of upTo(3)) await append(store, eventOf(), NOW + index);
    expect(await store.events.lastSeqBefore('s1', NOW)).toBe(0);
    expect(await store.events.lastSeqBefore('s1', NOW + 3)).toBe(2);
    expect(await store.events.lastSeqs(['s1', 's9'])).toEqual(new Map([['s1', 3]]));
  });
});

describe('events of two processes on one Postgres', () => {
  const { open } = useEngine('postgres');

  it('are numbered without a gap', async () => {
    const one = await open();
    const two = await one.openAgain();
    await appendMany([one.store, two.store], 90);
    const numbers = await seqs(one.store);
    expect(numbers).toEqual(upTo(numbers.length));
    expect(numbers).toHaveLength(49);
  });
});
