/**
 * API keys: making, listing, rotating, revoking; the first admin key; whoami.
 */
import { createKeys } from '../../../gateway/src/http/keys.js';
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

const works = async (key: string): Promise<boolean> =>
  (await http.call('GET', '/v1/whoami', { key })).status === 200;

describe('POST /v1/keys', () => {
  it('makes a key, shows it once and stores only its hash', async () => {
    const body = {
      name: 'n8n',
      role: 'sender',
      mode: 'test',
      sessionIds: ['main'],
      expiresAt: '2027-01-01T00:00:00+01:00',
    };
    const { status, json } = await http.call('POST', '/v1/keys', { body });
    expect(status).toBe(201);
    const { key, ...rest } = json;
    expect(key).toMatch(/^slk_test_[A-Za-z0-9_-]{43}$/);
    expect(rest).toEqual({
      ...body,
      id: expect.stringMatching(/^key_/) as unknown,
      prefix: String(key).slice(0, 14),
      createdAt: '2026-01-31T09:00:00.000Z',
      expiresAt: '2026-12-31T23:00:00.000Z',
      lastUsedAt: null,
    });
    expect(JSON.stringify([...http.keyStore.rows.values()])).not.toContain(key);
    const whoami = await http.call('GET', '/v1/whoami', { key: String(key) });
    expect(whoami.json).toEqual({
      id: json.id,
      name: 'n8n',
      role: 'sender',
      mode: 'test',
      sessionIds: ['main'],
      permissions: ['messages:send', 'messages:read-own', 'sessions:read'],
      expiresAt: '2026-12-31T23:00:00.000Z',
    });
  });

  it.each([
    [{}, ['name', 'role']],
    [{ name: ' ', role: 'boss' }, ['name', 'role']],
    [{ name: 'x', role: 'reader', mode: 'prod' }, ['mode']],
    [{ name: 'x', role: 'reader', sessionIds: ['a b'] }, ['sessionIds.0']],
    [{ name: 'x', role: 'reader', expiresAt: 'tomorrow' }, ['expiresAt']],
    [{ name: 'x', role: 'reader', expiresAt: '2026-01-31T09:00:00Z' }, ['expiresAt']],
    [{ name: 'x', role: 'reader', key: 'mine' }, ['key']],
  ])('refuses %j', async (body, paths) => {
    const { errors } = await http.refusal('POST', '/v1/keys', { body });
    expect(errors?.map(({ path }) => path)).toEqual(paths);
  });

  it('is not for an admin key with limits, which could shed them so', async () => {
    const body = { name: 'x', role: 'admin' };
    const limited = await http.makeKey('admin', { sessionIds: ['main'] });
    const test = await http.makeKey('admin', { mode: 'test' });
    for (const { key, record } of [limited, test]) {
      expect((await http.refusal('POST', '/v1/keys', { key, body })).code).toBe('forbidden');
      expect((await http.refusal('POST', `/v1/keys/${record.id}/rotate`, { key })).code).toBe('forbidden');
      expect((await http.refusal('DELETE', `/v1/keys/${record.id}`, { key })).code).toBe('forbidden');
      expect((await http.refusal('GET', '/v1/keys', { key })).code).toBe('forbidden');
    }
  });
});

it('GET /v1/keys lists page by page, without the keys', async () => {
  for (let count = 0; count < 3; count += 1) await http.makeKey('reader');
  const seen: unknown[] = [];
  let cursor = '';
  for (let pages = 0; pages < 2; pages += 1) {
    const { json, text } = await http.call('GET', `/v1/keys?limit=2${cursor}`);
    seen.push(...(json.data as unknown[]));
    expect(text).not.toMatch(/"hash"|slk_live_[\w-]{20}/);
    cursor = `&cursor=${String(json.nextCursor)}`;
    expect(json.nextCursor === null).toBe(pages === 1);
  }
  expect(seen).toHaveLength(4);
});

it('DELETE /v1/keys/{id} revokes at once, and once only', async () => {
  const { key, record } = await http.makeKey('reader');
  expect(await works(key)).toBe(true);
  expect((await http.call('DELETE', `/v1/keys/${record.id}`)).status).toBe(204);
  expect(await works(key)).toBe(false);
  expect((await http.refusal('DELETE', `/v1/keys/${record.id}`)).code).toBe('key_not_found');
});

describe('POST /v1/keys/{id}/rotate', () => {
  it('replaces the key at once', async () => {
    const { key, record } = await http.makeKey('sender', { sessionIds: ['a'] });
    const { status, json } = await http.call('POST', `/v1/keys/${record.id}/rotate`);
    expect(status).toBe(201);
    expect(json).toMatchObject({ name: 'sender', role: 'sender', sessionIds: ['a'], expiresAt: null });
    expect(await works(key)).toBe(false);
    expect(await works(String(json.key))).toBe(true);
  });

  it('lets the old key work for the grace time, and no longer than it would have', async () => {
    const lasting = await http.makeKey('reader');
    const ending = await http.makeKey('reader', { expiresAt: http.clock.at + 20_000 });
    const body = { graceSeconds: 60 };
    await http.call('POST', `/v1/keys/${lasting.record.id}/rotate`, { body });
    const renewed = await http.call('POST', `/v1/keys/${ending.record.id}/rotate`, { body });
    expect(renewed.json.expiresAt).toBe('2026-01-31T09:00:20.000Z');
    http.clock.at += 20_000;
    expect([await works(lasting.key), await works(ending.key)]).toEqual([true, false]);
    http.clock.at += 40_000;
    expect(await works(lasting.key)).toBe(false);
  });

  it('refuses a grace time that is none', async () => {
    const { record } = await http.makeKey('reader');
    for (const graceSeconds of [-1, 1.5, '60', 10 ** 9]) {
      const { errors } = await http.refusal('POST', `/v1/keys/${record.id}/rotate`, {
        body: { graceSeconds },
      });
      expect(errors?.[0]?.path).toBe('graceSeconds');
    }
  });
});

it('the time of the last use is written at most once a minute', async () => {
  const { key } = await http.makeKey('reader');
  for (const later of [0, 1_000, 58_999, 1]) {
    http.clock.at += later;
    await works(key);
  }
  expect(http.keyStore.touches).toEqual([http.clock.at - 60_000, http.clock.at]);
});

describe('the first admin key', () => {
  it('is made when there is none, and not again', async () => {
    http.keyStore.rows.clear();
    const { created } = await http.keys.ensureAdminKey(null);
    expect(created).toMatch(/^slk_live_/);
    expect((await http.call('GET', '/v1/whoami', { key: String(created) })).json.role).toBe('admin');
    expect(await http.keys.ensureAdminKey(null)).toEqual({ created: null });
  });

  it('that is configured always works, without a row, until another is configured', async () => {
    const configured = 'configured-admin-key-0123456789';
    const keys = createKeys({ store: http.keyStore, clock: http.clock });
    http.keyStore.rows.clear();
    expect(await keys.ensureAdminKey(configured)).toEqual({ created: null });
    expect(http.keyStore.rows.size).toBe(0);
    expect(await keys.authenticate(configured)).toMatchObject({
      role: 'admin',
      mode: 'live',
      sessionIds: [],
    });
    await expect(keys.authenticate(`${configured}x`)).rejects.toMatchObject({ code: 'invalid_key' });
    await keys.ensureAdminKey('another-configured-key-012345678');
    await expect(keys.authenticate(configured)).rejects.toMatchObject({ code: 'invalid_key' });
  });
});
