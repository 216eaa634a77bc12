/**
 * What the user sees when something goes wrong: each refusal of the gateway, a gateway that is not there,
 * another program at its address, and "On Error: Continue".
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import nock from 'nock';

import { BASE_URL } from './support/credentials';
import { runNode, type NodeSettings } from './support/engine';
import { accepted, gateway, problem, resetGateway } from './support/gateway';

const parameters: NodeSettings['parameters'] = { operation: 'text', to: '={{ $json.to }}', message: 'Hello' };
const TO = '+4915112345678';
const send = (more: Partial<NodeSettings> = {}): ReturnType<typeof runNode> =>
  runNode('sendMessage', { parameters, ...more }, [{ to: TO }]);

beforeEach(resetGateway);

/** What the nodes add to the gateway's words, per code; empty where those are enough. */
const ADVICE: Record<string, string> = {
  invalid_request: '',
  invalid_key: 'valid API key',
  key_expired: 'new API key',
  forbidden: '"operator"',
  not_found: '',
  session_not_found: 'Choose a session',
  message_not_found: 'Take the ID',
  webhook_not_found: 'Deactivate and activate',
  delivery_not_found: '',
  group_not_found: '',
  campaign_not_found: '',
  opt_out_not_found: '',
  key_not_found: '',
  media_not_found: '',
  media_not_ready: '',
  range_not_satisfiable: '',
  qr_not_available: '',
  session_exists: '',
  session_connected: '',
  invalid_state: '',
  payload_too_large: 'smaller batch',
  media_too_large: '',
  unsupported_media: '',
  recipient_invalid: '',
  recipient_not_on_whatsapp: 'can skip',
  recipient_opted_out: 'can skip',
  media_unreachable: '',
  target_not_allowed: '',
  idempotency_key_reused: '$now',
  rate_limited: 'wait longer',
  recipient_cooldown: 'wait longer',
  minute_limit_reached: 'wait longer',
  daily_limit_reached: '',
  quota_exceeded: '',
  internal: '',
  no_session: 'Session QR',
  session_not_connected: 'status of the session',
  queue_full: '',
  shutting_down: '',
};

/** Every code with its status, from the table that is generated from the gateway's. */
const CODES = [
  ...readFileSync(join(__dirname, '../../docs/reference/errors.md'), 'utf8').matchAll(
    /<\/a>`(\w+)` \| (\d{3}) \|/g,
  ),
].map(([, code = '', status]): [string, number] => [code, Number(status)]);

it('every code of the gateway has been looked at here', () => {
  expect(CODES.length).toBeGreaterThan(30);
  expect(CODES.map(([code]) => code).sort()).toEqual(Object.keys(ADVICE).sort());
});

describe('a refusal of the gateway', () => {
  it.each(CODES.map(([code, status]): [string, number, string] => [code, status, ADVICE[code] ?? '']))(
    '%s says what, why and what to do, with status and item',
    async (code, status, advice) => {
      gateway({ 'POST /v1/messages': problem(code, status) });
      const { error, run } = await send();
      expect(run.status).toBe('error');
      expect(error?.message).toContain(`Title of ${code}. Detail of ${code}.`);
      expect(error?.message).toContain(advice);
      expect(error?.description).toBe(`Code: ${code}, request ID: req_1`);
      expect(error?.httpCode).toBe(String(status));
      expect(error?.context?.itemIndex).toBe(0);
    },
  );

  it('names the fields that do not fit', async () => {
    const errors = [{ path: 'text.body', message: 'is too long' }];
    gateway({ 'POST /v1/messages': problem('invalid_request', 400, { errors }) });
    expect((await send()).error?.message).toContain('text.body: is too long.');
  });

  it('shows words that n8n would replace by its own', async () => {
    gateway({
      'POST /v1/messages': problem('invalid_state', 409, { detail: 'The preexisting message stays' }),
    });
    expect((await send()).error?.message).toContain('The preexisting message stays.');
  });

  it('says nothing twice when the detail begins with the title', async () => {
    gateway({
      'POST /v1/messages': problem('queue_full', 503, {
        title: 'The queue is full',
        detail: 'The queue is full. Wait.',
      }),
    });
    expect((await send()).error?.message).toBe('The queue is full. Wait.');
  });
});

