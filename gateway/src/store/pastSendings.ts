/**
 * Counts afterwards what was sent while nothing was counted, from the messages themselves: called in the transaction that
 * gives a session a policy with limits, so that these begin with the true history. Where the messages do not tell (whether
 * an answer was one, whether a try without an answer arrived), what counts for more is taken.
 */
import { sql } from 'kysely';
import { DAY_MS, type Track } from '../domain/caps.js';
import type { MessageContent } from '../domain/message.js';
import { REPLY_WINDOW_MS } from '../domain/pacing.js';
import { textHashOf } from '../lib/textHash.js';
import type { Executor } from './database/index.js';
import type { StoreContext } from './index.js';
import type { Lane } from './messageLine.js';
import { toFlag } from './messageRows.js';
import { createSendingsStore, type PacingCounters } from './sendings.js';
import { fromJson } from './values.js';

/** No cap looks further back. */
const LOOKED_AT_MS = 31 * DAY_MS;
/** Texts that are looked at, the newest first: a limit of equal texts is about fewer. */
const TEXTS = 20_000;
const ROWS_AT_ONCE = 200;

interface Uncounted {
  lane: Lane;
  counters: PacingCounters;
  now: number;
}

/** Nothing from before is to be added. */
const addedAfter = ({ counters, now }: Uncounted): number =>
  Math.max(counters.lastSentAt ?? 0, now - LOOKED_AT_MS);

/** What was sent after the last that was counted, and what is on its way now without being counted. */
function uncounted(given: Uncounted) {
  const { lane, counters, now } = given;
  return sql`(
    select m.position, m.chat_jid, coalesce(m.sent_at, ${now}) as at, contacts.first_sent_at,
      contacts.last_received_at,
      row_number() over (partition by m.chat_jid order by coalesce(m.sent_at, ${now}), m.position) as nth
    from messages as m
    left join contacts on contacts.session_id = m.session_id and contacts.test = m.test
      and contacts.chat_jid = m.chat_jid
    where m.session_id = ${lane.sessionId} and m.test = ${toFlag(lane.test)}
      and (m.sent_at > ${addedAfter(given)} or (m.status = 'sending' and m.id <> ${counters.open?.messageId ?? ''}))
  ) as sent`;
}

const OF_TRACK = {
  all: () => sql`1 = 1`,
  // When somebody wrote last is known, not when before.
  unprompted: () => sql`(last_received_at is null or last_received_at >= at
    or at - last_received_at >= ${REPLY_WINDOW_MS})`,
  new: (after: number) => sql`(nth = 1 and chat_jid not like '%@g.us'
    and (first_sent_at is null or first_sent_at > ${after})
    and (last_received_at is null or last_received_at >= at))`,
} satisfies Record<Track, (after: number) => unknown>;

/** Adds them to one track, numbered on; answers how many they are, and when the first and the last went. */
async function addTrack(q: Executor, given: Uncounted, track: Track) {
  const { lane, counters } = given;
  const [sessionId, test, known] = [lane.sessionId, toFlag(lane.test), counters.sent[track]];
  const wanted = OF_TRACK[track](addedAfter(given));
  await sql`insert into sendings (session_id, test, track, n, at)
    select ${sessionId}, ${sql.lit(test)}, ${track}, ${sql.lit(known)} + row_number() over (order by at, position), at
    from ${uncounted(given)} where ${wanted}`.execute(q);
  return q
    .selectFrom('sendings')
    .select((select) => [
      select.fn.countAll<number>().as('count'),
      select.fn.min<number | null>('at').as('first'),
      select.fn.max<number | null>('at').as('last'),
    ])
    .where('session_id', '=', sessionId)
    .where('test', '=', test)
    .where('track', '=', track)
    .where('n', '>', known)
    .executeTakeFirstOrThrow();
}

