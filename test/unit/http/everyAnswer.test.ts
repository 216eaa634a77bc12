/**
 * What holds for every answer: request id, headers, errors of the layers below, limits, stopping, and what is logged.
 */
import { gatewayError } from '../../../gateway/src/domain/error.js';
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

const TEXT = { to: '+49 151 12345678', text: { body: 'hello' } };

describe('the request id', () => {
  it('is on every answer', async () => {
    const paths = ['/v1/whoami', '/v1/nothing', '/health/live', '/docs', '/openapi.json', '/metrics'];
    const ids = await Promise.all(
      paths.map(async (path) => (await http.call('GET', path)).headers.get('x-request-id')),
    );
    for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(paths.length);
  });

  it("is the client's own when that is sane", async () => {
    const idFor = async (given: string) =>
      (await http.call('GET', '/v1/whoami', { headers: { 'X-Request-Id': given } })).headers.get(
        'x-request-id',
      );
    expect(await idFor('trace-0af7651916cd43dd')).toBe('trace-0af7651916cd43dd');
    for (const odd of ['short', '4915112345678', 'has spaces in it', '"quoted-text"', 'x'.repeat(129)]) {
      expect(await idFor(odd)).toMatch(/^req_/);
    }
  });
});

it('a bug is answered without its cause, which goes to the log under the request id', async () => {
  http.outbox.script.refuse = new Error('SELECT * FROM secret_table');
  const problem = await http.refusal('POST', '/v1/messages', { body: TEXT });
  expect(problem).toMatchObject({ code: 'internal', status: 500, retryable: true });
  expect(JSON.stringify(problem)).not.toMatch(/SELECT|at |\.ts/);
  const line = http.log.find((text) => text.includes('SELECT'));
  expect(line).toContain(problem.requestId);
});

it('errors of the layers below keep their code, wait and fields', async () => {
  const errors = [{ path: 'to', message: 'wrong' }];
  http.outbox.script.refuse = gatewayError('queue_full', 'Full.', { retryAfterSeconds: 60, errors });
  expect(await http.refusal('POST', '/v1/messages', { body: TEXT })).toMatchObject({
    code: 'queue_full',
    status: 503,
    retryable: true,
    retryAfterSeconds: 60,
    errors,
  });
});

it('too many requests of one key are refused for a moment, and only of that key', async () => {
  await http.stop();
  http = await startHttp({ rateLimit: { requests: 3, perSeconds: 30 } });
  const other = (await http.makeKey('admin')).key;
  for (let count = 0; count < 3; count += 1) expect((await http.call('GET', '/v1/whoami')).status).toBe(200);
  const problem = await http.refusal('GET', '/v1/whoami');
  expect(problem).toMatchObject({ code: 'rate_limited', status: 429, retryable: true });
  expect(problem.retryAfterSeconds).toBeGreaterThan(0);
  expect(problem.retryAfterSeconds).toBeLessThanOrEqual(30);
  expect((await http.call('GET', '/v1/whoami', { key: other })).status).toBe(200);
  expect((await http.call('GET', '/health/live')).status).toBe(200);
});

it('nothing new is taken while the gateway stops, but it is still alive', async () => {
  http.drain();
  const problem = await http.refusal('POST', '/v1/messages', { body: TEXT });
  expect(problem).toMatchObject({ code: 'shutting_down', status: 503, retryAfterSeconds: 5 });
  expect((await http.refusal('GET', '/health/ready')).code).toBe('shutting_down');
  expect((await http.call('GET', '/health/live')).status).toBe(200);
});

it('the log holds route patterns and ids, and nothing that was said or by whom', async () => {
  http.sessions.add('main');
  await http.call('GET', '/v1/sessions/main/recipients/4915112345678');
  await http.call('POST', '/v1/messages?wait=sent', { body: { ...TEXT, text: 'very private words' } });
  await http.call('GET', '/v1/messages?to=4915187654321');
  await http.call('GET', '/v1/nothing/4915112345678', { headers: { 'X-Request-Id': '4915112345678' } });
  await http.call('POST', '/v1/messages', {
    body: { to: '4915112345678', text: 'private', phone: '4915112345678' },
  });
  await http.call('POST', '/v1/messages', { body: '{"to":"4915112345678",' });
  const log = http.log.join('');
  expect(log).toContain('"route":"/v1/sessions/{id}/recipients/{phone}"');
  expect(log).toContain('"status":202');
  expect(log).toMatch(/"keyId":"key_/);
  for (const secret of ['4915112345678', '4915187654321', '151 1234', 'private', http.admin]) {
    expect(log).not.toContain(secret);
  }
});

it('answers are not cached, sniffed or framed, and do not name the software', async () => {
  const { headers } = await http.call('GET', '/v1/whoami');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
  expect(headers.get('x-powered-by')).toBeNull();
});
