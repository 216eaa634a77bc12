/**
 * Values in memory that are newer than the database's, by key. A write that fails is taken back without touching what
 * was set after it. Pure bookkeeping; writeBehind decides when they are written.
 */

interface Write {
  value: string;
  /** What it replaced here; null once that is written, or was nothing. */
  before: Write | null;
  takenBack: boolean;
}

/** The values of one moment, to be written together. */
export type Snapshot = readonly (readonly [key: string, write: Readonly<Write>])[];

export interface Unwritten {
  get: (key: string) => string | undefined;
  /** Sets values; the answer takes them back. */
  set: (entries: readonly { key: string; value: string }[]) => () => void;
  snapshot: () => Snapshot;
  /** The snapshot is written: forgets what has not changed since. */
  forget: (written: Snapshot) => void;
}

export function createUnwritten(): Unwritten {
  const writes = new Map<string, Write>();

  /** The value from before that still counts. */
  function standing(write: Write): Write | null {
    let before = write.before;
    while (before?.takenBack) before = before.before;
    return before;
  }

  function takeBack(key: string, write: Write): void {
    write.takenBack = true;
    if (writes.get(key) !== write) return;
    const before = standing(write);
    if (before) writes.set(key, before);
    else writes.delete(key);
  }

  return {
    get: (key) => writes.get(key)?.value,
    set(entries) {
      const made = entries.map(({ key, value }) => {
        const write = { value, before: writes.get(key) ?? null, takenBack: false };
        writes.set(key, write);
        return [key, write] as const;
      });
      return () => {
        for (const [key, write] of made) takeBack(key, write);
      };
    },
    snapshot: () => [...writes],
    forget(written) {
      for (const [key, write] of written) {
        (write as Write).before = null;
        if (writes.get(key) === write) writes.delete(key);
      }
    },
  };
}
