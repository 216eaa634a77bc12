/**
 * Deleting by age on both engines: what is old and finished goes, page by page; what is still to be delivered, sent or
 * fetched stays, however old it is.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Keeping } from '../../gateway/src/retention.js';
import { describeOnEachEngine } from '../support/databases.js';
import { createFakeClock, type FakeClock } from '../support/fakeClock.js';
import type { Store } from '../../gateway/src/store/index.js';
import { messageOf } from './builders.js';
import { KEEPING, sweepOnce } from './sweep.js';

const DAY = 24 * 60 * 60 * 1_000;

describeOnEachEngine('retention', ({ open }) => {
  let store: Store;
  let clock: FakeClock;
  let folder: string;

  beforeEach(async () => {
    ({ store } = await open());
    clock = createFakeClock();
    folder = await mkdtemp(join(tmpdir(), 'sluice-retention-'));
    await store.webhooks.insert('whk_1', settings, { secret: 'whsec_AA==', now: clock.now() });
  });

  afterEach(() => rm(folder, { recursive: true }));

  const settings = {
    url: 'https://example.com/',
    events: ['*'],
    sessionIds: [],
    filter: null,
    headers: {},
    description: null,
  };

  const sweep = (keeping: Partial<Keeping> = {}) =>
    sweepOnce({ store, clock, folder, keeping: { ...KEEPING, ...keeping } });

  const publish = (sessionId = 's1') =>
    store.transaction(async (tx) => {
      const event = await tx.events.append({ type: 'message.received', sessionId, data: {} }, clock.now());
      if (!event) throw new Error('refused');
      await tx.deliveries.add({ webhookIds: ['whk_1'], events: [event], now: clock.now(), expiresAt: 0 });
      return event;
    });

  const seqs = async (sessionId = 's1'): Promise<number[]> =>
    (await store.events.listSession({ sessionId, types: [], afterSeq: 0, limit: 10_000 })).map(
      ({ seq }) => seq,
    );

  const deliver = async (seq: number): Promise<void> => {
    const row = await store.deliveries.findByEvent('whk_1', { sessionId: 's1', seq });
    const attempt = { attempt: 1, at: clock.now(), status: 200, durationMs: 1, response: null, error: null };
    await store.deliveries.recordAttempt(row?.id ?? '', attempt, 'delivered');
  };

  test('old events go with their deliveries and attempts; the numbers go on', async () => {
    for (let n = 1; n <= 3; n += 1) {
      await publish();
      await deliver(n);
    }
    clock.advance(11 * DAY);
    await publish();
    expect(await sweep()).toEqual([]);
    expect(await seqs()).toEqual([4]);
    const left = await store.deliveries.list({ webhookId: 'whk_1', limit: 10 });
    expect(left.map(({ seq, state }) => [seq, state])).toEqual([[4, 'pending']]);
    expect((await publish()).seq).toBe(5);
  });

  test('an event that a webhook is still to get stays, however old it is', async () => {
    for (let n = 1; n <= 3; n += 1) await publish();
    await deliver(1);
    await deliver(3);
    clock.advance(100 * DAY);
    await sweep();
    expect(await seqs()).toEqual([2]);
    await deliver(2);
    clock.advance(100 * DAY);
    await sweep();
    expect(await seqs()).toEqual([]);
  });

  test('many old events go, page by page, also behind some that stay', async () => {
    await store.transaction(async (tx) => {
      for (let n = 0; n < 450; n += 1) {
        await tx.events.append({ type: 'message.sent', sessionId: 's2', data: {} }, clock.now());
      }
    });
    for (let n = 0; n < 3; n += 1) await publish();
    clock.advance(11 * DAY);
    await sweep();
    expect(await seqs('s2')).toEqual([]);
    expect(await seqs()).toEqual([1, 2, 3]);
  });

  test('old messages go when they are done, and not before the least that limits need', async () => {
    await store.messages.insert(messageOf({ id: 'msg_a', queuedAt: clock.now(), status: 'sent' }));
    await store.messages.insert(messageOf({ id: 'msg_b', queuedAt: clock.now(), status: 'scheduled' }));
    clock.advance(31 * DAY);
    await sweep({ keepMessagesDays: 8 });
    expect(await store.messages.find('msg_a')).not.toBeNull();
    clock.advance(2 * DAY);
    await sweep({ keepMessagesDays: 8 });
    expect(await store.messages.find('msg_a')).toBeNull();
    expect(await store.messages.find('msg_b')).not.toBeNull();
  });

  test('old files go from the disk and from the table, but for those that a waiting message carries', async () => {
    const keep = async (id: string): Promise<void> => {
      await writeFile(join(folder, id), 'x');
      const row = { id, keyId: null, mimeType: 'a/b', sizeBytes: 1, sha256: '', filename: null, path: id };
      await store.media.insert({ ...row, createdAt: clock.now(), sessionId: null });
    };
    await keep('med_1');
    await keep('med_2');
    const image = { mediaId: 'med_2', mimeType: 'image/png' };
    await store.messages.insert(
      messageOf({ queuedAt: clock.now(), status: 'scheduled', content: { type: 'image', image } }),
    );
    clock.advance(11 * DAY);
    await keep('med_3');
    expect(await sweep()).toEqual([]);
    expect(await store.media.find('med_1')).toBeNull();
    expect(['med_1', 'med_2', 'med_3'].map((id) => existsSync(join(folder, id)))).toEqual([
      false,
      true,
      true,
    ]);
    expect(await store.media.find('med_2')).not.toBeNull();
  });

  test('plaintexts stay while their file is being fetched', async () => {
    for (const id of ['A', 'B']) {
      await store.inbox.insert({
        sessionId: 's1',
        stanza: { id, from: '49@s.whatsapp.net' },
        ciphertextHash: id,
        plaintext: Buffer.from('x'),
        receivedAt: clock.now(),
      });
    }
    const [a, b] = await store.inbox.pending('s1', 10);
    const positions = [a?.position ?? 0, b?.position ?? 0];
    for (const position of positions) await store.inbox.finish(position, 'event', clock.now());
    const inboxPosition = positions[1] ?? 0;
    await store.mediaDownloads.add([{ id: 'med_9', sessionId: 's1', inboxPosition, now: clock.now() }]);
    clock.advance(41 * DAY);
    await sweep();
    expect(await store.inbox.find(positions[0] ?? 0)).toBeNull();
    expect(await store.inbox.find(inboxPosition)).not.toBeNull();
    await store.mediaDownloads.finish('med_9', { error: null, attempts: 1, now: clock.now() });
    clock.advance(41 * DAY);
    await sweep();
    expect(await store.inbox.find(inboxPosition)).toBeNull();
    expect(await store.mediaDownloads.find('med_9')).toBeNull();
  });

  test('0 days keep everything', async () => {
    await publish();
    await deliver(1);
    clock.advance(1_000 * DAY);
    await sweep({ keepEventsDays: 0, keepDeliveriesDays: 0, keepMediaDays: 0, keepMessagesDays: 0 });
    expect(await seqs()).toEqual([1]);
  });
});
