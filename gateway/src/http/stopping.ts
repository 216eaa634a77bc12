/**
 * Long waits that end when the gateway stops. Used by the routes that wait.
 */

/** What `waiting` brings, or null as soon as the gateway begins to stop. */
export async function untilStopping<T>(stopping: AbortSignal, waiting: Promise<T>): Promise<T | null> {
  let stop: (() => void) | undefined;
  const stopped = new Promise<null>((resolve) => {
    stop = () => {
      resolve(null);
    };
    stopping.addEventListener('abort', stop);
    if (stopping.aborted) stop();
  });
  try {
    return await Promise.race([waiting, stopped]);
  } finally {
    if (stop) stopping.removeEventListener('abort', stop);
  }
}
