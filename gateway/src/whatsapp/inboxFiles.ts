/**
 * Files on the way from the inbox to the event log: sees to it that each is fetched before its event is published, holds
 * the session's line for that a moment, and publishes with what is known then. Used by the inbox loop.
 */
import type { NewEvent, StoredEvent } from '../domain/event.js';
import type { Fence } from '../domain/session.js';
import { newId } from '../lib/ids.js';
import type { InboxEntry } from '../store/inbox.js';
import type { MediaDownloadRow } from '../store/mediaDownloads.js';
import type { Nouns } from '../store/index.js';
import { mediaIn, NOT_DOWNLOADED, withFile, withPending, withProblem } from './mediaEvent.js';
import type { MediaDescription } from './incoming/types.js';
import type { WhatsAppDeps } from './ports.js';

/** An inbox entry that becomes an event. */
export interface Arrival {
  entry: InboxEntry;
  event: NewEvent;
}

export interface InboxFiles {
  /** Begins to fetch what the arrivals bring; answers from which position on the line waits, and how long. */
  hold: (arrivals: Arrival[]) => Promise<{ fromPosition: number; waitMs: number } | null>;
  /** Publishes inside the transaction; null when the message has been published before. */
  publish: (tx: Nouns, arrival: Arrival) => Promise<StoredEvent | null>;
}

export type InboxFilesDeps = Pick<
  WhatsAppDeps,
  'store' | 'clock' | 'bell' | 'publisher' | 'publicUrl' | 'mediaWaitMs' | 'onIncoming'
>;

export function createInboxFiles(deps: InboxFilesDeps, { sessionId }: Fence): InboxFiles {
  const { store, clock, bell, publisher, publicUrl, mediaWaitMs } = deps;

  async function begin(arrivals: Arrival[]): Promise<Map<number, MediaDownloadRow>> {
    const positions = arrivals.map(({ entry }) => entry.position);
    const known = await store.mediaDownloads.ofEntries(positions);
    const missing = positions.filter((position) => !known.has(position));
    if (missing.length === 0) return known;
    const now = clock.now();
    const added = missing.map((inboxPosition) => ({ id: newId('med'), sessionId, inboxPosition, now }));
    await store.transaction((tx) => tx.mediaDownloads.add(added));
    bell.ring('downloads');
    return store.mediaDownloads.ofEntries(positions);
  }

  async function describe(
    tx: Nouns,
    media: MediaDescription,
    download: MediaDownloadRow,
  ): Promise<MediaDescription> {
    if (download.error) return withProblem(media, download.error);
    const address = { id: download.id, url: `${await publicUrl()}/v1/media/${download.id}` };
    const file = download.state === 'stored' ? await tx.media.find(download.id) : null;
    return file ? withFile(media, address, file) : withPending(media, address);
  }

  return {
    async hold(arrivals) {
      const withFiles = arrivals.filter(({ event }) => mediaIn(event.data) !== null);
      if (withFiles.length === 0) return null;
      const session = await store.sessions.find(sessionId);
      if (session?.downloadMedia !== true) return null;
      // Known before a transaction needs it.
      await publicUrl();
      const downloads = await begin(withFiles);
      const now = clock.now();
      for (const { entry } of withFiles) {
        const waitMs = entry.receivedAt + mediaWaitMs - now;
        const isPending = downloads.get(entry.position)?.state === 'pending';
        if (isPending && waitMs > 0) return { fromPosition: entry.position, waitMs };
      }
      return null;
    },

    async publish(tx, { entry, event }) {
      const media = mediaIn(event.data);
      if (media === null) return publisher.publish(tx, event);
      const download = (await tx.mediaDownloads.ofEntries([entry.position])).get(entry.position);
      const described = download ? await describe(tx, media, download) : withProblem(media, NOT_DOWNLOADED);
      const stored = await publisher.publish(tx, { ...event, data: { ...event.data, media: described } });
      if (download && stored && described.pending) await tx.mediaDownloads.announce(download.id, stored.seq);
      return stored;
    },
  };
}
