/**
 * The end of a download in the database: the file's row, the download's state and, when the message's event has gone out
 * before, the event that completes it, in one transaction. Used by downloads.
 */
import type { FetchOutcome } from '../domain/incomingMedia.js';
import type { NewEvent } from '../domain/event.js';
import type { Fence } from '../domain/session.js';
import type { Nouns } from '../store/index.js';
import type { MediaDownloadRow } from '../store/mediaDownloads.js';
import { mediaIn, withFile, withProblem } from './mediaEvent.js';
import type { WhatsAppDeps } from './ports.js';

type BooksDeps = Pick<WhatsAppDeps, 'store' | 'clock' | 'bell' | 'publisher' | 'incoming' | 'publicUrl'>;

export interface DownloadEnd {
  outcome: FetchOutcome;
  attempts: number;
}

export function createDownloadBooks(deps: BooksDeps) {
  const { store, clock, bell, publisher, incoming, publicUrl } = deps;

  /** The event that completes the one which went out without its file; null when that is no longer in the log. */
  async function completion(
    tx: Nouns,
    row: MediaDownloadRow,
    outcome: FetchOutcome,
  ): Promise<NewEvent | null> {
    const { id, sessionId, announcedSeq } = row;
    const before = announcedSeq === null ? null : await tx.events.find(sessionId, announcedSeq);
    const media = before && mediaIn(before.data);
    if (!before || !media) return null;
    const address = { id, url: `${await publicUrl()}/v1/media/${id}` };
    const described =
      outcome.kind === 'stored'
        ? withFile(media, address, outcome.file)
        : withProblem(media, outcome.problem);
    const data = { ...before.data, media: described };
    return { type: 'message.media', sessionId, dedupeKey: `media:${id}`, data };
  }

  return {
    /** @throws LeaseLostError */
    async finish(
      download: MediaDownloadRow,
      fence: Fence,
      { outcome, attempts }: DownloadEnd,
    ): Promise<void> {
      const { id, sessionId } = download;
      await publicUrl();
      const isWanted = await store.transaction(async (tx) => {
        await tx.leases.assertOwned(fence);
        const now = clock.now();
        const error = outcome.kind === 'stored' ? null : outcome.problem;
        const row = await tx.mediaDownloads.finish(id, { error, attempts, now });
        if (!row) return false;
        if (outcome.kind === 'stored') {
          await tx.media.insert({ id, keyId: null, sessionId, createdAt: now, ...outcome.file });
        }
        const event = await completion(tx, row, outcome);
        if (event) await publisher.publish(tx, event);
        return true;
      });
      if (!isWanted && outcome.kind === 'stored') await incoming.discard(id);
      publisher.committed();
      bell.ring(`inbox:${sessionId}`);
    },
  };
}
