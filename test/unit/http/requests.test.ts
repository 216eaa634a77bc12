/**
 * What every route asks of a request: keys, roles, sessions, and that the thing is there.
 */
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

const TEXT = { to: '+49 151 12345678', text: { body: 'hello' } };

describe('keys', () => {
  it('are needed', async () => {
    const problem = await http.refusal('GET', '/v1/whoami', { key: null });
    expect(problem).toMatchObject({
      type: '/docs/errors#invalid_key',
      title: 'The API key is missing or not valid',
      status: 401,
      code: 'invalid_key',
      retryable: false,
    });
    expect(problem.detail).toBe('The request carries no API key. Send a valid key in the X-API-Key header.');
  });

  it.each(['', 'slk_live_wrong', 'x'.repeat(5_000)])('that are wrong (%#) are refused', async (key) => {
    expect((await http.refusal('GET', '/v1/whoami', { key })).code).toBe('invalid_key');
  });

  it('are taken from Authorization: Bearer as well, and from nothing else', async () => {
    const bearer = (scheme: string) => ({ key: null, headers: { Authorization: `${scheme} ${http.admin}` } });
    expect((await http.call('GET', '/v1/whoami', bearer('Bearer'))).status).toBe(200);
    expect((await http.refusal('GET', '/v1/whoami', bearer('Basic'))).code).toBe('invalid_key');
    expect((await http.refusal('GET', `/v1/whoami?key=${http.admin}`, { key: null })).code).toBe(
      'invalid_key',
    );
  });

  it('that were revoked or have expired say so', async () => {
    const { key, record } = await http.makeKey('reader', { expiresAt: http.clock.at + 1_000 });
    expect((await http.call('GET', '/v1/whoami', { key })).status).toBe(200);
    http.clock.at += 1_000;
    expect((await http.refusal('GET', '/v1/whoami', { key })).code).toBe('key_expired');
    await http.keys.revoke(record.id);
    expect((await http.refusal('GET', '/v1/whoami', { key })).code).toBe('invalid_key');
  });

  it.each([
    ['reader', 'POST', '/v1/messages', TEXT],
    ['reader', 'POST', '/v1/sessions', {}],
    ['reader', 'GET', '/v1/sessions/main/qr', undefined],
    ['sender', 'POST', '/v1/sessions', {}],
    ['sender', 'GET', '/v1/events', undefined],
    ['sender', 'GET', '/v1/webhooks', undefined],
    ['operator', 'GET', '/v1/keys', undefined],
    ['operator', 'POST', '/v1/keys', { name: 'x', role: 'admin' }],
  ] as const)('with the role %s may not %s %s', async (...[role, method, path, body]) => {
    const { key } = await http.makeKey(role);
    const problem = await http.refusal(method, path, { key, body });
    expect(problem.code).toBe('forbidden');
    expect(http.outbox.calls).toHaveLength(0);
    expect(http.sessions.rows.size).toBe(0);
  });

  it('limited to sessions reach no other', async () => {
    http.sessions.add('mine');
    http.sessions.add('theirs');
    const { key } = await http.makeKey('operator', { sessionIds: ['mine'] });
    expect((await http.call('GET', '/v1/sessions/mine', { key })).status).toBe(200);
    const refused = [
      ['GET', '/v1/sessions/theirs', undefined],
      ['DELETE', '/v1/sessions/theirs', undefined],
      ['POST', '/v1/sessions/theirs/stop', undefined],
      ['GET', '/v1/sessions/theirs/qr', undefined],
      ['GET', '/v1/sessions/theirs/recipients/4915112345678', undefined],
      ['POST', '/v1/messages', { ...TEXT, sessionId: 'theirs' }],
      ['GET', '/v1/messages?sessionId=theirs', undefined],
      ['GET', '/v1/events?sessionId=theirs', undefined],
      ['GET', '/v1/events/stream?sessionId=theirs', undefined],
      ['POST', '/v1/sessions', { id: 'theirs' }],
      ['POST', '/v1/sessions', {}],
    ] as const;
    for (const [method, path, body] of refused) {
      expect((await http.refusal(method, path, { key, body })).code).toBe('forbidden');
    }
    const { json } = await http.call('GET', '/v1/sessions', { key });
    expect((json.data as { id: string }[]).map(({ id }) => id)).toEqual(['mine']);
  });
});

describe('things that are not there', () => {
  it('are refused as not found', async () => {
    for (const path of ['/v1/nothing', '/v2/sessions', '/V1/Sessionss', '/index.php']) {
      expect((await http.refusal('GET', path)).code).toBe('not_found');
    }
  });

  it('include methods, and the answer names those that are', async () => {
    const answer = await http.call('PUT', '/v1/sessions/main');
    expect(answer.json.code).toBe('not_found');
    expect(answer.headers.get('allow')).toBe('GET, PATCH, DELETE, HEAD, OPTIONS');
  });

  it('are not what OPTIONS asks for', async () => {
    const { status, headers, text } = await http.call('OPTIONS', '/v1/messages', { key: null });
    expect([status, headers.get('allow'), text]).toEqual([204, 'POST, GET, HEAD, OPTIONS', '']);
  });

  it.each([
    ['GET', '/v1/sessions/none', 'session_not_found'],
    ['GET', '/v1/messages/msg_none', 'message_not_found'],
    ['GET', '/v1/media/med_none', 'media_not_found'],
    ['GET', '/v1/webhooks/whk_none', 'webhook_not_found'],
    ['POST', '/v1/deliveries/dlv_none/redeliver', 'delivery_not_found'],
    ['DELETE', '/v1/keys/key_none', 'key_not_found'],
  ])('%s %s: %s', async (method, path, code) => {
    expect(await http.refusal(method, path)).toMatchObject({ code, status: 404 });
  });

  it.each([
    '/v1/sessions/a.b',
    `/v1/sessions/${'x'.repeat(65)}`,
    '/v1/messages/%2e%2e%2f',
    '/v1/sessions/%E0%A4%A',
  ])('an id that cannot be one is not looked for: %s', async (path) => {
    expect((await http.refusal('GET', path)).code).toBe('invalid_request');
  });

  it('an unknown or repeated query parameter is refused', async () => {
    for (const query of ['limt=5', 'limit=5&limit=6', 'limit=0', 'limit=1e3', 'limit=201', 'cursor=']) {
      expect((await http.refusal('GET', `/v1/sessions?${query}`)).code).toBe('invalid_request');
    }
    expect((await http.refusal('GET', '/v1/whoami?x=1')).errors?.[0]?.path).toBe('x');
  });

  it.each([
    ['sessions', 'a b'],
    ['messages', 'msg_0'],
    ['keys', 'whk_01a20004eefe719fb62cbb40e2daff35'],
    ['webhooks', '5'],
    ['webhooks/whk_1/deliveries', 'garbage'],
    ['campaigns', 'garbage'],
    ['opt-outs', 'garbage'],
    ['events', ''],
  ])('a cursor that is none of %s is refused', async (list, cursor) => {
    const { code, errors } = await http.refusal('GET', `/v1/${list}?cursor=${encodeURIComponent(cursor)}`);
    expect([code, errors?.[0]?.path]).toEqual(['invalid_request', 'cursor']);
  });
});
