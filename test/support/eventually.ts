/**
 * Waits by condition: asks again after each turn of the event loop until the answer is truthy.
 */

const LIMIT_MS = 30_000;

/** @throws Error with `what` after thirty seconds of real time */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
): Promise<Exclude<NonNullable<T>, false>> {
  const until = Date.now() + LIMIT_MS;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as Exclude<NonNullable<T>, false>;
    if (Date.now() > until) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
