/**
 * Which messages a simulated device has shown: a phone shows an id once per conversation, whatever comes under it later.
 */
export interface Arrival {
  /** 1 for the first arrival of the id in its conversation. */
  count: number;
  /** Whether this content is another than the one that was shown. */
  isChanged: boolean;
}

export type SavedArrival = [key: string, shown: { count: number; content: string }];

export interface Arrivals {
  note(message: { chat: string; from: string; waId: string; content: string }): Arrival;
  save(): SavedArrival[];
}

/** Phones forget as well; a run of days must not fill the memory. */
const MAX_REMEMBERED = 50_000;

/** Nothing shown yet, or what an earlier run has shown. */
export function createArrivals(saved: SavedArrival[] = []): Arrivals {
  const shown = new Map(saved);
  return {
    note({ chat, from, waId, content }) {
      const key = `${chat} ${from} ${waId}`;
      const before = shown.get(key);
      if (before) {
        before.count += 1;
        return { count: before.count, isChanged: before.content !== content };
      }
      shown.set(key, { count: 1, content });
      const [oldest] = shown.keys();
      if (shown.size > MAX_REMEMBERED && oldest !== undefined) shown.delete(oldest);
      return { count: 1, isChanged: false };
    },
    save: () => [...shown],
  };
}
