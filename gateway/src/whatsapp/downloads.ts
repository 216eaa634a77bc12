/**
 * Fetches the files of incoming messages in the background, for all sessions that this process owns: some at once, each
 * tried again until it is there or given up. A file whose event has gone out before becomes a `message.media` event.
 * Everything it knows is in the database, so a crash costs one try.
 */
import type { Clock } from '../lib/clock.js';
import { createLoop } from '../lib/loop.js';
import { LeaseLostError } from '../store/index.js';
import type { MediaDownloadRow } from '../store/mediaDownloads.js';
import { createDownloadRun, type DownloadRunDeps } from './downloadRun.js';
import type { WhatsAppDeps } from './ports.js';

export interface Downloads {
  /** Cuts off what is in hand, which is taken up again at the next start. */
  stop: () => Promise<void>;
}

export type DownloadsDeps = DownloadRunDeps & Pick<WhatsAppDeps, 'owner' | 'fenceOf'>;

const MOST_AT_ONCE = 8;
const MOST_PER_SESSION = 4;
const IDLE_MS = 30_000;
/** After a failure of the database, which says nothing about the file. */
const ERROR_PAUSE_MS = 5_000;

function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(resolve, ERROR_PAUSE_MS);
    signal.addEventListener('abort', () => {
      cancel();
      resolve();
    });
  });
}

export function createDownloads(deps: DownloadsDeps): Downloads {
  const { store, clock, bell, fenceOf, onError } = deps;
  const abort = new AbortController();
  const run = createDownloadRun(deps, abort.signal);
  const running = new Map<string, { sessionId: string; done: Promise<void> }>();

  const countOf = (sessionId: string): number =>
    [...running.values()].filter((one) => one.sessionId === sessionId).length;

  /** False when the session is not ours, or not any more. */
  function begin(download: MediaDownloadRow): boolean {
    const { id, sessionId } = download;
    const fence = fenceOf(sessionId);
    if (fence === null || countOf(sessionId) >= MOST_PER_SESSION) return false;
    const done = run(download, fence)
      .catch((error: unknown) => {
        if (!(error instanceof LeaseLostError)) onError(error);
        return pause(clock, abort.signal);
      })
      .finally(() => {
        running.delete(id);
        loop.wake();
      });
    running.set(id, { sessionId, done });
    return true;
  }

  async function step(signal: AbortSignal): Promise<number> {
    // The time of the last look: what has fallen due since is not to be taken for what waits for a slot.
    let now = clock.now();
    while (running.size < MOST_AT_ONCE && !signal.aborted) {
      now = clock.now();
      const full = new Set([...running.values()].map(({ sessionId }) => sessionId));
      const due = await store.mediaDownloads.due({
        owner: deps.owner,
        now,
        limit: MOST_AT_ONCE - running.size,
        exceptIds: [...running.keys()],
        exceptSessionIds: [...full].filter((sessionId) => countOf(sessionId) >= MOST_PER_SESSION),
      });
      if (due.filter(begin).length === 0) break;
    }
    const nextDueAt = await store.mediaDownloads.nextDueAt(now);
    return nextDueAt === null ? IDLE_MS : Math.max(1, nextDueAt - clock.now());
  }

  const loop = createLoop({ clock, idleMs: IDLE_MS, step, onError });
  const stopListening = bell.listen('downloads', () => loop.wake());

  return {
    async stop() {
      stopListening();
      abort.abort();
      await loop.stop();
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
