/**
 * Notices a socket that never opens, and a link that has gone silent without a word. One per socket, used by `session`,
 * which ends the socket when told.
 */
import type { Clock } from '../lib/clock.js';

/** Longest time from the start of a socket to its first QR code or its login, in milliseconds. */
const OPEN_TIMEOUT_MS = 45_000;
/** With a ping every 12 s, a link that is silent for this long is dead; a disconnect is known within 30 s. */
const SILENCE_MS = 25_000;
const WATCH_MS = 4_000;

export interface LivenessDeps {
  clock: Clock;
  onNeverOpened: () => void;
  onSilent: () => void;
}

export interface Liveness {
  /** Something came in. */
  heard: () => void;
  /** A QR code or the login has come: the socket did open. */
  opened: () => void;
  /** The socket is gone; nothing is reported any more. */
  stop: () => void;
}

export function watchLiveness({ clock, onNeverOpened, onSilent }: LivenessDeps): Liveness {
  let lastHeardAt = clock.now();
  const stopWaiting = clock.schedule(onNeverOpened, OPEN_TIMEOUT_MS);
  let stopWatching = clock.schedule(look, WATCH_MS);

  function look(): void {
    if (clock.now() - lastHeardAt >= SILENCE_MS) onSilent();
    else stopWatching = clock.schedule(look, WATCH_MS);
  }

  return {
    heard() {
      lastHeardAt = clock.now();
    },
    opened: stopWaiting,
    stop() {
      stopWaiting();
      stopWatching();
    },
  };
}
