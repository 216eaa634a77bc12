/**
 * What a session has sent, as far as caps need to know: one numbered row per message and track, so that both "how many
 * since" and "when was the n-th last" are single look-ups in an index, however long the history. One row of counters per
 * lane holds the numbers. Written under the session's fence by outbox/ledger.
 */
import type { Selectable } from 'kysely';
import { TRACKS, type Track } from '../domain/caps.js';
import type { PacingCountersTable } from './database/pacingTables.js';
import { statement } from './database/statement.js';
import type { StoreContext } from './index.js';
import type { Lane } from './messageLine.js';
import { toFlag } from './messageRows.js';
import { affected } from './values.js';

export interface PacingCounters {
  /** The number that the counts are of; null: not known when it was written. */
  phone: string | null;
  lastSentAt: number | null;
  sinceCooldown: number;
  warmUpSince: number | null;
  sent: Record<Track, number>;
  /** The message counted last, while its outcome is not written, and the tracks that it counts for. */
  open: { messageId: string; tracks: Track[] } | null;
}

export const NO_COUNTERS: PacingCounters = {
  phone: null,
  lastSentAt: null,
  sinceCooldown: 0,
  warmUpSince: null,
  sent: { all: 0, unprompted: 0, new: 0 },
  open: null,
};

const toCounters = (row: Selectable<PacingCountersTable>): PacingCounters => ({
  phone: row.phone,
  lastSentAt: row.last_sent_at,
  sinceCooldown: row.since_cooldown,
  warmUpSince: row.warm_up_since,
  sent: { all: row.sent_all, unprompted: row.sent_unprompted, new: row.sent_new },
  open:
    row.open_message_id === null
      ? null
      : {
          messageId: row.open_message_id,
          tracks: TRACKS.filter((track) => row.open_tracks?.split(',').includes(track)),
        },
});

const toRow = (counters: PacingCounters) => ({
  phone: counters.phone,
  last_sent_at: counters.lastSentAt,
  since_cooldown: counters.sinceCooldown,
  warm_up_since: counters.warmUpSince,
  sent_all: counters.sent.all,
  sent_unprompted: counters.sent.unprompted,
  sent_new: counters.sent.new,
  open_message_id: counters.open?.messageId ?? null,
  open_tracks: counters.open?.tracks.join(',') ?? null,
});

export interface Counted {
  track: Track;
  n: number;
}

const findCounters = statement((q, { sessionId, test }: { sessionId: string; test: 0 | 1 }) =>
  q.selectFrom('pacing_counters').selectAll().where('session_id', '=', sessionId).where('test', '=', test),
);

function createCounters(context: StoreContext) {
  const { q } = context;
  return {
    async counters({ sessionId, test }: Lane): Promise<PacingCounters> {
      const row = (await findCounters(context, { sessionId, test: toFlag(test) })).rows[0];
      return row ? toCounters(row) : NO_COUNTERS;
    },

    async setCounters({ sessionId, test }: Lane, counters: PacingCounters): Promise<void> {
      const columns = toRow(counters);
      await q
        .insertInto('pacing_counters')
        .values({ session_id: sessionId, test: toFlag(test), ...columns })
        .onConflict((conflict) => conflict.columns(['session_id', 'test']).doUpdateSet(columns))
        .execute();
    },
  };
}

function createTextSendings({ q }: Pick<StoreContext, 'q'>) {
  return {
    async addText({ sessionId, test }: Lane, textHash: string, at: number): Promise<void> {
      const row = { session_id: sessionId, test: toFlag(test), text_hash: textHash, at };
      await q.insertInto('text_sendings').values(row).execute();
    },

    /** When the text was sent for the `max`-th last time; null: less often. */
    async textSentAt({ sessionId, test }: Lane, textHash: string, max: number): Promise<number | null> {
      const row = await q
        .selectFrom('text_sendings')
        .select('at')
        .where('session_id', '=', sessionId)
        .where('test', '=', toFlag(test))
        .where('text_hash', '=', textHash)
        .orderBy('at', 'desc')
        .offset(max - 1)
        .limit(1)
        .executeTakeFirst();
      return row?.at ?? null;
    },
  };
}

function createNumbered({ q }: Pick<StoreContext, 'q'>) {
  const ofTrack = ({ sessionId, test }: Lane, track: Track) =>
    q
      .selectFrom('sendings')
      .where('session_id', '=', sessionId)
      .where('test', '=', toFlag(test))
      .where('track', '=', track);

  return {
    async add({ sessionId, test }: Lane, counted: Counted[], at: number): Promise<void> {
      const rows = counted.map(({ track, n }) => ({
        session_id: sessionId,
        test: toFlag(test),
        track,
        n,
        at,
      }));
      await q.insertInto('sendings').values(rows).execute();
    },

    /** Corrects when these were sent. */
    async setTime({ sessionId, test }: Lane, counted: Counted[], at: number): Promise<void> {
      for (const { track, n } of counted) {
        await q
          .updateTable('sendings')
          .set({ at })
          .where('session_id', '=', sessionId)
          .where('test', '=', toFlag(test))
          .where('track', '=', track)
          .where('n', '=', n)
          .execute();
      }
    },

    /** Takes back what was counted last. */
    async takeBack({ sessionId, test }: Lane, counted: Counted[]): Promise<void> {
      for (const { track, n } of counted) {
        await q
          .deleteFrom('sendings')
          .where('session_id', '=', sessionId)
          .where('test', '=', toFlag(test))
          .where('track', '=', track)
          .where('n', '>=', n)
          .execute();
      }
    },

    /** When the n-th was sent; null: it is not known any more. */
    async sentAt(lane: Lane, track: Track, n: number): Promise<number | null> {
      const row = await ofTrack(lane, track).select('at').where('n', '=', n).executeTakeFirst();
      return row?.at ?? null;
    },

    /** The number of the first that was sent after the time; null: none was. */
    async firstAfter(lane: Lane, track: Track, after: number): Promise<number | null> {
      const row = await ofTrack(lane, track)
        .select('n')
        .where('at', '>', after)
        .orderBy('at')
        .orderBy('n')
        .limit(1)
        .executeTakeFirst();
      return row?.n ?? null;
    },
  };
}

function createForgetting({ q }: Pick<StoreContext, 'q'>) {
  return {
    /** Forgets what no cap looks at any more. */
    async forgetBefore({ sessionId, test }: Lane, time: number): Promise<number> {
      let forgotten = 0;
      for (const table of ['sendings', 'text_sendings'] as const) {
        const old = q
          .deleteFrom(table)
          .where('session_id', '=', sessionId)
          .where('test', '=', toFlag(test))
          .where('at', '<', time);
        forgotten += affected(await old.execute());
      }
      return forgotten;
    },

    /** Forgets everything of a session that goes. */
    async removeSession(sessionId: string): Promise<void> {
      for (const table of [
        'pacing_counters',
        'sendings',
        'text_sendings',
        'contacts',
        'restrictions',
      ] as const) {
        await q.deleteFrom(table).where('session_id', '=', sessionId).execute();
      }
    },
  };
}

export const createSendingsStore = (context: StoreContext) => ({
  ...createCounters(context),
  ...createTextSendings(context),
  ...createNumbered(context),
  ...createForgetting(context),
});
