/**
 * Runs asynchronous tasks one after another; a failing one does not stop those behind it.
 */
export interface Serial {
  run<T>(task: () => Promise<T>): Promise<T>;
}

/** An idle line. */
export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const result = last.then(task);
      last = result.catch(() => undefined);
      return result;
    },
  };
}
