/**
 * Counting afterwards what was sent while nothing was counted.
 */
import { textHashOf } from '../../gateway/src/lib/textHash.js';
import type { Store } from '../../gateway/src/store/index.js';
import { NO_COUNTERS } from '../../gateway/src/store/sendings.js';
import { describeOnEachEngine, type TestDatabase } from '../support/databases.js';
import { addSessions, messageOf, NOW } from './builders.js';

const LANE = { sessionId: 's1', test: false };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ANN = '491@s.whatsapp.net';
const BOB = '492@s.whatsapp.net';
const GROUP = '123456789012@g.us';
const NUMBER = { phone: '4915112345678', now: NOW };

/** Sent so long ago, as the drain loop writes it while nothing is counted. */
async function sent(store: Store, chatJid: string, ago: number, body = 'Hello'): Promise<void> {
  const at = NOW - ago;
  const content = { type: 'text' as const, text: { body } };
  const { id } = await store.messages.insert(messageOf({ chatJid, content, queuedAt: at }));
  await store.messages.update(id, ['queued'], { status: 'sent', sentAt: at });
  const known = await store.contacts.find(LANE, chatJid);
  if (known?.firstSentAt == null) await store.contacts.sent(LANE, chatJid, at);
}

async function agesOf({ database }: TestDatabase, track: string): Promise<number[]> {
  const rows = await database.db
    .selectFrom('sendings')
    .select(['n', 'at'])
    .where('session_id', '=', 's1')
    .where('track', '=', track)
    .orderBy('n')
    .execute();
  expect(rows.map(({ n }) => n)).toEqual(rows.map((_row, index) => index + 1));
  return rows.map(({ at }) => (NOW - at) / HOUR);
}

describeOnEachEngine('what was sent before it was counted', ({ open }) => {
  let opened: TestDatabase;
  let store: Store;
  beforeEach(async () => {
    opened = await open();
    ({ store } = opened);
    await addSessions(store, 's1', 's2');
  });

  it('is counted by its time, to whom it went and who wrote first', async () => {
    await store.contacts.received(LANE, BOB, NOW - 30 * HOUR);
    await sent(store, ANN, 40 * DAY);
    await sent(store, BOB, 29 * HOUR);
    await sent(store, GROUP, 5 * HOUR);
    await sent(store, '493@s.whatsapp.net', 4 * HOUR);
    await sent(store, ANN, 3 * HOUR);
    await sent(store, '493@s.whatsapp.net', 2 * HOUR);
    await store.messages.insert(messageOf({ sessionId: 's2' }));
    await store.messages.insert(messageOf({ chatJid: BOB }));
    await store.pastSendings.catchUp(LANE, NUMBER);
    expect(await agesOf(opened, 'all')).toEqual([29, 5, 4, 3, 2]);
    expect(await agesOf(opened, 'unprompted')).toEqual([5, 4, 3, 2]);
    expect(await agesOf(opened, 'new')).toEqual([4]);
    expect(await store.sendings.counters(LANE)).toEqual({
      phone: NUMBER.phone,
      lastSentAt: NOW - 2 * HOUR,
      sinceCooldown: 5,
      warmUpSince: NOW - 40 * DAY,
      sent: { all: 5, unprompted: 4, new: 1 },
      open: null,
    });
    expect((await store.contacts.find(LANE, ANN))?.lastSentAt).toBe(NOW - 3 * HOUR);
  });

  it('goes on after what was counted, once, with what is on its way', async () => {
    await store.sendings.add(LANE, [{ track: 'all', n: 1 }], NOW - 9 * HOUR);
    await sent(store, ANN, 9 * HOUR);
    await store.sendings.setCounters(LANE, {
      ...NO_COUNTERS,
      phone: NUMBER.phone,
      lastSentAt: NOW - 9 * HOUR,
      sent: { all: 1, unprompted: 0, new: 0 },
    });
    await sent(store, ANN, 8 * HOUR);
    const { id } = await store.messages.insert(messageOf({ chatJid: ANN }));
    await store.messages.update(id, ['queued'], { status: 'sending' });
    await store.pastSendings.catchUp(LANE, NUMBER);
    await store.messages.update(id, ['sending'], { status: 'sent', sentAt: NOW });
    await store.pastSendings.catchUp(LANE, NUMBER);
    expect(await agesOf(opened, 'all')).toEqual([9, 8, 0]);
    expect(await agesOf(opened, 'new')).toEqual([]);
  });

  it('does not count again what is on its way and counted', async () => {
    const { id } = await store.messages.insert(messageOf({ chatJid: ANN }));
    await store.messages.update(id, ['queued'], { status: 'sending' });
    await store.sendings.add(LANE, [{ track: 'all', n: 1 }], NOW);
    const open = { messageId: id, tracks: ['all' as const] };
    const counters = { ...NO_COUNTERS, lastSentAt: NOW, sent: { all: 1, unprompted: 0, new: 0 }, open };
    await store.sendings.setCounters(LANE, counters);
    await store.pastSendings.catchUp(LANE, NUMBER);
    expect(await agesOf(opened, 'all')).toEqual([0]);
    expect(await store.sendings.counters(LANE)).toEqual(counters);
  });

  it('of another number is forgotten', async () => {
    await store.sendings.add(LANE, [{ track: 'all', n: 1 }], NOW - 9 * HOUR);
    const phone = '4915199999999';
    const sentBefore = { all: 1, unprompted: 0, new: 0 };
    await store.sendings.setCounters(LANE, {
      ...NO_COUNTERS,
      phone,
      lastSentAt: NOW - 9 * HOUR,
      sent: sentBefore,
    });
    await sent(store, ANN, HOUR);
    await store.pastSendings.catchUp(LANE, NUMBER);
    expect(await store.sendings.firstAfter(LANE, 'all', 0)).toBe(2);
    expect(await store.sendings.counters(LANE)).toMatchObject({ phone: NUMBER.phone, sent: { all: 2 } });
  });

  it('as texts is counted by what they say', async () => {
    await sent(store, ANN, 3 * HOUR, 'Sale!');
    await sent(store, BOB, 2 * HOUR, ' sale!');
    await sent(store, BOB, HOUR, 'Other');
    await sent(store, ANN, 2 * DAY, 'Sale!');
    const hash = textHashOf({ content: { type: 'text', text: { body: 'Sale!' } } }) ?? '';
    await store.sendings.addText(LANE, hash, NOW - 3 * HOUR);
    await store.pastSendings.catchUpTexts(LANE, { since: NOW - DAY, now: NOW });
    expect(await store.sendings.textSentAt(LANE, hash, 1)).toBe(NOW - 2 * HOUR);
    expect(await store.sendings.textSentAt(LANE, hash, 2)).toBe(NOW - 3 * HOUR);
    expect(await store.sendings.textSentAt(LANE, hash, 3)).toBeNull();
  });
});
