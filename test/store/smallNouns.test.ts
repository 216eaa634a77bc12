/**
 * The nouns with few operations: idempotency keys, recipients, API keys, values of the gateway.
 */
import type { ApiKeyRecord } from '../../gateway/src/store/apiKeys.js';
import { readGatewayState } from '../../gateway/src/store/index.js';
import { describeOnEachEngine, useEngine } from '../support/databases.js';
import { NOW } from './builders.js';

const idempotency = (more: Partial<Record<'scope' | 'key' | 'bodyHash' | 'messageId', string>> = {}) => ({
  scope: 'key_1',
  key: 'order 7',
  bodyHash: 'h',
  messageId: 'msg_1',
  now: NOW,
  ...more,
});

const fifty = Array.from({ length: 50 }, (_, index) => `msg_${String(index)}`);

describeOnEachEngine('idempotency', ({ open }) => {
  it('keeps a key per scope', async () => {
    const { store } = await open();
    expect(await store.idempotency.insert(idempotency())).toBe(true);
    expect(await store.idempotency.insert(idempotency({ scope: 'key_2', messageId: 'msg_2' }))).toBe(true);
    expect(await store.idempotency.insert(idempotency({ messageId: 'msg_3' }))).toBe(false);
    expect(await store.idempotency.find('key_1', 'order 7')).toEqual({ bodyHash: 'h', messageId: 'msg_1' });
    expect(await store.idempotency.find('key_1', 'order 8')).toBeNull();
  });

  it('lets one of 50 parallel transactions win', async () => {
    const { store } = await open();
    const insert = (messageId: string): Promise<string | null> =>
      store.transaction(async (tx) =>
        (await tx.idempotency.insert(idempotency({ messageId }))) ? messageId : null,
      );
    const winners = (await Promise.all(fifty.map(insert))).filter((id) => id !== null);
    expect(winners).toHaveLength(1);
    expect((await store.idempotency.find('key_1', 'order 7'))?.messageId).toBe(winners[0]);
  });

  it('frees the key when the transaction that took it fails', async () => {
    const { store } = await open();
    const failing = store.transaction(async (tx) => {
      await tx.idempotency.insert(idempotency());
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.idempotency.insert(idempotency())).toBe(true);
  });

  it('forgets old keys', async () => {
    const { store } = await open();
    await store.idempotency.insert(idempotency({ key: 'old' }));
    await store.idempotency.insert({ ...idempotency({ key: 'new' }), now: NOW + 1 });
    expect(await store.retention.deleteIdempotencyKeys(NOW + 1, 10)).toBe(1);
    expect(await store.idempotency.find('key_1', 'old')).toBeNull();
    expect(await store.idempotency.find('key_1', 'new')).not.toBeNull();
  });
});

describe('idempotency of two processes on one Postgres', () => {
  const { open } = useEngine('postgres');

  it('lets one of 50 win', async () => {
    const one = await open();
    const two = await one.openAgain();
    const results = await Promise.all(
      fifty.map((messageId, index) =>
        (index % 2 ? one : two).store.idempotency.insert(idempotency({ messageId })),
      ),
    );
    expect(results.filter((won) => won)).toHaveLength(1);
  });
});

describeOnEachEngine('recipients', ({ open }) => {
  it('remembers the last answer', async () => {
    const { store } = await open();
    const known = { phone: '4915112345678', exists: true, jid: 'j', lid: '1@lid', checkedAt: NOW };
    expect(await store.recipients.find(known.phone)).toBeNull();
    await store.recipients.save(known);
    expect(await store.recipients.find(known.phone)).toEqual(known);
    const gone = { ...known, exists: false, jid: null, lid: null, checkedAt: NOW + 1 };
    await store.recipients.save(gone);
    expect(await store.recipients.find(known.phone)).toEqual(gone);
  });
});

describeOnEachEngine('apiKeys', ({ open }) => {
  const keyOf = (id: string, more: Partial<ApiKeyRecord> = {}): ApiKeyRecord => ({
    id,
    name: 'Büro',
    role: 'sender',
    mode: 'live',
    sessionIds: ['a', 'b'],
    prefix: 'slc_',
    hash: `hash of ${id}`,
    createdAt: NOW,
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    ...more,
  });

  it('finds a key by id and by hash, as it was made', async () => {
    const { store } = await open();
    const key = keyOf('key_1', { expiresAt: NOW + 1 });
    await store.apiKeys.insert(key);
    expect(await store.apiKeys.find('key_1')).toEqual(key);
    expect(await store.apiKeys.findByHash('hash of key_1')).toEqual(key);
    expect(await store.apiKeys.findByHash('another')).toBeNull();
    await expect(store.apiKeys.insert(keyOf('key_2', { hash: key.hash }))).rejects.toThrow();
  });

  it('lists by id in pages, without the revoked', async () => {
    const { store } = await open();
    for (const id of ['key_1', 'key_2', 'key_3', 'key_4']) await store.apiKeys.insert(keyOf(id));
    await store.apiKeys.revoke('key_2', NOW + 5);
    const first = await store.apiKeys.list({ limit: 2 });
    expect(first.map(({ id }) => id)).toEqual(['key_1', 'key_3']);
    const next = await store.apiKeys.list({ limit: 2, cursor: 'key_3' });
    expect(next.map(({ id }) => id)).toEqual(['key_4']);
    expect((await store.apiKeys.find('key_2'))?.revokedAt).toBe(NOW + 5);
  });

  it('changes expiry and last use', async () => {
    const { store } = await open();
    await store.apiKeys.insert(keyOf('key_1'));
    await store.apiKeys.setExpiry('key_1', NOW + 9);
    await store.apiKeys.touch('key_1', NOW + 3);
    expect(await store.apiKeys.find('key_1')).toMatchObject({ expiresAt: NOW + 9, lastUsedAt: NOW + 3 });
  });

  it('knows whether a working admin key exists', async () => {
    const { store } = await open();
    const has = (): Promise<boolean> => store.apiKeys.hasAdmin(NOW);
    await store.apiKeys.insert(keyOf('key_1', { role: 'sender' }));
    await store.apiKeys.insert(keyOf('key_2', { role: 'admin', mode: 'test' }));
    await store.apiKeys.insert(keyOf('key_3', { role: 'admin', expiresAt: NOW }));
    expect(await has()).toBe(false);
    await store.apiKeys.setExpiry('key_3', NOW + 1);
    expect(await has()).toBe(true);
    await store.apiKeys.revoke('key_3', NOW);
    expect(await has()).toBe(false);
  });
});

describeOnEachEngine('gatewayState', ({ open }) => {
  it('keeps the first value', async () => {
    const { store, database } = await open();
    expect(await store.gatewayState.get('proof')).toBeNull();
    await store.gatewayState.setOnce('proof', Buffer.from([0, 255, 7]));
    await store.gatewayState.setOnce('proof', Buffer.from([1]));
    expect(await store.gatewayState.get('proof')).toEqual(Buffer.from([0, 255, 7]));
    expect(await readGatewayState(database.db, 'proof')).toEqual(Buffer.from([0, 255, 7]));
  });
});
