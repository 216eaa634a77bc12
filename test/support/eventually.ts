/**
 * Waits by condition: asks again until the answer is truthy, first after each turn of the event loop, then a little less
 * eagerly, so that asking a gateway does not run into its limit of requests.
 */

const LIMIT_MS = 30_000;
const EAGER_TURNS = 100;
const LATER_MS = 5;

const nextTurn = (turn: number): Promise<void> =>
  new Promise((resolve) => {
    if (turn < EAGER_TURNS) setImmediate(resolve);
    else setTimeout(resolve, LATER_MS);
  });

/** @throws Error with `what` after thirty seconds of real time */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
): Promise<Exclude<NonNullable<T>, false>> {
  const until = Date.now() + LIMIT_MS;
  for (let turn = 0; ; turn += 1) {
    const answer = await ask();
    if (answer) return answer as Exclude<NonNullable<T>, false>;
    if (Date.now() > until) throw new Error(`Waited in vain: ${what}`);
    await nextTurn(turn);
  }
}
