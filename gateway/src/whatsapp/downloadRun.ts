/**
 * One try of one download: fetched, asked for again if WhatsApp has deleted it, and what comes of it written down.
 * Used by downloads.
 */
import { mediaRetryDelayMs, type FetchOutcome, type MediaSource } from '../domain/incomingMedia.js';
import type { Fence } from '../domain/session.js';
import type { InboxEntry } from '../store/inbox.js';
import type { MediaDownloadRow } from '../store/mediaDownloads.js';
import { createDownloadBooks } from './downloadBooks.js';
import { mediaSourceOf, relocated } from './mediaSource.js';
import type { WhatsAppDeps } from './ports.js';
import { askForReupload, type ReuploadAnswer } from './reupload.js';
import type { WhatsAppSession } from './session.js';

export interface DownloadRunDeps extends Pick<
  WhatsAppDeps,
  'store' | 'clock' | 'bell' | 'publisher' | 'incoming' | 'publicUrl' | 'random' | 'logger'
> {
  live: (sessionId: string) => WhatsAppSession | null;
  onError: (error: unknown) => void;
}

const FORGOTTEN: FetchOutcome = {
  kind: 'refused',
  problem: {
    code: 'media_expired',
    message: 'The message is no longer kept, and with it the key to its file.',
  },
};
const MISSING: FetchOutcome = {
  kind: 'refused',
  problem: {
    code: 'media_expired',
    message: "The file is no longer on WhatsApp's servers, and the sender's phone cannot send it again.",
  },
};

/** A try, and the place where the file was put again because of it. */
interface Tried {
  outcome: FetchOutcome;
  directPath: string | null;
  /** Instead of the schedule: how long until it is tried again. */
  waitMs?: number;
}

/** While the session is not connected, nobody can be asked to upload a file again. */
const DISCONNECTED_WAIT_MS = 60_000;
/** A phone that uploads what is gone at once again would be asked for ever. */
const MOST_REUPLOADS = 3;

/** @returns the function that makes one try; what `signal` cuts off counts as not tried */
export function createDownloadRun(deps: DownloadRunDeps, signal: AbortSignal) {
  const { store, clock, incoming, logger, onError } = deps;
  const books = createDownloadBooks(deps);

  async function reupload(entry: InboxEntry, source: MediaSource): Promise<ReuploadAnswer | 'disconnected'> {
    const session = deps.live(entry.sessionId);
    if (!session?.isOpen()) return 'disconnected';
    const request = { stanza: entry.stanza, mediaKey: source.mediaKey };
    return askForReupload({ client: session.client, clock, signal }, request).catch((error: unknown) => {
      if (!session.isOpen()) return 'disconnected';
      onError(error);
      return null;
    });
  }

  async function tryOnce(download: MediaDownloadRow): Promise<Tried> {
    const { directPath } = download;
    const entry = await store.inbox.find(download.inboxPosition);
    const source = entry && mediaSourceOf(entry.plaintext);
    if (!source) return { outcome: FORGOTTEN, directPath };
    const outcome = await incoming.fetch(download.id, relocated(source, directPath), signal);
    if (outcome.kind !== 'gone' || signal.aborted) return { outcome, directPath };
    const answer = await reupload(entry, source);
    if (answer === 'disconnected') return { outcome, directPath, waitMs: DISCONNECTED_WAIT_MS };
    if (answer === 'missing') return { outcome: MISSING, directPath };
    if (answer === null) return { outcome, directPath };
    const isFirst = download.attempts < MOST_REUPLOADS;
    return { outcome, directPath: answer.directPath, ...(isFirst && { waitMs: 0 }) };
  }

  /** @throws LeaseLostError */
  return async function run(download: MediaDownloadRow, fence: Fence): Promise<void> {
    const { outcome, directPath, waitMs: given } = await tryOnce(download);
    if (signal.aborted && outcome.kind !== 'stored') return;
    const attempts = download.attempts + 1;
    const { id, sessionId } = download;
    const code = 'problem' in outcome ? outcome.problem.code : null;
    logger.debug(
      { mediaId: id, sessionId, attempts, outcome: outcome.kind, code },
      'file of a message tried',
    );
    const waitMs = given ?? mediaRetryDelayMs(outcome.kind, attempts, deps.random());
    if (waitMs === null) {
      await books.finish(download, fence, { outcome, attempts });
      return;
    }
    const counted = given === DISCONNECTED_WAIT_MS ? download.attempts : attempts;
    const nextAttemptAt = clock.now() + waitMs;
    await store.mediaDownloads.retry(id, { attempts: counted, nextAttemptAt, directPath });
  };
}
