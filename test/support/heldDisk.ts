/**
 * A disk that takes its time: while it is held, what was committed is on no disk. Given to openTestStore.
 */
import type { OpenOptions } from '../../gateway/src/store/database/index.js';

export interface HeldDisk {
  aroundSync: NonNullable<OpenOptions['aroundSync']>;
  /** From now on every sync waits. */
  hold: () => void;
  /** How many syncs wait. */
  waiting: () => number;
  /** Lets them go, and all that come. */
  release: () => void;
}

export function createHeldDisk(): HeldDisk {
  let held: (() => void)[] | null = null;
  return {
    aroundSync: (sync) => async () => {
      if (held) await new Promise<void>((resolve) => held?.push(resolve));
      await sync();
    },
    hold: () => void (held = []),
    waiting: () => held?.length ?? 0,
    release() {
      const waiting = held ?? [];
      held = null;
      for (const go of waiting) go();
    },
  };
}
