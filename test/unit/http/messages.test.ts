/**
 * Messages over HTTP: what is accepted, waiting, idempotency, who sees what, cancel and retry.
 */
import { gatewayError, type ErrorCode } from '../../../gateway/src/domain/error.js';
import type { Message } from '../../../gateway/src/domain/message.js';
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

const TO = '+49 151 12345678';
const TEXT = { to: TO, text: { body: 'hello' } };
const send = (body: unknown, query = '') => http.call('POST', `/v1/messages${query}`, { body });
const pathsOf = async (body: unknown): Promise<string[] | undefined> =>
  (await http.refusal('POST', '/v1/messages', { body })).errors?.map(({ path }) => path);

describe('POST /v1/messages', () => {
  it('answers 202 and exactly the documented shape', async () => {
    const { status, json, headers } = await send({
      ...TEXT,
      sessionId: 'main',
      type: 'text',
      sendAt: '2026-02-01T12:00:00+01:00',
      reference: 'order 7',
    });
    expect(status).toBe(202);
    expect(headers.get('idempotent-replayed')).toBeNull();
    expect(json).toEqual({
      id: expect.stringMatching(/^msg_/) as unknown,
      waId: expect.stringMatching(/^3EB0/) as unknown,
      sessionId: 'main',
      to: TO,
      type: 'text',
      status: 'queued',
      queuedAt: '1970-01-01T00:00:05.000Z',
      sendAt: '2026-02-01T11:00:00.000Z',
      hold: { code: 'gap', message: 'held 5 s', until: '1970-01-01T00:00:10.000Z' },
      estimatedSendAt: '1970-01-01T00:00:11.000Z',
      attempts: 0,
      error: null,
      timeline: [{ status: 'queued', at: '1970-01-01T00:00:05.000Z' }],
      reference: 'order 7',
      campaignId: null,
      test: false,
    });
  });

  it('takes a bare string as text, and marks what a test key sends', async () => {
    const { key } = await http.makeKey('sender', { mode: 'test' });
    const { json } = await http.call('POST', '/v1/messages', { key, body: { to: TO, text: 'hi' } });
    expect(json.test).toBe(true);
    expect(http.outbox.calls[0]?.[0].mode).toBe('test');
    expect(http.outbox.calls[0]?.[1].content).toEqual({ type: 'text', text: { body: 'hi' } });
  });

  it.each([
    [{}, ['to', 'text']],
    [{ to: '', text: 'a' }, ['to']],
    [{ to: 4915112345678, text: 'a' }, ['to']],
    [{ to: TO, text: '' }, ['text']],
    [{ to: TO, text: { body: 'x'.repeat(65_001) } }, ['text.body']],
    [{ to: TO, text: { bdy: 'x' } }, ['text.body', 'text.bdy']],
    [{ to: TO, text: null }, ['text']],
    [{ ...TEXT, image: { id: 'med_1' } }, ['image']],
    [{ ...TEXT, sendAt: 'soon' }, ['sendAt']],
    [{ ...TEXT, sendAt: '2026-02-01' }, ['sendAt']],
    [{ ...TEXT, reference: '' }, ['reference']],
    [{ ...TEXT, sessionId: 'a/b' }, ['sessionId']],
    [{ ...TEXT, dryRun: 'no' }, ['dryRun']],
    [{ ...TEXT, priority: 101 }, ['priority']],
    [{ ...TEXT, typing: 'long' }, ['typing']],
    [[TEXT], ['']],
  ])('refuses %#: %j', async (body, paths) => {
    expect(await pathsOf(body)).toEqual(paths);
    expect(http.outbox.calls).toHaveLength(0);
  });

  it.each(['nonsense', 'buttons', 5])('says that there is no type %s', async (type) => {
    const problem = await http.refusal('POST', '/v1/messages', {
      body: { to: TO, type, [String(type)]: {} },
    });
    expect(problem.errors).toEqual([
      {
        path: 'type',
        message: expect.stringMatching(/is not a type of message; there are text, /) as unknown,
      },
    ]);
  });

  it.each([
    ['recipient_invalid', 422],
    ['recipient_not_on_whatsapp', 422],
    ['idempotency_key_reused', 422],
    ['session_not_found', 404],
    ['no_session', 503],
    ['queue_full', 503],
    ['shutting_down', 503],
  ] as [ErrorCode, number][])('passes on %s', async (code, status) => {
    http.outbox.script.refuse = gatewayError(code);
    expect(await http.refusal('POST', '/v1/messages', { body: TEXT })).toMatchObject({ code, status });
  });

  it('stores nothing in a dry run and answers 200', async () => {
    const { status } = await send({ ...TEXT, dryRun: true });
    expect(status).toBe(200);
    expect(http.outbox.calls[0]?.[1].dryRun).toBe(true);
    expect(http.outbox.rows.size).toBe(0);
  });
});

