/**
 * Webhooks, deliveries and events over HTTP, the stream among them.
 */
import { gatewayError } from '../../../gateway/src/domain/error.js';
import type { StoredEvent } from '../../../gateway/src/domain/event.js';
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

const HOOK = { url: 'https://n8n.example.org/webhook/1', events: ['message.received'] };
const create = async () => (await http.call('POST', '/v1/webhooks', { body: HOOK })).json;

describe('POST /v1/webhooks', () => {
  it('answers 201 with the secret once, then 200 without', async () => {
    const first = await http.call('POST', '/v1/webhooks', { body: HOOK });
    expect(first.status).toBe(201);
    expect(first.json).toEqual({
      ...HOOK,
      id: expect.stringMatching(/^whk_/) as unknown,
      sessionIds: [],
      filter: null,
      headers: {},
      description: null,
      state: 'enabled',
      stateReason: null,
      failingSince: null,
      createdAt: '1970-01-01T00:00:01.000Z',
      updatedAt: '1970-01-01T00:00:01.000Z',
      secret: 'whsec_c2VjcmV0',
    });
    const again = await http.call('POST', '/v1/webhooks', { body: HOOK });
    expect(again.status).toBe(200);
    expect(again.json.id).toBe(first.json.id);
    expect(again.json).not.toHaveProperty('secret');
  });

  it.each([
    [{}, ['url', 'events']],
    [{ ...HOOK, url: 'ftp://a.b' }, ['url']],
    [{ ...HOOK, url: 'here' }, ['url']],
    [{ ...HOOK, events: [] }, ['events']],
    [{ ...HOOK, events: ['message.recieved'] }, ['events.0']],
    [{ ...HOOK, sessionIds: 'main' }, ['sessionIds']],
    [{ ...HOOK, filter: { chatKind: 'channel' } }, ['filter.chatKind']],
    [{ ...HOOK, headers: { 'X-Key': 'a\r\nb' } }, ['headers.X-Key']],
    [{ ...HOOK, secret: 'mine' }, ['secret']],
  ])('refuses %j', async (body, paths) => {
    const { errors } = await http.refusal('POST', '/v1/webhooks', { body });
    expect(errors?.map(({ path }) => path)).toEqual(paths);
  });

  it('passes on target_not_allowed', async () => {
    http.webhooks.script.refuse = gatewayError('target_not_allowed');
    expect(await http.refusal('POST', '/v1/webhooks', { body: HOOK })).toMatchObject({
      code: 'target_not_allowed',
      status: 422,
    });
  });
});

it('a webhook is listed, read, changed, disabled and deleted', async () => {
  const { id } = await create();
  const path = `/v1/webhooks/${String(id)}`;
  expect((await http.call('GET', '/v1/webhooks')).json).toMatchObject({ data: [{ id }], nextCursor: null });
  expect((await http.call('GET', path)).json.url).toBe(HOOK.url);
  const changed = await http.call('PATCH', path, { body: { enabled: false, filter: { from: '49' } } });
  expect(changed.json).toMatchObject({ state: 'disabled', filter: { from: '49' } });
  expect((await http.refusal('PATCH', path, { body: {} })).code).toBe('invalid_request');
  expect((await http.refusal('POST', `${path}/test`)).code).toBe('invalid_state');
  expect((await http.call('DELETE', path)).status).toBe(204);
  expect((await http.refusal('GET', path)).code).toBe('webhook_not_found');
});

it('a webhook is tested, gets a new secret, and its deliveries are read and sent again', async () => {
  const path = `/v1/webhooks/${String((await create()).id)}`;
  const test = await http.call('POST', `${path}/test`);
  expect(test.json).toMatchObject({
    state: 'dead',
    attempts: [{ status: 500, at: '1970-01-01T00:00:01.500Z' }],
  });
  const rotated = await http.call('POST', `${path}/rotate-secret`, { body: { graceSeconds: 60 } });
  expect(rotated.json).toMatchObject({
    secret: 'whsec_bmV3',
    previousSecretExpiresAt: '1970-01-01T00:01:30.000Z',
  });
  const deliveries = await http.call('GET', `${path}/deliveries?state=dead&limit=5`);
  expect(deliveries.json.data).toHaveLength(1);
  expect(http.webhooks.calls).toEqual([{ graceSeconds: 60 }, { state: 'dead', limit: 5 }]);
  expect((await http.refusal('GET', `${path}/deliveries?state=lost`)).code).toBe('invalid_request');
  const again = await http.call('POST', `/v1/deliveries/${String(test.json.id)}/redeliver`);
  expect(again.json.state).toBe('pending');
});