describe('no gateway', () => {
  it('a refused connection names the address and the way out of Docker', async () => {
    nock(BASE_URL)
      .post('/v1/messages')
      .replyWithError(
        Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:3777'), { code: 'ECONNREFUSED' }),
      );
    const { error } = await send();
    expect(error?.message).toContain(`cannot be reached at ${BASE_URL}`);
    expect(error?.message).toContain('http://host.docker.internal:3777');
    expect(error?.description).toContain('ECONNREFUSED');
    expect(error?.httpCode).toBeNull();
  });

  it('a timeout says so', async () => {
    nock(BASE_URL)
      .post('/v1/messages')
      .replyWithError(Object.assign(new Error('timeout of 30000ms exceeded'), { code: 'ECONNABORTED' }));
    expect((await send()).error?.message).toContain('did not answer in time');
  });

  it.each([
    [404, '<html>Not here</html>', 'text/html'],
    [200, '<html>Welcome</html>', 'text/html'],
    [502, '', 'text/plain'],
    [301, '', 'text/plain'],
    [400, '{"error":"other"}', 'application/json'],
  ])('another program that answers %i %s is named', async (status, body, type) => {
    gateway({ 'POST /v1/messages': { status, body, headers: { 'content-type': type } } });
    const { error } = await send();
    expect(error?.message).toContain(
      `answered with status ${status}, but not in the way a Sluice gateway does`,
    );
    expect(error?.message).toContain('Check the base URL');
  });

  it('a slash at the end of the base URL does no harm', async () => {
    const calls = gateway({ 'POST /v1/messages': accepted() });
    const credential = { baseUrl: `${BASE_URL}/ `, apiKey: 'slk_test_0123456789' };
    expect((await send({ run: { credential } })).error).toBeUndefined();
    expect(calls).toHaveLength(1);
  });

  it('a missing credential is named by n8n', async () => {
    const { error } = await send({ credentials: {} }).catch((error: unknown) => ({ error: error as Error }));
    expect(error?.message).toMatch(/credentials|has issues/i);
  });
});

describe('"On Error: Continue"', () => {
  const input = [{ to: TO }, { to: 'nobody' }, { to: '+4915187654321' }];
  const replies = [accepted({ id: 'msg_a' }), problem('recipient_not_on_whatsapp', 422)];

  it('outputs an error item per failed item, with code and status, linked to its input', async () => {
    gateway({ 'POST /v1/messages': replies });
    const { items, error } = await runNode(
      'sendMessage',
      { parameters, onError: 'continueRegularOutput' },
      input,
    );
    expect(error).toBeUndefined();
    expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
    expect(items[0]?.json.id).toBe('msg_a');
    expect(items[1]?.json.error).toContain('The recipient "nobody" is not valid');
    expect(items[2]?.json).toEqual({
      error: expect.stringContaining('Title of recipient_not_on_whatsapp') as unknown,
      code: 'recipient_not_on_whatsapp',
      httpCode: 422,
    });
  });

  it('sends failed items to the error output together with their input', async () => {
    gateway({ 'POST /v1/messages': replies });
    const { items, errorItems } = await runNode(
      'sendMessage',
      { parameters, onError: 'continueErrorOutput' },
      input,
    );
    expect(items.map(({ json }) => json.id)).toEqual(['msg_a']);
    expect(errorItems.map(({ json }) => json.to)).toEqual(['nobody', '+4915187654321']);
    expect(errorItems[1]?.json.error).toContain('Title of recipient_not_on_whatsapp');
  });

  it('skips recipients who cannot be reached when told so', async () => {
    gateway({ 'POST /v1/messages': replies });
    const options = { skipUnreachable: true };
    const { items, error } = await runNode('sendMessage', { parameters: { ...parameters, options } }, [
      { to: TO },
      { to: '+4915187654321' },
    ]);
    expect(error).toBeUndefined();
    expect(items[1]?.json).toMatchObject({
      status: 'skipped',
      code: 'recipient_not_on_whatsapp',
      to: '+4915187654321',
    });
    expect(items[1]?.pairedItem).toEqual({ item: 1 });
  });
});

describe('"not now" (429 and 503)', () => {
  it.each([
    ['rate_limited', 429],
    ['queue_full', 503],
  ])('%s is waited out and sent under the same key', async (code, status) => {
    const calls = gateway({
      'POST /v1/messages': [problem(code, status, { retryAfterSeconds: 0 }), accepted()],
    });
    const { error, items } = await send();
    expect(error).toBeUndefined();
    expect(items[0]?.json.id).toBe('msg_1');
    expect(new Set(calls.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  it('fails with the time to wait when that is longer than allowed', async () => {
    const calls = gateway({
      'POST /v1/messages': problem('daily_limit_reached', 429, { retryAfterSeconds: 7200 }),
    });
    const { error } = await send();
    expect(error?.message).toContain('It can go on in 7200 seconds.');
    expect(calls).toHaveLength(1);
  });

  it('does not wait at all with a limit of 0', async () => {
    const calls = gateway({ 'POST /v1/messages': problem('rate_limited', 429, { retryAfterSeconds: 1 }) });
    const { error } = await send({ parameters: { ...parameters, options: { maxWaitSeconds: 0 } } });
    expect(error?.httpCode).toBe('429');
    expect(calls).toHaveLength(1);
  });
});
