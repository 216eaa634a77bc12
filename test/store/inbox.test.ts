/**
 * The inbox: each ciphertext kept once, worked off in the order of arrival, its plaintext found again byte by byte.
 */
import type { InboxInsert } from '../../gateway/src/store/inbox.js';
import type { Store } from '../../gateway/src/store/index.js';
import { describeOnEachEngine } from '../support/databases.js';
import { NOW } from './builders.js';

const STANZA = { id: 'ABC', from: '4915112345678@s.whatsapp.net', t: '1760000000' };

const entryOf = (more: Partial<InboxInsert> = {}): InboxInsert => ({
  sessionId: 's1',
  stanza: STANZA,
  ciphertextHash: 'h1',
  plaintext: Buffer.from([0, 1, 128, 255]),
  receivedAt: NOW,
  ...more,
});

const pendingIds = async (store: Store): Promise<(string | undefined)[]> =>
  (await store.inbox.pending('s1', 10)).map(({ stanza }) => stanza.id);

describeOnEachEngine('inbox', ({ open }) => {
  it('keeps an entry as it came', async () => {
    const { store } = await open();
    const stanza = { ...STANZA, participant: '1:2@lid', notify: 'Ädä 🌊' };
    await store.inbox.insert(entryOf({ stanza }));
    expect(await store.inbox.pending('s1', 10)).toEqual([
      {
        position: expect.any(Number) as number,
        sessionId: 's1',
        kind: 'message',
        stanza,
        plaintext: Buffer.from([0, 1, 128, 255]),
        receivedAt: NOW,
      },
    ]);
    expect(await store.inbox.pending('s2', 10)).toEqual([]);
  });

  it('keeps the same ciphertext of the same stanza once', async () => {
    const { store } = await open();
    await Promise.all(Array.from({ length: 10 }, () => store.inbox.insert(entryOf())));
    await store.inbox.insert(entryOf({ plaintext: Buffer.from('other'), receivedAt: NOW + 1 }));
    expect(await pendingIds(store)).toEqual(['ABC']);
    expect(await store.inbox.findPlaintext('s1', STANZA, 'h1')).toEqual(Buffer.from([0, 1, 128, 255]));
  });

  it.each([
    ['session', { sessionId: 's2' }],
    ['chat', { stanza: { ...STANZA, from: 'other@g.us' } }],
    ['sender', { stanza: { ...STANZA, participant: '1@lid' } }],
    ['stanza', { stanza: { ...STANZA, id: 'DEF' } }],
    ['ciphertext', { ciphertextHash: 'h2' }],
  ])('tells entries apart by %s', async (_, difference) => {
    const { store } = await open();
    await store.inbox.insert(entryOf());
    const other = entryOf({ ...difference, plaintext: Buffer.from('other') });
    const find = () => store.inbox.findPlaintext(other.sessionId, other.stanza, other.ciphertextHash);
    expect(await find()).toBeNull();
    await store.inbox.insert(other);
    expect(await find()).toEqual(Buffer.from('other'));
  });

  it('is worked off in the order of arrival, and still known after', async () => {
    const { store } = await open();
    for (const id of ['C', 'A', 'B']) {
      await store.inbox.insert(entryOf({ stanza: { ...STANZA, id }, receivedAt: NOW - 1 }));
    }
    expect(await pendingIds(store)).toEqual(['C', 'A', 'B']);
    const [first] = await store.inbox.pending('s1', 1);
    await store.inbox.finish(first?.position ?? 0, 'event', NOW);
    expect(await pendingIds(store)).toEqual(['A', 'B']);
    expect(await store.inbox.findPlaintext('s1', { ...STANZA, id: 'C' }, 'h1')).not.toBeNull();
    await store.inbox.insert(entryOf({ stanza: { ...STANZA, id: 'C' } }));
    expect(await pendingIds(store)).toEqual(['A', 'B']);
  });

  it('forgets one session', async () => {
    const { store } = await open();
    await store.inbox.insert(entryOf());
    await store.inbox.insert(entryOf({ sessionId: 's2' }));
    await store.inbox.clear('s1');
    expect(await pendingIds(store)).toEqual([]);
    expect(await store.inbox.pending('s2', 10)).toHaveLength(1);
  });
});
