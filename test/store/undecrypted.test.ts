/**
 * Messages that could not be decrypted: remembered once, asked for a few times, reported once, and gone when they come.
 */
import type { Store } from '../../gateway/src/store/index.js';
import { describeOnEachEngine } from '../support/databases.js';
import { NOW } from './builders.js';

const stanzaOf = (id: string, more: Record<string, string> = {}): Record<string, string> => ({
  id,
  from: '4915112345678@s.whatsapp.net',
  t: '1760000000',
  ...more,
});

const LIMITS = { most: 3, since: 0, limit: 10 };

const askable = async (store: Store, more: Partial<typeof LIMITS> = {}) =>
  (await store.undecrypted.askable('s1', { ...LIMITS, ...more })).map(({ stanza, asked, askedAt }) => ({
    id: stanza.id,
    asked,
    askedAt,
  }));

describeOnEachEngine('undecrypted', ({ open }) => {
  it('remembers a message once, with its first stanza', async () => {
    const { store } = await open();
    await store.undecrypted.add('s1', { stanza: stanzaOf('A', { notify: 'Ada' }), firstSeenAt: NOW });
    await store.undecrypted.add('s1', { stanza: stanzaOf('A', { notify: 'another' }), firstSeenAt: NOW + 1 });
    await store.undecrypted.add('s2', { stanza: stanzaOf('A'), firstSeenAt: NOW });
    expect(await store.undecrypted.waiting('s1', 10)).toEqual([
      { stanza: stanzaOf('A', { notify: 'Ada' }), firstSeenAt: NOW },
    ]);
    expect(await store.undecrypted.count()).toEqual({ waiting: 2, reported: 0 });
  });

  it('finds one by its id, also when it was reported', async () => {
    const { store } = await open();
    await store.undecrypted.add('s1', { stanza: stanzaOf('A'), firstSeenAt: NOW });
    await store.undecrypted.setReported('s1', stanzaOf('A'), NOW + 1);
    expect(await store.undecrypted.find('s1', 'A')).toEqual({ stanza: stanzaOf('A'), firstSeenAt: NOW });
    expect(await store.undecrypted.find('s2', 'A')).toBeNull();
    expect(await store.undecrypted.find('s1', 'B')).toBeNull();
  });

  it('gives those to be asked for, the oldest first, until they were asked for often enough', async () => {
    const { store } = await open();
    await store.undecrypted.add('s1', { stanza: stanzaOf('B'), firstSeenAt: NOW + 1 });
    await store.undecrypted.add('s1', { stanza: stanzaOf('A', { participant: '1@lid' }), firstSeenAt: NOW });
    await store.undecrypted.add('s1', { stanza: stanzaOf('A', { participant: '2@lid' }), firstSeenAt: NOW });
    for (const at of [NOW + 10, NOW + 20])
      await store.undecrypted.countAsked('s1', stanzaOf('A', { participant: '1@lid' }), at);
    expect(await askable(store)).toEqual(
      expect.arrayContaining([
        { id: 'A', asked: 2, askedAt: NOW + 20 },
        { id: 'A', asked: 0, askedAt: null },
        { id: 'B', asked: 0, askedAt: null },
      ]),
    );
    expect(await askable(store, { most: 2 })).toEqual([
      { id: 'A', asked: 0, askedAt: null },
      { id: 'B', asked: 0, askedAt: null },
    ]);
    expect(await askable(store, { since: NOW + 1 })).toEqual([{ id: 'B', asked: 0, askedAt: null }]);
  });

  it('asks for what was reported as well, and for nothing that has come', async () => {
    const { store } = await open();
    await store.undecrypted.add('s1', { stanza: stanzaOf('A'), firstSeenAt: NOW });
    await store.undecrypted.setReported('s1', stanzaOf('A'), NOW + 5);
    expect(await store.undecrypted.waiting('s1', 10)).toEqual([]);
    expect(await askable(store)).toEqual([{ id: 'A', asked: 0, askedAt: null }]);
    await store.undecrypted.resolve('s1', ['A']);
    expect(await askable(store)).toEqual([]);
  });
});
