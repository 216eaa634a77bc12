/**
 * Deletes by age what is no longer kept: deliveries, events, campaigns, messages, received plaintexts, files, idempotency
 * keys.
 * A sweep runs every hour, in pages with a pause after each, so that it never holds anything up; every process may sweep.
 * Started and stopped by gateway.ts.
 */
import type { Clock } from './lib/clock.js';
import { createLoop } from './lib/loop.js';
import type { Logger } from './lib/logger.js';
import type { Nouns, Store } from './store/index.js';

/** How long things are kept, in days; 0: for ever. */
export interface Keeping {
  keepMediaDays: number;
  keepEventsDays: number;
  keepDeliveriesDays: number;
  keepMessagesDays: number;
}

export interface RetentionDeps {
  store: Store;
  clock: Clock;
  logger: Logger;
  keeping: Keeping;
  /** Removes a file of the media folder. */
  removeFile: (path: string) => Promise<void>;
  onError: (error: unknown) => void;
}

export interface Retention {
  stop: () => Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const HOUR_MS = DAY_MS / 24;
const PAGE = 200;
const PAUSE_MS = 25;
/** A start has other things to do. */
const FIRST_AFTER_MS = 60_000;
/** The contract says seven at least. */
const IDEMPOTENCY_DAYS = 8;
/** Limits per month are counted from the messages. */
const LEAST_MESSAGE_DAYS = 32;

type Simple =
  'deleteIdempotencyKeys' | 'deleteDeliveries' | 'deleteInbox' | 'deleteDownloads' | 'deleteCampaigns';

/** Deletes one page; answers whether there is more. */
type Page = () => Promise<boolean>;

const isFull = (deleted: number): boolean => deleted >= PAGE;

/** The pages of one sweep: one function per kind of thing, each called until it has no more. */
function sweepOf(
  { store, clock, keeping, removeFile }: RetentionDeps,
  count: (what: string, n: number) => void,
): Page[] {
  const before = (days: number): number => clock.now() - days * DAY_MS;
  const soon = async <T>(work: (tx: Nouns) => Promise<T>): Promise<T> =>
    (await store.transactionSoon(work)).value;
  const simple =
    (what: string, days: number, kind: Simple): Page =>
    async () => {
      const deleted = await soon((tx) => tx.retention[kind](before(days), PAGE));
      count(what, deleted);
      return isFull(deleted);
    };
  /** One that goes on from a place, because what it passes over would else be looked at again for each page. */
  const placed = <Place>(
    what: string,
    start: Place,
    remove: (after: Place) => Promise<{ deleted: number; next: Place | null }>,
  ): Page => {
    let place = start;
    return async () => {
      const { deleted, next } = await remove(place);
      count(what, deleted);
      if (next !== null) place = next;
      return next !== null;
    };
  };
  const { keepMediaDays, keepEventsDays, keepDeliveriesDays, keepMessagesDays } = keeping;
  const messageDays = Math.max(keepMessagesDays, LEAST_MESSAGE_DAYS);
  const { retention } = store;
  const pages: Page[] = [simple('idempotencyKeys', IDEMPOTENCY_DAYS, 'deleteIdempotencyKeys')];
  if (keepDeliveriesDays > 0) pages.push(simple('deliveries', keepDeliveriesDays, 'deleteDeliveries'));
  if (keepEventsDays > 0) {
    const remove = (after: { at: number; id: string } | null) =>
      soon((tx) => tx.retention.deleteEvents(before(keepEventsDays), after, PAGE));
    pages.push(placed('events', null, remove));
  }
  if (keepMessagesDays > 0) {
    const remove = (after: number) =>
      soon((tx) => tx.retention.deleteMessages(before(messageDays), after, PAGE));
    const removeRecipients = (after: string) => soon((tx) => tx.retention.deleteRecipients(after, PAGE));
    pages.push(
      simple('campaigns', messageDays, 'deleteCampaigns'),
      placed('campaignRecipients', '', removeRecipients),
      placed('messages', 0, remove),
      simple('inbox', messageDays, 'deleteInbox'),
    );
  }
  if (keepMediaDays > 0) {
    const remove = async (after: { at: number; id: string } | null) => {
      const { files, next } = await retention.oldMedia(before(keepMediaDays), after, PAGE);
      // The file first: a row without a file says that it was deleted, a file without a row would stay for ever.
      for (const { path } of files) await removeFile(path);
      await retention.deleteMedia(files.map(({ id }) => id));
      return { deleted: files.length, next };
    };
    pages.push(placed('media', null, remove), simple('downloads', keepMediaDays, 'deleteDownloads'));
  }
  return pages;
}

export function createRetention(deps: RetentionDeps): Retention {
  const { clock, logger, onError } = deps;
  let counts: Record<string, number> = {};
  let pages: Page[] | null = null;
  let begun = false;

  function end(): number {
    pages = null;
    if (Object.values(counts).some((n) => n > 0)) logger.info({ deleted: counts }, 'deleted by age');
    counts = {};
    return HOUR_MS;
  }

  async function step(): Promise<number> {
    if (!begun) {
      begun = true;
      return FIRST_AFTER_MS;
    }
    pages ??= sweepOf(deps, (what, n) => {
      counts[what] = (counts[what] ?? 0) + n;
    });
    const [page] = pages;
    if (!page) return end();
    try {
      if (!(await page())) pages.shift();
    } catch (error) {
      // One kind that fails must not keep the others from being swept; it has its turn again in an hour.
      pages.shift();
      onError(error);
    }
    return PAUSE_MS;
  }

  return createLoop({ clock, idleMs: HOUR_MS, step, onError });
}
