/**
 * Campaigns deleted by age on both engines: whole, and only when nothing of them waits.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Keeping } from '../../gateway/src/retention.js';
import type { Store } from '../../gateway/src/store/index.js';
import { describeOnEachEngine } from '../support/databases.js';
import { createFakeClock, type FakeClock } from '../support/fakeClock.js';
import { messageOf } from './builders.js';
import { KEEPING, sweepOnce } from './sweep.js';

const DAY = 24 * 60 * 60 * 1_000;

describeOnEachEngine('retention of campaigns', ({ open }) => {
  let store: Store;
  let clock: FakeClock;
  let folder: string;

  beforeEach(async () => {
    ({ store } = await open());
    clock = createFakeClock();
    folder = await mkdtemp(join(tmpdir(), 'sluice-retention-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const sweep = (keeping: Partial<Keeping> = {}) =>
    sweepOnce({ store, clock, folder, keeping: { ...KEEPING, ...keeping } });

  test('a campaign goes with its recipients and messages when nothing of it waits, and all of it stays until then', async () => {
    const caller = {
      keyId: 'k',
      name: 'k',
      role: 'admin',
      mode: 'live',
      sessionIds: [],
      expiresAt: null,
    } as const;
    const insert = (id: string, more: object = {}) =>
      store.campaigns.insert(
        {
          ...{ id, caller: { ...caller, sessionIds: [] }, name: id, sessionIds: ['s1'], sendAt: null },
          ...{ template: { content: {} }, state: 'running', total: 300, nextRow: 300 },
          ...{ createdAt: clock.now(), idempotency: null, ...more },
        },
        Array.from({ length: 300 }, (_, row) => ({
          ...{ row, to: String(row), variables: {}, messageId: null, refusal: null },
        })),
      );
    const messageIn = async (campaignId: string, status: 'sent' | 'scheduled'): Promise<string> => {
      const message = messageOf({ campaignId, status, queuedAt: clock.now() });
      await store.messages.insert(message);
      return message.id;
    };
    await insert('cmp_old');
    const old = await messageIn('cmp_old', 'sent');
    await insert('cmp_waits');
    const sent = await messageIn('cmp_waits', 'sent');
    await messageIn('cmp_waits', 'scheduled');
    await insert('cmp_unmade', { state: 'paused', nextRow: 10 });
    await insert('cmp_canceled', { state: 'canceled', nextRow: 10 });
    clock.advance(41 * DAY);
    await insert('cmp_young');
    expect(await sweep({ keepMessagesDays: 0 })).toEqual([]);
    expect(await store.campaigns.list({ limit: 9 })).toHaveLength(5);
    expect(await sweep()).toEqual([]);
    const left = (await store.campaigns.list({ limit: 9 })).map(({ id }) => id);
    expect(left).toEqual(['cmp_young', 'cmp_waits', 'cmp_unmade']);
    const recipients = async (id: string): Promise<number> =>
      (await store.campaigns.recipients(id, 0, 1_000)).length;
    for (const id of ['cmp_old', 'cmp_canceled']) expect(await recipients(id)).toBe(0);
    for (const id of left) expect(await recipients(id)).toBe(300);
    expect(await store.messages.find(old)).toBeNull();
    // What was sent is still counted while the rest waits.
    expect(await store.messages.find(sent)).not.toBeNull();
    expect((await store.campaigns.counts('cmp_waits')).byStatus).toEqual({ sent: 1, scheduled: 1 });
  });

  test('the file of a campaign stays while messages are still to be made of it', async () => {
    await writeFile(join(folder, 'f1'), 'x');
    await writeFile(join(folder, 'f2'), 'x');
    const media = (id: string, path: string) =>
      store.media.insert({
        ...{ id, path, keyId: 'k', mimeType: 'image/png', sizeBytes: 1, sha256: id },
        ...{ filename: null, createdAt: clock.now(), sessionId: null },
      });
    await media('med_1', 'f1');
    await media('med_2', 'f2');
    const caller = { keyId: 'k', name: 'k', role: 'admin', mode: 'live', expiresAt: null } as const;
    const content = { type: 'image', image: { mediaId: 'med_1', mimeType: 'image/png' } };
    await store.campaigns.insert(
      {
        ...{
          id: 'cmp_1',
          caller: { ...caller, sessionIds: [] },
          name: 'c',
          sessionIds: ['s1'],
          sendAt: null,
        },
        ...{ template: { content }, state: 'paused', total: 3, nextRow: 1 },
        ...{ createdAt: clock.now(), idempotency: null },
      },
      [],
    );
    clock.advance(11 * DAY);
    expect(await sweep()).toEqual([]);
    expect([await store.media.find('med_1'), await store.media.find('med_2')]).toEqual([
      expect.objectContaining({ id: 'med_1' }),
      null,
    ]);
  });
});
