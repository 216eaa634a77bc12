/**
 * Whether a simulated phone has network. Without it messages wait at the server and nothing is answered.
 */
export interface OnlineSwitch {
  isOnline(): boolean;
  /** With a duration it is the other way round afterwards, unless it is set again before. */
  set(online: boolean, durationMs?: number): void;
  whenOnline(): Promise<void>;
}

/** Online at first. */
export function createOnlineSwitch(): OnlineSwitch {
  let online = true;
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const turn = (next: boolean): void => {
    online = next;
    if (!online) return;
    for (const go of waiting) go();
    waiting = [];
  };
  return {
    isOnline: () => online,
    set(next, durationMs) {
      clearTimeout(timer);
      if (durationMs !== undefined) timer = setTimeout(() => turn(!next), durationMs).unref();
      turn(next);
    },
    whenOnline: () => (online ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
