/**
 * What the server still owes one linked device: stanzas stay here until the device acknowledges them, through any
 * number of disconnects. What was owed at login is sent again with the `offline` attribute, in the old order.
 */
import type { BinaryNode } from '../wire/nodes.js';

export interface QueueOptions {
  /** Sent after the offline part and without its mark: the client starts its first sync only then. */
  afterOffline?: boolean;
  /** Called each time the stanza leaves. */
  onSent?: () => void;
  onAcknowledged?: () => void;
}

interface QueuedStanza extends QueueOptions {
  stanza: BinaryNode;
  sends: number;
}

export interface StanzaQueueDeps {
  /** What was owed in an earlier run. */
  owed?: SavedStanza[];
  /** Whether the device is connected and past its login. */
  isReady(): boolean;
  send(stanza: BinaryNode): void;
}

export interface StanzaQueue {
  push(stanza: BinaryNode, options?: QueueOptions): void;
  /** Forgets a stanza; false when nothing was owed under that class and id. */
  acknowledge(stanzaClass: string, id: string): boolean;
  /** Sends everything owed at the moment of a login and returns how many went out as offline. */
  flush(): number;
  /** Sends what waits for the end of the offline part. */
  flushRest(): void;
  size(): number;
  save(): SavedStanza[];
}

export interface SavedStanza {
  stanza: BinaryNode;
  sends: number;
  afterOffline: boolean;
}

/** An empty queue for one device. */
export function createStanzaQueue(deps: StanzaQueueDeps): StanzaQueue {
  const owed: QueuedStanza[] = [...(deps.owed ?? [])];

  const transmit = (entry: QueuedStanza, offline: boolean): void => {
    entry.sends += 1;
    entry.onSent?.();
    const { stanza } = entry;
    deps.send(offline ? { ...stanza, attrs: { ...stanza.attrs, offline: String(entry.sends) } } : stanza);
  };

  return {
    push(stanza, options = {}) {
      const entry: QueuedStanza = { ...options, stanza, sends: 0 };
      owed.push(entry);
      if (deps.isReady()) transmit(entry, false);
    },
    acknowledge(stanzaClass, id) {
      const index = owed.findIndex(({ stanza }) => stanza.tag === stanzaClass && stanza.attrs.id === id);
      if (index < 0) return false;
      const [entry] = owed.splice(index, 1);
      entry?.onAcknowledged?.();
      return true;
    },
    flush() {
      const offline = owed.filter((entry) => !entry.afterOffline);
      for (const entry of offline) transmit(entry, true);
      return offline.length;
    },
    flushRest() {
      for (const entry of owed.filter((candidate) => candidate.afterOffline)) transmit(entry, false);
    },
    size: () => owed.length,
    save: () => owed.map(({ stanza, sends, afterOffline = false }) => ({ stanza, sends, afterOffline })),
  };
}
