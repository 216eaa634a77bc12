/**
 * Waiting for a row to change: for requests such as `?wait=sent` and `?waitFor=connected`.
 * Looks when the bell rings, and now and then for what other processes change.
 */
import type { Clock } from '../lib/clock.js';
import type { Bell, Topic } from './bell.js';

/** Between two looks without a ring, in milliseconds, unless the caller names another time. */
const POLL_MS = 500;

export interface UntilDeps {
  bell: Bell;
  clock: Clock;
}

export interface Until<T> {
  topic: Topic;
  read: () => Promise<T>;
  done: (value: T) => boolean;
  timeoutMs: number;
  pollMs?: number;
}

/** Reads until `done` says so or the time is over, and answers what was read last. */
export async function readUntil<T>({ bell, clock }: UntilDeps, wait: Until<T>): Promise<T> {
  const deadline = clock.now() + wait.timeoutMs;
  let look = (): void => undefined;
  let rung = false;
  const stopListening = bell.listen(wait.topic, () => {
    rung = true;
    look();
  });
  try {
    for (;;) {
      rung = false;
      const value = await wait.read();
      const left = deadline - clock.now();
      if (wait.done(value) || left <= 0) return value;
      await new Promise<void>((resolve) => {
        const cancel = clock.schedule(resolve, Math.min(left, wait.pollMs ?? POLL_MS));
        look = () => {
          cancel();
          resolve();
        };
        // A ring between the read and here was not lost: look again at once.
        if (rung) look();
      });
    }
  } finally {
    stopListening();
  }
}
