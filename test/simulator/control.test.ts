/**
 * The control API refuses what makes no sense with a reason, and whoever is not on this machine.
 */
import { connect } from 'node:net';
import { request } from 'node:http';
import { createControlRouter, type ControlDeps } from '../../gateway/src/simulator/control/app.js';
import { OPERATIONS } from '../../gateway/src/simulator/control/operations.js';
import { openStage, type Stage } from './support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

interface Answer {
  status: number;
  body: { code?: string; detail?: string };
}

function call(
  method: string,
  path: string,
  options: { body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(stage.simulator.controlUrl);
    const headers = { 'content-type': 'application/json', ...options.headers };
    const outgoing = request({ hostname, port, path: `/control/v1${path}`, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, body: (text ? JSON.parse(text) : {}) as Answer['body'] });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}
const post = (path: string, body: unknown): Promise<Answer> =>
  call('POST', path, { body: JSON.stringify(body) });

test.each([
  ['a number with a plus', '/phones', { number: '+491555', name: 'x' }],
  ['an unknown field', '/phones', { number: '4915550000001', colour: 'red' }],
  ['no number', '/contacts', {}],
  ['a message with neither text nor content', '/phones/4915550000009/messages', { from: '4915550000008' }],
  [
    'an unknown kind of message',
    '/phones/4915550000009/messages',
    { from: '4915550000008', content: { kind: 'song' } },
  ],
  [
    'a latitude off the globe',
    '/phones/4915550000009/messages',
    { from: '4915550000008', content: { kind: 'location', latitude: 91, longitude: 0 } },
  ],
  ['an unknown fault', '/faults', { kind: 'earthquake' }],
  ['a stream error that clients do not know', '/connections/drop', { how: 'stream_error', code: 402 }],
  ['a receipt without ids', '/receipts', { from: '4915550000008', to: '4915550000009', waIds: [] }],
])('%s is 400', async (_what, path, body) => {
  await post('/contacts', { number: '4915550000008' });
  await post('/phones', { number: '4915550000009' });
  const { status, body: problem } = await post(path, body);
  expect(status).toBe(400);
  expect(problem.code).toBe('invalid_request');
  expect(problem.detail).not.toBe('');
});

test.each([
  [{ kind: 'latency' }, /needs delayMs/],
  [{ kind: 'bandwidth', session: '4915550000009' }, /needs bytesPerSecond/],
  [{ kind: 'hang_handshake', session: '4915550000009' }, /no use for session/],
  [{ kind: 'refuse_connection', count: 1 }, /no use for count/],
  [{ kind: 'drop_query', recipient: '4915550000008' }, /no use for recipient/],
  [{ kind: 'drop_ack', code: 463 }, /no use for code; it understands session, recipient, count, durationMs/],
])('a fault that could never do what it says is 400: %j', async (fault, reason) => {
  const { status, body } = await post('/faults', fault);
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'impossible_fault' });
  expect(body.detail).toMatch(reason);
  expect(await stage.control.faults()).toEqual([]);
});

test('a message in a group about something never seen is 422', async () => {
  await post('/contacts', [{ number: '4915550000301' }, { number: '4915550000302' }]);
  const group = await post('/groups', {
    subject: 'G',
    creator: '4915550000301',
    members: ['4915550000302'],
  });
  const id = (group.body as unknown as { id: string }).id;
  const vote = { kind: 'vote', waId: 'NONE', options: ['x'] };
  expect(await post(`/groups/${id}/messages`, { from: '4915550000301', content: vote })).toMatchObject({
    status: 422,
    body: { code: 'impossible_message' },
  });
});

test('a body that is no JSON is 400, a path that does not exist 404', async () => {
  expect(await call('POST', '/phones', { body: '{"number":' })).toMatchObject({ status: 400 });
  expect(await call('GET', '/nothing')).toMatchObject({ status: 404, body: { code: 'not_found' } });
});

test('accounts that do not exist are 404, taken numbers 409, and a batch is added whole or not at all', async () => {
  expect(await call('GET', '/phones/4915550000123')).toMatchObject({ status: 404 });
  expect(await post('/phones/4915550000123/scan', { qr: 'x' })).toMatchObject({ status: 404 });
  expect(await call('DELETE', '/faults/fault-99')).toMatchObject({ status: 404 });
  expect(await post('/contacts', { number: '4915550000200' })).toMatchObject({ status: 201 });
  expect(await post('/phones', { number: '4915550000200' })).toMatchObject({
    status: 409,
    body: { code: 'number_taken' },
  });
  const batch = [{ number: '4915550000201' }, { number: '4915550000200' }];
  expect(await post('/contacts', batch)).toMatchObject({ status: 409 });
  expect(await call('GET', '/contacts/4915550000201')).toMatchObject({ status: 404 });
});

test('a foreign Host or Origin is 403', async () => {
  expect(await call('GET', '/metrics', { headers: { host: 'evil.example' } })).toMatchObject({
    status: 403,
    body: { code: 'foreign_host' },
  });
  expect(await call('GET', '/metrics', { headers: { origin: 'https://evil.example' } })).toMatchObject({
    status: 403,
    body: { code: 'foreign_origin' },
  });
  expect(await call('GET', '/metrics', { headers: { origin: 'http://localhost:3000' } })).toMatchObject({
    status: 200,
  });
});

test('all three ports listen on 127.0.0.1 and no other address', async () => {
  const { url, controlUrl, world } = stage.simulator;
  for (const address of [url, controlUrl, `https://${world.media.hostname}`]) {
    const { hostname, port } = new URL(address);
    expect(hostname).toBe('127.0.0.1');
    // Whoever listens on all addresses answers here, too.
    const refused = await new Promise<string | undefined>((resolve) => {
      const socket = connect({ host: '127.0.0.2', port: Number(port) }, () => resolve(undefined));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(refused).toBe('ECONNREFUSED');
  }
});

test('a wait ends by its time and says what it waited for', async () => {
  const wait = stage.control.messages.waitFor({ to: '4915550000777' }, { timeoutMs: 50 });
  await expect(wait).rejects.toThrow(/waited 50 ms for 1 of \/messages .*4915550000777/);
});

test('the OpenAPI description names exactly the routes that exist', async () => {
  const unused = { world: stage.simulator.world } as ControlDeps;
  const routes = createControlRouter(unused).stack.flatMap(({ route }) => {
    const methods = (route as unknown as { methods?: Record<string, boolean> } | undefined)?.methods ?? {};
    return Object.keys(methods).map((method) => `${method.toUpperCase()} ${route?.path ?? ''}`);
  });
  expect(routes.sort()).toEqual(Object.keys(OPERATIONS).sort());
  const { status, body } = await call('GET', '/openapi.json');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    openapi: '3.1.0',
    paths: { '/control/v1/phones/{number}/scan': { post: { requestBody: { required: true } } } },
  });
});