/** A recipient's cooldown begins with the last message there. */
async function bringContacts(q: Executor, given: Uncounted): Promise<void> {
  const { lane } = given;
  const [sessionId, test] = [lane.sessionId, toFlag(lane.test)];
  await sql`update contacts set last_sent_at = recent.at
    from (select chat_jid, max(sent_at) as at from messages
      where session_id = ${sessionId} and test = ${test} and sent_at > ${addedAfter(given)} group by chat_jid) as recent
    where contacts.session_id = ${sessionId} and contacts.test = ${test}
      and contacts.chat_jid = recent.chat_jid
      and (contacts.last_sent_at is null or contacts.last_sent_at < recent.at)`.execute(q);
}

async function firstSentAt(q: Executor, { sessionId, test }: Lane): Promise<number> {
  const row = await q
    .selectFrom('contacts')
    .select((select) => select.fn.min<number | null>('first_sent_at').as('at'))
    .where('session_id', '=', sessionId)
    .where('test', '=', toFlag(test))
    .executeTakeFirst();
  return row?.at ?? Infinity;
}

/** The texts sent since, the newest first. */
async function textsSince(
  q: Executor,
  { sessionId, test }: Lane,
  { since, now }: { since: number; now: number },
) {
  const rows = await q
    .selectFrom('messages')
    .select(['content', 'sent_at'])
    .where('session_id', '=', sessionId)
    .where('test', '=', toFlag(test))
    .where('type', '=', 'text')
    .where((where) => where.or([where('sent_at', '>', since), where('status', '=', 'sending')]))
    .orderBy('position', 'desc')
    .limit(TEXTS)
    .execute();
  return rows.flatMap(({ content, sent_at: at }) => {
    const hash = textHashOf({ content: fromJson(content) as MessageContent });
    return hash === null
      ? []
      : [{ session_id: sessionId, test: toFlag(test), text_hash: hash, at: at ?? now }];
  });
}

export function createPastSendings(context: StoreContext) {
  const { q } = context;
  const sendings = createSendingsStore(context);

  return {
    /** @param phone the number that the session has now */
    async catchUp(lane: Lane, { phone, now }: { phone: string | null; now: number }): Promise<void> {
      const counters = await sendings.counters(lane);
      const isOther = counters.phone !== null && phone !== null && counters.phone !== phone;
      // Another number begins anew, with what may have been its own.
      if (isOther) await sendings.forgetBefore(lane, Number.MAX_SAFE_INTEGER);
      const given = { lane, counters, now };
      const all = await addTrack(q, given, 'all');
      if (all.first === null || all.last === null) return;
      const unprompted = await addTrack(q, given, 'unprompted');
      const fresh = await addTrack(q, given, 'new');
      await bringContacts(q, given);
      const begun = isOther ? all.first : (counters.warmUpSince ?? (await firstSentAt(q, lane)));
      await sendings.setCounters(lane, {
        phone: phone ?? counters.phone,
        lastSentAt: Math.max(counters.lastSentAt ?? 0, all.last),
        sinceCooldown: (isOther ? 0 : counters.sinceCooldown) + all.count,
        warmUpSince: Math.min(begun, all.first),
        sent: {
          all: counters.sent.all + all.count,
          unprompted: counters.sent.unprompted + unprompted.count,
          new: counters.sent.new + fresh.count,
        },
        open: counters.open,
      });
    },

    /** Counts the texts sent since, for a limit of equal ones that was not there before. */
    async catchUpTexts(lane: Lane, period: { since: number; now: number }): Promise<void> {
      await q
        .deleteFrom('text_sendings')
        .where('session_id', '=', lane.sessionId)
        .where('test', '=', toFlag(lane.test))
        .execute();
      const texts = await textsSince(q, lane, period);
      for (let start = 0; start < texts.length; start += ROWS_AT_ONCE) {
        await q
          .insertInto('text_sendings')
          .values(texts.slice(start, start + ROWS_AT_ONCE))
          .execute();
      }
    },
  };
}
