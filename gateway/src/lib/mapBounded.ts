/**
 * Maps a list with a bounded number of calls in flight; the answers stand in the order of the list.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  bound: number,
  call: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const left = items.entries();
  const work = async (): Promise<void> => {
    // One iterator for all workers: each takes the next item that nobody has taken.
    for (const [index, item] of left) results[index] = await call(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(bound, items.length) }, work));
  return results;
}
