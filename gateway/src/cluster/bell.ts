/**
 * Tells loops and waiting requests that something changed, so that they look at once instead of at their next poll.
 * A ring carries no data: whoever hears it reads the rows. Rings of other processes are not heard here; what they
 * change is seen at the next poll.
 */
export type Topic =
  | `session:${string}`
  | `outbox:${string}`
  | `inbox:${string}`
  | `message:${string}`
  | `command:${string}`
  | 'sessions'
  | 'downloads';

export interface Bell {
  ring(topic: Topic): void;
  /** Answers the function that ends the listening. */
  listen(topic: Topic, heard: () => void): () => void;
}

export function createBell(): Bell {
  const listeners = new Map<Topic, Set<() => void>>();
  return {
    ring(topic) {
      for (const heard of [...(listeners.get(topic) ?? [])]) heard();
    },
    listen(topic, heard) {
      const known = listeners.get(topic) ?? new Set();
      listeners.set(topic, known.add(heard));
      return () => {
        known.delete(heard);
        if (known.size === 0 && listeners.get(topic) === known) listeners.delete(topic);
      };
    },
  };
}
