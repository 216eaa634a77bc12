/**
 * What bad input gets from the whole gateway: each refusal with its code, no crashed session, no half-written row.
 */
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { pair, useWorld } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550007001';
const BOB = '4915550007002';
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'bad', number: PHONE });
});

interface Problem {
  status: number;
  code: string;
  requestId: string;
  retryable: boolean;
  errors?: { path: string; message: string }[];
}

const message = { sessionId: 'bad', to: BOB, text: { body: 'x' } };

const REFUSED: [
  string,
  string,
  object | undefined,
  { raw?: string; headers?: Record<string, string>; key?: string | null },
  number,
  string,
][] = [
  ['an unknown field', '/v1/messages', { ...message, txt: 'x' }, {}, 400, 'invalid_request'],
  ['a wrong type', '/v1/messages', { ...message, to: 49_155 }, {}, 400, 'invalid_request'],
  ['an empty text', '/v1/messages', { ...message, text: { body: '' } }, {}, 400, 'invalid_request'],
  [
    'a text that is too long',
    '/v1/messages',
    { ...message, text: { body: 'x'.repeat(65_001) } },
    {},
    400,
    'invalid_request',
  ],
  ['no recipient', '/v1/messages', { sessionId: 'bad', text: 'x' }, {}, 400, 'invalid_request'],
  [
    'a type that does not exist',
    '/v1/messages',
    { ...message, type: 'hologram' },
    {},
    400,
    'invalid_request',
  ],
  ['an array instead of an object', '/v1/messages', [], {}, 400, 'invalid_request'],
  [
    'a body that is not JSON',
    '/v1/messages',
    undefined,
    { raw: '{"to":', headers: { 'content-type': 'application/json' } },
    400,
    'invalid_request',
  ],
  [
    'another content type',
    '/v1/messages',
    undefined,
    { raw: 'to=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    'unsupported_media',
  ],
  ['a body that is too large', '/v1/keys', { name: 'x'.repeat(40_000_000) }, {}, 413, 'payload_too_large'],
  ['a recipient that is no number', '/v1/messages', { ...message, to: 'Bob' }, {}, 422, 'recipient_invalid'],
  ['a national number', '/v1/messages', { ...message, to: '0155 5000 7002' }, {}, 422, 'recipient_invalid'],
  ['a number that is too short', '/v1/messages', { ...message, to: '12345' }, {}, 422, 'recipient_invalid'],
  [
    'a number that is not on WhatsApp',
    '/v1/messages',
    { ...message, to: '4915550008888' },
    {},
    422,
    'recipient_not_on_whatsapp',
  ],
  [
    'a session that does not exist',
    '/v1/messages',
    { ...message, sessionId: 'nobody' },
    {},
    404,
    'session_not_found',
  ],
  ['a session id that exists', '/v1/sessions', { id: 'bad' }, {}, 409, 'session_exists'],
  ['a session id with a space', '/v1/sessions', { id: 'b a d' }, {}, 400, 'invalid_request'],
  [
    'an idempotency key that is too long',
    '/v1/messages',
    message,
    { headers: { 'idempotency-key': 'k'.repeat(256) } },
    400,
    'invalid_request',
  ],
  ['no key', '/v1/messages', message, { key: null }, 401, 'invalid_key'],
  ['a wrong key', '/v1/messages', message, { key: 'slk_live_wrong' }, 401, 'invalid_key'],
  [
    'a private webhook',
    '/v1/webhooks',
    { url: 'http://10.0.0.1/x', events: ['*'] },
    {},
    422,
    'target_not_allowed',
  ],
  ['a webhook that is no URL', '/v1/webhooks', { url: 'nowhere', events: ['*'] }, {}, 400, 'invalid_request'],
  [
    'an event that does not exist',
    '/v1/webhooks',
    { url: 'https://example.com/', events: ['nope'] },
    {},
    400,
    'invalid_request',
  ],
  ['an address that does not exist', '/v1/nothing', {}, {}, 404, 'not_found'],
];

test.each(REFUSED)('%s is refused', async (_what, path, body, options, status, code) => {
  const answer = await gateway.call<Problem>('POST', path, body, options);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
  if (code === 'invalid_request' && body && !Array.isArray(body))
    expect(answer.body.errors?.[0]?.message).toBeTruthy();
});

test('a revoked key is refused', async () => {
  const { id, key } = await gateway.ask<{ id: string; key: string }>('POST', '/v1/keys', {
    name: 'r',
    role: 'sender',
  });
  expect((await gateway.call('GET', '/v1/whoami', undefined, { key })).status).toBe(200);
  expect((await gateway.call('DELETE', `/v1/keys/${id}`)).status).toBe(204);
  expect((await gateway.call('GET', '/v1/whoami', undefined, { key })).body.code).toBe('invalid_key');
});

test('a sender may send, and may not create sessions or read what others sent', async () => {
  const { key } = await gateway.ask<{ key: string }>('POST', '/v1/keys', { name: 's', role: 'sender' });
  const mine = await gateway.ask<{ id: string }>('POST', '/v1/messages', message);
  expect((await gateway.call('POST', '/v1/sessions', {}, { key })).body.code).toBe('forbidden');
  expect((await gateway.call('GET', `/v1/messages/${mine.id}`, undefined, { key })).status).not.toBe(200);
  expect((await gateway.call('POST', '/v1/messages', message, { key })).status).toBe(202);
});

test('only an admin may turn the pacing off', async () => {
  const { key } = await gateway.ask<{ key: string }>('POST', '/v1/keys', { name: 'o', role: 'operator' });
  const unpaced = { policy: { preset: 'unpaced' } };
  expect((await gateway.call('PATCH', '/v1/sessions/bad', unpaced, { key })).body.code).toBe('forbidden');
});

test('an admin key that is too weak keeps the gateway from starting', async () => {
  await expect(
    world.start({ dataDir: world.newDataDir(), env: { SLUICE_ADMIN_KEY: 'short' } }),
  ).rejects.toThrow(/ended with code 1[^]*SLUICE_ADMIN_KEY/);
});

test('an unknown setting keeps the gateway from starting', async () => {
  await expect(world.start({ dataDir: world.newDataDir(), env: { SLUICE_PROT: '1' } })).rejects.toThrow(
    /SLUICE_PROT/,
  );
});

test('after all of it the session is connected, and neither secrets, numbers nor texts are in the log', async () => {
  expect((await gateway.ask<{ status: string }>('GET', '/v1/sessions/bad')).status).toBe('connected');
  const output = gateway.output();
  for (const secret of [BOB, PHONE, 'slk_live_', 'privKey']) expect(output).not.toContain(secret);
});
