/**
 * Whether a simulated phone has network. Without it messages wait at the server and nothing is answered.
 */
export interface OnlineSwitch {
  isOnline(): boolean;
  set(online: boolean): void;
  whenOnline(): Promise<void>;
}

/** Online at first. */
export function createOnlineSwitch(): OnlineSwitch {
  let online = true;
  let waiting: (() => void)[] = [];
  return {
    isOnline: () => online,
    set(next) {
      online = next;
      if (!online) return;
      for (const go of waiting) go();
      waiting = [];
    },
    whenOnline: () => (online ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
