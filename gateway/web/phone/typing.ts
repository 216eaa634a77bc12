/**
 * Shows the other side of a chat that the owner of a phone is typing, and takes it back. Used by composer.ts.
 */
import { showTyping, type Place } from './actions.js';

/** Typing is shown again as long as somebody goes on, and taken back after a pause. */
const TYPING_EVERY_MS = 5000;
const TYPING_PAUSE_MS = 3000;

/** Typing in one chat. */
export function createTyping(place: Place) {
  let shownAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    clearTimeout(timer);
    if (shownAt === 0) return;
    shownAt = 0;
    // Nobody is harmed by a typing sign that stays; it ends by itself.
    showTyping(place, 'paused').catch(() => undefined);
  };
  return {
    stop,
    note() {
      clearTimeout(timer);
      timer = setTimeout(stop, TYPING_PAUSE_MS);
      if (Date.now() - shownAt < TYPING_EVERY_MS) return;
      shownAt = Date.now();
      showTyping(place, 'composing').catch(() => undefined);
    },
  };
}
