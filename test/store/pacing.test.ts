/**
 * What pacing keeps: numbered sendings with their counters, contacts, restrictions and opt-outs.
 */
import { NO_COUNTERS } from '../../gateway/src/store/sendings.js';
import { describeOnEachEngine } from '../support/databases.js';
import { NOW } from './builders.js';

const LANE = { sessionId: 's1', test: false };
const OTHER = { sessionId: 's1', test: true };
const ANN = '491@s.whatsapp.net';

describeOnEachEngine('what pacing keeps', ({ open }) => {
  it('finds the first after a time, and the n-th', async () => {
    const { store } = await open();
    for (let n = 1; n <= 5; n += 1) await store.sendings.add(LANE, [{ track: 'all', n }], NOW + n * 1_000);
    await store.sendings.add(LANE, [{ track: 'new', n: 1 }], NOW);
    await store.sendings.add(OTHER, [{ track: 'all', n: 1 }], NOW + 9_000);
    expect(await store.sendings.firstAfter(LANE, 'all', NOW)).toBe(1);
    expect(await store.sendings.firstAfter(LANE, 'all', NOW + 3_000)).toBe(4);
    expect(await store.sendings.firstAfter(LANE, 'all', NOW + 5_000)).toBeNull();
    expect(await store.sendings.sentAt(LANE, 'all', 4)).toBe(NOW + 4_000);
    expect(await store.sendings.sentAt(LANE, 'all', 6)).toBeNull();
    await store.sendings.setTime(LANE, [{ track: 'all', n: 5 }], NOW + 60_000);
    expect(await store.sendings.sentAt(LANE, 'all', 5)).toBe(NOW + 60_000);
    await store.sendings.takeBack(LANE, [{ track: 'all', n: 5 }]);
    expect(await store.sendings.sentAt(LANE, 'all', 5)).toBeNull();
    expect(await store.sendings.forgetBefore(LANE, NOW + 2_000)).toBe(2);
    expect(await store.sendings.firstAfter(LANE, 'all', 0)).toBe(2);
    expect(await store.sendings.firstAfter(OTHER, 'all', 0)).toBe(1);
  });

  it('keeps the counters of each lane whole', async () => {
    const { store } = await open();
    expect(await store.sendings.counters(LANE)).toEqual(NO_COUNTERS);
    const counters = {
      phone: '491',
      lastSentAt: NOW,
      sinceCooldown: 3,
      warmUpSince: NOW - 1,
      sent: { all: 7, unprompted: 5, new: 2 },
      open: { messageId: 'msg_1', tracks: ['all', 'new'] as ('all' | 'new')[] },
    };
    await store.sendings.setCounters(LANE, counters);
    expect(await store.sendings.counters(LANE)).toEqual(counters);
    await store.sendings.setCounters(LANE, { ...counters, open: null });
    expect((await store.sendings.counters(LANE)).open).toBeNull();
    expect(await store.sendings.counters(OTHER)).toEqual(NO_COUNTERS);
    await store.sendings.removeSession('s1');
    expect(await store.sendings.counters(LANE)).toEqual(NO_COUNTERS);
  });

  it('finds when a text was sent for the n-th last time', async () => {
    const { store } = await open();
    for (const at of [1, 2, 3]) await store.sendings.addText(LANE, 'hash', NOW + at);
    expect(await store.sendings.textSentAt(LANE, 'hash', 3)).toBe(NOW + 1);
    expect(await store.sendings.textSentAt(LANE, 'hash', 4)).toBeNull();
    expect(await store.sendings.textSentAt(OTHER, 'hash', 1)).toBeNull();
  });

  it('knows when a contact was first and last written to, and wrote', async () => {
    const { store } = await open();
    expect(await store.contacts.find(LANE, ANN)).toBeNull();
    await store.contacts.received(LANE, ANN, NOW + 5);
    await store.contacts.received(LANE, ANN, NOW + 1);
    await store.contacts.sent(LANE, ANN, NOW + 10);
    await store.contacts.sent(LANE, ANN, NOW + 20);
    await store.contacts.refused(LANE, ANN, NOW + 30);
    await store.contacts.refused(LANE, ANN, NOW + 40);
    expect(await store.contacts.find(LANE, ANN)).toEqual({
      firstSentAt: NOW + 10,
      lastSentAt: NOW + 20,
      lastReceivedAt: NOW + 5,
      refusedAt: NOW + 40,
    });
    expect(await store.contacts.find(OTHER, ANN)).toBeNull();
  });

  it('keeps one restriction of each kind', async () => {
    const { store } = await open();
    const timelock = {
      kind: 'timelock' as const,
      active: true,
      until: NOW + 1,
      reason: 'DEFAULT',
      quota: null,
      since: NOW,
    };
    const capping = { ...timelock, kind: 'capping' as const, until: null, quota: { total: 30, used: 4 } };
    await store.restrictions.save('s1', capping);
    await store.restrictions.save('s1', timelock);
    await store.restrictions.save('s1', { ...timelock, active: false });
    expect(await store.restrictions.list('s1')).toEqual([capping, { ...timelock, active: false }]);
    await store.restrictions.remove('s1', 'timelock');
    expect(await store.restrictions.list('s1')).toEqual([capping]);
    expect(await store.restrictions.list('s2')).toEqual([]);
  });

  it('has each number on the opt-out list once', async () => {
    const { store } = await open();
    const optOut = {
      phone: '491',
      chatJid: ANN,
      lid: '77@lid',
      source: 'keyword' as const,
      keyword: 'stop',
      sessionId: 's1',
      createdAt: NOW,
      answerMessageId: null,
    };
    const inserted = await Promise.all([1, 2, 3].map(() => store.optOuts.insert(optOut)));
    expect(inserted.filter(Boolean)).toHaveLength(1);
    expect(await store.optOuts.find('491')).toEqual(optOut);
    expect(await store.optOuts.covers('491', 'x@s.whatsapp.net')).toBe(true);
    expect(await store.optOuts.covers('492', ANN)).toBe(true);
    expect(await store.optOuts.covers('77@lid', '77@lid')).toBe(true);
    expect(await store.optOuts.covers('492', '492@s.whatsapp.net')).toBe(false);
    await store.optOuts.insert({ ...optOut, phone: '490' });
    expect((await store.optOuts.list({ limit: 9 })).map(({ phone }) => phone)).toEqual(['490', '491']);
    expect((await store.optOuts.list({ limit: 9, cursor: '490' })).map(({ phone }) => phone)).toEqual([
      '491',
    ]);
    expect(await store.optOuts.remove('491')).toBe(true);
    expect(await store.optOuts.remove('491')).toBe(false);
  });

  it('finds the JID behind a LID, however its number was written when it was asked for', async () => {
    const { store } = await open();
    const found = { exists: true, jid: ANN, lid: '77@lid', checkedAt: NOW };
    // A number that WhatsApp knows by another one, as without its ninth digit.
    for (const phone of ['490', '491']) await store.recipients.save({ ...found, phone });
    await store.recipients.save({ phone: '492', exists: false, jid: null, lid: null, checkedAt: NOW });
    expect(await store.recipients.jidOf('77@lid')).toBe(ANN);
    expect(await store.recipients.jidOf('78@lid')).toBeNull();
  });
});
