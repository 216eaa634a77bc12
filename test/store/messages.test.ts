/**
 * The outbox's rows: guarded updates, counts and paging. The order of the line is in messageLine.test.
 */
import type { Message } from '../../gateway/src/domain/message.js';
import { describeOnEachEngine } from '../support/databases.js';
import { NOW, messageOf } from './builders.js';

const idsOf = (messages: Message[]): string[] => messages.map(({ id }) => id);
const QUERY = { sessionIds: [], limit: 100 };

describeOnEachEngine('messages', ({ open }) => {
  it('keeps every field, and finds by either id', async () => {
    const { store } = await open();
    const full = messageOf({
      content: { type: 'text', text: { body: 'Grüße 🌊 "zitiert" \\ \n\u2028' } },
      keyId: null,
      contextMessageId: 'ABC',
      status: 'scheduled',
      priority: 9,
      sendAt: NOW + 1,
      expiresAt: Number.MAX_SAFE_INTEGER,
      retryAt: NOW + 3,
      hold: { code: 'gap', message: 'held', until: null },
      attempts: 2,
      error: { code: 'x', message: 'y', retryable: true },
      reference: 'order 7',
      campaignId: 'cmp_1',
      test: true,
    });
    const inserted = await store.messages.insert(full);
    expect(inserted).toEqual({ ...full, position: expect.any(Number) as number });
    expect(await store.messages.find(full.id)).toEqual(inserted);
    expect(await store.messages.findByWaId(full.waId)).toEqual(inserted);
    expect(await store.messages.find('msg_none')).toBeNull();
  });

  it('gives positions in the order of the inserts, also after a rollback', async () => {
    const { store } = await open();
    const first = await store.messages.insert(messageOf());
    await expect(
      store.transaction(async (tx) => {
        await tx.messages.insert(messageOf());
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    const second = await store.messages.insert(messageOf());
    expect(second.position).toBeGreaterThan(first.position);
    expect(await store.messages.countWaiting('s1')).toBe(2);
  });

  it('refuses a second message with the same id or WhatsApp id', async () => {
    const { store } = await open();
    const message = await store.messages.insert(messageOf());
    await expect(store.messages.insert(messageOf({ id: message.id }))).rejects.toThrow();
    await expect(store.messages.insert(messageOf({ waId: message.waId }))).rejects.toThrow();
  });

  it('updates only from the statuses named', async () => {
    const { store } = await open();
    const { id } = await store.messages.insert(messageOf());
    expect(await store.messages.update(id, ['sending'], { status: 'sent' })).toBeNull();
    expect((await store.messages.find(id))?.status).toBe('queued');
    const error = { code: 'e', message: 'm', retryable: false };
    const updated = await store.messages.update(id, ['sending', 'queued'], {
      status: 'failed',
      error,
      attempts: 3,
      hold: null,
      timeline: [{ status: 'failed', at: NOW }],
    });
    expect(updated).toMatchObject({ status: 'failed', error, attempts: 3, timeline: [{ status: 'failed' }] });
    expect(await store.messages.update(id, ['failed'], { error: null })).toMatchObject({ error: null });
    expect(await store.messages.update('msg_none', ['queued'], { attempts: 1 })).toBeNull();
  });

  it('lets one of many win an update out of the same status', async () => {
    const { store } = await open();
    const { id } = await store.messages.insert(messageOf());
    const tries = Array.from({ length: 20 }, () =>
      store.messages.update(id, ['queued'], { status: 'sending' }),
    );
    expect((await Promise.all(tries)).filter((won) => won !== null)).toHaveLength(1);
  });

  it('counts what waits, what is ahead and what was sent', async () => {
    const { store } = await open();
    const first = await store.messages.insert(messageOf());
    await store.messages.insert(messageOf({ status: 'scheduled', sendAt: NOW + 1 }));
    await store.messages.insert(messageOf({ status: 'sent', queuedAt: NOW - 10 }));
    await store.messages.insert(messageOf({ status: 'read', queuedAt: NOW - 20 }));
    await store.messages.insert(messageOf({ status: 'failed', queuedAt: NOW }));
    const last = await store.messages.insert(messageOf());
    expect(await store.messages.countWaiting('s1')).toBe(3);
    expect(await store.messages.countWaiting('s2')).toBe(0);
    expect(await store.messages.countAhead(first, 10)).toBe(0);
    expect(await store.messages.countAhead(last, 10)).toBe(1);
    expect(await store.messages.countAhead({ ...last, priority: 1 }, 10)).toBe(0);
    expect(await store.messages.countSince('s1', NOW - 10)).toBe(1);
    expect(await store.messages.countSince('s1', NOW - 20)).toBe(2);
  });

  it('lists newest first, page by page, filtered', async () => {
    const { store } = await open();
    const all = [];
    for (let index = 0; index < 7; index += 1) all.push(await store.messages.insert(messageOf()));
    const marked = await store.messages.insert(
      messageOf({ sessionId: 's2', to: '1', reference: 'r', campaignId: 'c', keyId: 'k', status: 'read' }),
    );
    const newest = await store.messages.list({ ...QUERY, limit: 3 });
    expect(idsOf(newest)).toEqual(idsOf([marked, ...all.slice(-2).reverse()]));
    const next = await store.messages.list({ ...QUERY, before: newest.at(-1)?.position });
    expect(idsOf(next)).toEqual(idsOf(all.slice(0, -2).reverse()));
    const filters = [
      { sessionIds: ['s2'] },
      { status: 'read' as const },
      { to: '1' },
      { reference: 'r' },
      { campaignId: 'c' },
      { keyId: 'k' },
    ];
    for (const filter of filters) {
      expect(idsOf(await store.messages.list({ ...QUERY, ...filter }))).toEqual([marked.id]);
    }
  });

  it('keeps the encoded protobuf byte by byte', async () => {
    const { store } = await open();
    const { id } = await store.messages.insert(messageOf());
    expect(await store.messages.wire(id)).toBeNull();
    const wire = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await store.messages.setWire(id, wire);
    expect(await store.messages.wire(id)).toEqual(wire);
  });

  it('removes what waits in one session and keeps its history', async () => {
    const { store } = await open();
    const sent = await store.messages.insert(messageOf({ status: 'sent' }));
    const other = await store.messages.insert(messageOf({ sessionId: 's2' }));
    await store.messages.insert(messageOf());
    await store.messages.insert(messageOf({ status: 'scheduled', sendAt: NOW }));
    expect(await store.messages.removeWaiting('s1')).toBe(2);
    expect(idsOf(await store.messages.list(QUERY))).toEqual([other.id, sent.id]);
  });
});
