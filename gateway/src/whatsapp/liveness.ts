/**
 * Notices a socket that never opens, a link that has gone silent without a word, a server that no longer answers, and
 * incoming messages that are stuck. One per socket, used by `session`, which ends the socket when told.
 */
import type { Clock } from '../lib/clock.js';
import type { Timing } from './timing.js';

export interface LivenessDeps {
  clock: Clock;
  timing: Timing;
  onNeverOpened: () => void;
  onSilent: () => void;
  /** The link stands, and yet nothing is delivered over it. */
  onDeaf: (why: string) => void;
  /** Asks the server something; false when it does not answer in time. */
  probe: () => Promise<boolean>;
  /** Since when the incoming message in hand is being dealt with; null: none is. */
  busySince: () => number | null;
}

export interface Liveness {
  /** Something came in. */
  heard: () => void;
  /** A QR code or the login has come: the socket did open. `loggedIn`: questions are answered from now on. */
  opened: (loggedIn: boolean) => void;
  /** The socket is gone; nothing is reported any more. */
  stop: () => void;
}

const PROBES = 2;

export function watchLiveness(deps: LivenessDeps): Liveness {
  const { clock, timing, onNeverOpened, onSilent, onDeaf, probe, busySince } = deps;
  let lastHeardAt = clock.now();
  let stopped = false;
  const stopConnecting = clock.schedule(onNeverOpened, timing.connectMs);
  const stopWaiting = clock.schedule(onNeverOpened, timing.openMs);
  let stopWatching = clock.schedule(look, timing.watchMs);
  let stopProbing = (): void => undefined;

  function look(): void {
    const now = clock.now();
    const busy = busySince();
    if (now - lastHeardAt >= timing.silenceMs) onSilent();
    else if (busy !== null && now - busy >= timing.stuckMs) onDeaf('incoming messages were stuck');
    else stopWatching = clock.schedule(look, timing.watchMs);
  }

  async function ask(): Promise<void> {
    for (let tries = 0; tries < PROBES; tries += 1) {
      const answered = await probe();
      if (stopped) return;
      if (answered) {
        probeLater();
        return;
      }
    }
    onDeaf('WhatsApp no longer answered');
  }

  function probeLater(): void {
    stopProbing();
    stopProbing = clock.schedule(() => void ask(), timing.probeMs);
  }

  return {
    heard() {
      stopConnecting();
      lastHeardAt = clock.now();
    },
    opened(loggedIn) {
      stopConnecting();
      stopWaiting();
      if (loggedIn && !stopped) probeLater();
    },
    stop() {
      stopped = true;
      stopConnecting();
      stopWaiting();
      stopWatching();
      stopProbing();
    },
  };
}