describe('the idempotency key', () => {
  const withKey = (key: string, body: unknown) =>
    http.call('POST', '/v1/messages', { body, headers: { 'Idempotency-Key': key } });
  const hashes = () => http.outbox.calls.map(([, , idempotency]) => idempotency?.bodyHash);

  it('reaches the outbox with a hash of what was asked, however it was written', async () => {
    await withKey('k1', TEXT);
    await withKey('k1', '{ "text": "hello", "to": "+49 151 12345678" }');
    await withKey('k1', { ...TEXT, text: 'other' });
    expect(http.outbox.calls.map(([, , idempotency]) => idempotency?.key)).toEqual(['k1', 'k1', 'k1']);
    const [first, same, other] = hashes();
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });

  it('is not needed', async () => {
    await send(TEXT);
    expect(http.outbox.calls[0]?.[2]).toBeNull();
  });

  it('of a message that was sent before is answered with that message, and says so', async () => {
    const { json } = await send(TEXT);
    http.outbox.script.replay = http.outbox.rows.get(String(json.id));
    const again = await withKey('k1', TEXT);
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.json.id).toBe(json.id);
  });

  it.each(['', 'x'.repeat(256), 'caf\u00e9'])('that is none is refused: %#', async (key) => {
    const { errors } = await http.refusal('POST', '/v1/messages', {
      body: TEXT,
      headers: { 'Idempotency-Key': key },
    });
    expect(errors?.[0]?.path).toBe('idempotency-key');
  });
});

describe('waiting', () => {
  it.each([
    ['sent', { status: 'sent' }, 200],
    ['sent', { status: 'read' }, 200],
    ['sent', { status: 'failed', error: { code: 'x', message: 'y', retryable: false } }, 200],
    ['delivered', { status: 'sent' }, 202],
    ['sent', {}, 202],
  ] as [string, Partial<Message>, number][])('for %s, come to %j: %i', async (wait, reach, status) => {
    http.outbox.script.reach = reach;
    const answer = await send(TEXT, `?wait=${wait}&timeoutSeconds=3`);
    expect(answer.status).toBe(status);
    expect(answer.json.status).toBe(reach.status ?? 'queued');
    expect(http.outbox.waits).toEqual([{ status: wait, timeoutMs: 3_000 }]);
  });

  it('takes 15 s by default and 60 s at most', async () => {
    await send(TEXT, '?wait=read');
    expect(http.outbox.waits[0]?.timeoutMs).toBe(15_000);
    for (const query of ['?wait=queued', '?wait=sent&timeoutSeconds=61', '?wait=sent&timeoutSeconds=x']) {
      expect((await http.refusal('POST', `/v1/messages${query}`, { body: TEXT })).code).toBe(
        'invalid_request',
      );
    }
  });

  it('ends with the answer as it stands when the gateway stops', async () => {
    http.outbox.script.holdWait = new Promise(() => undefined);
    const answer = send(TEXT, '?wait=sent&timeoutSeconds=60');
    while (http.outbox.waits.length === 0) await new Promise(setImmediate);
    http.drain();
    expect(await answer).toMatchObject({ status: 202, json: { status: 'queued' } });
  });
});

describe('messages that were accepted', () => {
  it('are listed with the filters of the query', async () => {
    for (const sessionId of ['a', 'a', 'b']) await send({ ...TEXT, sessionId });
    expect((await http.call('GET', '/v1/messages?sessionId=a')).json.data).toHaveLength(2);
    expect((await http.call('GET', '/v1/messages?status=sent')).json.data).toHaveLength(0);
    expect((await http.call('GET', '/v1/messages?limit=1')).json).toMatchObject({ nextCursor: 'next' });
    expect((await http.refusal('GET', '/v1/messages?status=gone')).errors?.[0]?.path).toBe('status');
  });

  it('that another key sent are hidden from a sender', async () => {
    const sender = await http.makeKey('sender');
    const own = (await http.call('POST', '/v1/messages', { key: sender.key, body: TEXT })).json;
    const other = (await send(TEXT)).json;
    const list = await http.call('GET', '/v1/messages', { key: sender.key });
    expect((list.json.data as { id: unknown }[]).map(({ id }) => id)).toEqual([own.id]);
    const path = (id: unknown, verb = '') => `/v1/messages/${String(id)}${verb}`;
    expect((await http.call('GET', path(own.id), { key: sender.key })).json.id).toBe(own.id);
    expect((await http.refusal('GET', path(other.id), { key: sender.key })).code).toBe('forbidden');
    expect((await http.refusal('POST', path(other.id, '/cancel'), { key: sender.key })).code).toBe(
      'forbidden',
    );
    const reader = await http.makeKey('reader', { sessionIds: ['elsewhere'] });
    expect((await http.refusal('GET', path(own.id), { key: reader.key })).code).toBe('forbidden');
  });

  it('can be cancelled and retried only where that is possible', async () => {
    const { id } = (await send(TEXT)).json;
    const act = (verb: string) => `/v1/messages/${String(id)}/${verb}`;
    expect((await http.refusal('POST', act('retry'))).code).toBe('invalid_state');
    const canceled = await http.call('POST', act('cancel'));
    expect(canceled.json).toMatchObject({ id, status: 'canceled', estimatedSendAt: null });
    expect(await http.refusal('POST', act('cancel'))).toMatchObject({ code: 'invalid_state', status: 409 });
  });
});