it('a replay names where it begins, in one way', async () => {
  const path = `/v1/webhooks/${String((await create()).id)}/replay`;
  const replay = await http.call('POST', path, { body: { since: '2026-01-01T00:00:00Z' } });
  expect(replay).toMatchObject({ status: 202, json: { queued: 3 } });
  await http.call('POST', path, { body: { afterSeq: 5, sessionId: 'main' } });
  expect(http.webhooks.calls).toEqual([
    { since: Date.parse('2026-01-01') },
    { afterSeq: 5, sessionId: 'main' },
  ]);
  for (const body of [{}, { afterSeq: 1, since: '2026-01-01T00:00:00Z' }, { afterSeq: -1 }]) {
    expect((await http.refusal('POST', path, { body })).code).toBe('invalid_request');
  }
});

describe('events', () => {
  const event = (seq: number): StoredEvent => ({
    id: `evt_${String(seq)}`,
    seq,
    type: 'message.received',
    sessionId: 'main',
    at: 1_000 * seq,
    data: { text: 'line one\nline two' },
  });

  it('are read as envelopes, with the filters of the query', async () => {
    http.events.rows.push(event(1));
    const path =
      '/v1/events?sessionId=main&types=message.received,message.sent&afterSeq=0&limit=7&waitSeconds=20&cursor=c';
    expect((await http.call('GET', path)).json).toEqual({
      data: [
        {
          id: 'evt_1',
          seq: 1,
          type: 'message.received',
          timestamp: '1970-01-01T00:00:01.000Z',
          sessionId: 'main',
          data: { text: 'line one\nline two' },
        },
      ],
      nextCursor: 'next',
    });
    expect(http.events.lists[0]).toMatchObject({
      sessionId: 'main',
      types: ['message.received', 'message.sent'],
      afterSeq: 0,
      limit: 7,
      waitMs: 20_000,
      cursor: 'c',
    });
    await http.call('GET', '/v1/events?types=*');
    expect(http.events.lists[1]).toMatchObject({ types: [], waitMs: 0 });
    for (const query of ['types=message.gone', 'afterSeq=-1', 'waitSeconds=61']) {
      expect((await http.refusal('GET', `/v1/events?${query}`)).code).toBe('invalid_request');
    }
  });

  it('are streamed as they happen, until the gateway stops', async () => {
    http.events.rows.push(event(1), event(2));
    const headers = { 'Last-Event-ID': 'evt_0' };
    const response = await http.fetchRaw('GET', '/v1/events/stream?types=message.received', { headers });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    const timers = http.clock.timers;
    while (timers.length === 0) await new Promise(setImmediate);
    timers[0]?.();
    http.drain();
    const text = await response.text();
    const frames = text.split('\n\n').filter((frame) => frame.startsWith('id:'));
    expect(frames).toHaveLength(2);
    const [id, type, data] = (frames[1] ?? '').split('\n');
    expect([id, type]).toEqual(['id: evt_2', 'event: message.received']);
    expect(JSON.parse(data?.slice('data: '.length) ?? '')).toMatchObject({
      seq: 2,
      data: { text: 'line one\nline two' },
    });
    expect(text).toContain(': still here\n\n');
    expect(http.events.follows[0]).toMatchObject({ types: ['message.received'], lastEventId: 'evt_0' });
  });

  it('are no longer followed when the client has gone', async () => {
    const client = new AbortController();
    await http.fetchRaw('GET', '/v1/events/stream', { signal: client.signal });
    while (http.events.follows.length === 0) await new Promise(setImmediate);
    const { signal } = http.events.follows[0] ?? {};
    const ended = new Promise((resolve) => signal?.addEventListener('abort', resolve));
    client.abort();
    await ended;
    expect(signal?.aborted).toBe(true);
  });
});
