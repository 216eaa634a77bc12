/**
 * Health, metrics and the pages that describe the API; and the server that listens.
 */
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { ERROR_TABLE } from '../../../gateway/src/domain/error.js';
import { listen } from '../../../gateway/src/http/server.js';
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

const open = (path: string) => http.call('GET', path, { key: null });

describe('health', () => {
  it('needs no key', async () => {
    expect((await open('/health/live')).json).toEqual({ status: 'live' });
    expect((await open('/health/ready')).json).toEqual({ status: 'ready', checks: { database: 'ok' } });
  });

  it('says what is missing, with a Retry-After', async () => {
    await http.stop();
    http = await startHttp({
      readiness: () => Promise.resolve({ ready: false, checks: { database: 'no answer' } }),
    });
    const { status, json, headers } = await open('/health/ready');
    expect(status).toBe(503);
    expect(json).toEqual({ status: 'not_ready', checks: { database: 'no answer' } });
    expect(headers.get('retry-after')).toBe('5');
  });
});

it('GET /metrics counts requests by route pattern, for any key', async () => {
  expect((await http.refusal('GET', '/metrics', { key: null })).code).toBe('invalid_key');
  http.sessions.add('main');
  await http.call('GET', '/v1/sessions/main');
  const { status, text, headers } = await http.call('GET', '/metrics', {
    key: (await http.makeKey('reader')).key,
  });
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^text\/plain/);
  expect(text).toMatch(
    /sluice_http_request_duration_seconds_count\{method="GET",route="\/v1\/sessions\/\{id\}",status="200"\} 1/,
  );
});

describe('the pages', () => {
  it('need no key and nothing from elsewhere, and their style is allowed by the policy', async () => {
    for (const path of ['/docs', '/docs/errors']) {
      const { text, headers } = await open(path);
      expect(headers.get('content-type')).toMatch(/^text\/html/);
      expect(text).not.toMatch(/<script|https?:\/\/(?!json-schema)|<link|<img/);
      expect(headers.get('content-security-policy')).toMatch(/style-src 'self' 'sha256-[\w+/]{43}='/);
    }
  });

  it('name every route and every error', async () => {
    const docs = (await open('/docs')).text;
    for (const path of Object.keys((await open('/openapi.json')).json.paths as object))
      expect(docs).toContain(path);
    const errors = (await open('/docs/errors')).text;
    for (const code of Object.keys(ERROR_TABLE)) expect(errors).toContain(`<tr id="${code}">`);
  });

  it('lead each problem to its explanation', async () => {
    const { type } = await http.refusal('GET', '/v1/nothing');
    const { pathname, hash } = new URL(type, http.base);
    expect((await open(pathname)).text).toContain(`id="${hash.slice(1)}"`);
  });
});

describe('the server', () => {
  it('says when the address is taken', async () => {
    const app = () => undefined;
    await expect(listen({ app, host: '127.0.0.1', port: Number(new URL(http.base).port) })).rejects.toThrow(
      'EADDRINUSE',
    );
  });

  it('lets a running request finish when it closes', async () => {
    const held: (() => void)[] = [];
    const app: RequestListener = (_request, response) => {
      held.push(() => response.end('done'));
    };
    const server = await listen({ app, host: '127.0.0.1', port: 0 });
    const answer = fetch(`http://127.0.0.1:${String(server.port)}/`).then((response) => response.text());
    while (held.length === 0) await new Promise(setImmediate);
    const closed = server.close(20_000);
    held[0]?.();
    expect(await answer).toBe('done');
    await closed;
  });

  it('answers what is not HTTP with a problem document too', async () => {
    const socket = connect(Number(new URL(http.base).port), '127.0.0.1');
    socket.end('GET /v1/whoami HTTP/1.1\r\nHost: x\r\nX-API-Key: two\nlines\r\n\r\n');
    const text = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    const { requestId, ...problem } = JSON.parse(body) as Record<string, unknown>;
    expect(head).toContain(`X-Request-Id: ${String(requestId)}`);
    expect(problem).toMatchObject({ code: 'invalid_request', status: 400 });
  });

  it('cuts off what does not finish in time', async () => {
    const server = await listen({ app: () => undefined, host: '127.0.0.1', port: 0 });
    const answer = fetch(`http://127.0.0.1:${String(server.port)}/`);
    const refused = expect(answer).rejects.toThrow('fetch failed');
    await server.close(50);
    await refused;
  });
});
