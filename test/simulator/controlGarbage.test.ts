/**
 * Whatever is thrown at the control API, each route answers with a 4xx and a reason, never with a 5xx, and goes on; callers that
 * never finish their request are cut off.
 */
import { request } from 'node:http';
import { connect } from 'node:net';
import { OPERATIONS } from '../../gateway/src/simulator/control/operations.js';
import { openStage, type Stage } from './support/stage.js';

const NUMBER = '4915550000001';
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  // Somebody whom the routes find, so that what is sent to them is looked at.
  await stage.control.createPhone({ number: NUMBER, name: 'Ada' });
});
afterAll(async () => {
  expect(await stage.control.errors.list({ kind: 'internal' })).toEqual([]);
  await stage.close();
});

interface Answer {
  status: number;
  type: string;
  body: string;
}

function send(
  method: string,
  path: string,
  { body, headers }: { body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(stage.simulator.controlUrl);
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path: `/control/v1${path}` };
    const outgoing = request(
      { ...options, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status = 0, headers: answered } = response;
          resolve({ status, type: answered['content-type'] ?? '', body: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function expectRefusal({ status, type, body }: Answer, what: string): void {
  const { code, detail } = JSON.parse(body) as { code: string; detail: string };
  expect([what, status, type.split(';')[0]]).toEqual([what, status, 'application/problem+json']);
  expect([what, status >= 400 && status < 500]).toEqual([what, true]);
  expect([what, code, detail]).not.toContain('');
}

const BODIES: [string, string][] = [
  ['null', 'null'],
  ['a number', '7'],
  ['a text', '"text"'],
  ['an empty list', '[]'],
  ['a list of lists', '[[[]]]'],
  ['a prototype', '{"__proto__":{"number":"4915550000001"},"constructor":{"prototype":1}}'],
  ['objects for texts', '{"number":{},"from":[],"to":{"a":1},"text":{},"qr":{},"kind":[],"actor":null}'],
  ['a deep nest', `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`],
  ['half a JSON', '{"number":"49155'],
  ['bytes that are no text', '\u0000\ufffd\u0007'],
];
const WORDS = ['%00', '%2e%2e%2f', 'x'.repeat(2000), '%F0%9F%92%A9', '-1', '__proto__'];

test.each(Object.entries(OPERATIONS))('garbage at %s', async (operation, { body: takesBody, query }) => {
  const [method = '', path = ''] = operation.split(' ');
  if (takesBody) {
    for (const [what, body] of BODIES) {
      const answer = await send(method, path.replace(/:\w+/g, NUMBER), { body });
      // Where everything may be left out, nothing at all is no garbage.
      const isEmpty = body === 'null' && answer.status < 300;
      if (!isEmpty) expectRefusal(answer, `${operation} with ${what}`);
    }
  }
  for (const word of path.includes(':') ? WORDS : []) {
    const answer = await send(method, path.replace(/:\w+/g, word), takesBody ? { body: '{}' } : {});
    expectRefusal(answer, `${operation} with ${word.slice(0, 20)} in its path`);
  }
  if (query) {
    for (const bad of [
      'timeoutMs=soon',
      'timeoutMs=-1',
      'waitForCount=1e99',
      'nothing=1',
      'timeoutMs=1&timeoutMs=2',
    ]) {
      expectRefusal(await send(method, `${path}?${bad}`), `${operation} with ${bad}`);
    }
  }
});

test('a path that cannot be read, a body that is too large, no JSON or packed in an unknown way', async () => {
  expectRefusal(await send('GET', '/phones/%zz'), 'a broken escape');
  const large = `{"number":"${'1'.repeat(33 * 2 ** 20)}"}`;
  const answer = await send('POST', '/phones', { body: large });
  expectRefusal(answer, '33 MB');
  expect(answer.status).toBe(413);
  const asText = { 'content-type': 'text/plain' };
  const unread = await send('POST', '/phones', { body: '{"number":"4915550000009"}', headers: asText });
  expectRefusal(unread, 'a text');
  expect(unread).toMatchObject({ status: 415, body: expect.stringContaining('application/json') as string });
  const packed = { 'content-encoding': 'rot13' };
  expectRefusal(await send('POST', '/phones', { body: '{}', headers: packed }), 'an unknown encoding');
  const bomb = { 'content-encoding': 'gzip' };
  expectRefusal(await send('POST', '/phones', { body: 'no gzip', headers: bomb }), 'a broken encoding');
});

test('half a request, or headers without end, do not hold up others', async () => {
  const { port } = new URL(stage.simulator.controlUrl);
  const half = [
    'GET /control/v1/metrics HT',
    'POST /control/v1/phones HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{"n',
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'y'.repeat(100_000)}`,
  ];
  const lines = half.map((text) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    socket.on('error', () => undefined);
    return socket.resume();
  });
  const isClosed = new Promise((resolve) => lines[2]?.on('close', resolve));
  // Headers that do not end are refused at once.
  await isClosed;
  expect(await stage.control.phones()).toEqual(expect.any(Array));
  for (const line of lines) line.destroy();
});
