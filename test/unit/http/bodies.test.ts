/**
 * What every route asks of a body: JSON, an object, not too large; and null where nothing is said.
 */
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

const TEXT = { to: '+49 151 12345678', text: { body: 'hello' } };

describe('a body', () => {
  const send = (body: unknown, headers = {}) => http.refusal('POST', '/v1/messages', { body, headers });

  it('that is not JSON is refused', async () => {
    for (const body of ['{"to":', 'hello', '\u0000']) {
      expect(await send(body)).toMatchObject({
        code: 'invalid_request',
        status: 400,
        errors: [{ path: '', message: 'is not valid JSON' }],
      });
    }
  });

  it('that is JSON but no object is refused', async () => {
    for (const body of ['"text"', 'null', '5', '[]']) {
      for (const path of ['/v1/messages', '/v1/sessions']) {
        const refusal = await http.refusal('POST', path, { body });
        expect(refusal).toMatchObject({
          code: 'invalid_request',
          errors: [{ path: '', message: 'must be an object' }],
        });
      }
    }
    expect(http.sessions.rows.size).toBe(0);
  });

  it('may have null for what is left out, and nowhere else', async () => {
    const nothing = {
      type: null,
      sessionId: null,
      sendAt: null,
      priority: null,
      context: null,
      dryRun: null,
    };
    const parts = { text: { body: 'x', linkPreview: null, mentions: null } };
    expect(
      (await http.call('POST', '/v1/messages', { body: { ...TEXT, ...nothing, ...parts } })).status,
    ).toBe(202);
    expect((await send({ ...TEXT, to: null })).errors).toEqual([{ path: 'to', message: 'is required' }]);
    expect((await send({ ...TEXT, text: null, sendAt: null })).code).toBe('invalid_request');
    const image = {
      to: TEXT.to,
      type: 'image',
      image: { id: null, link: null, data: 'AA==', caption: null },
    };
    expect((await send(image)).errors).toEqual([
      { path: 'image.mimeType', message: 'is required with data' },
    ]);
    const session = {
      id: 'main',
      name: null,
      policy: { preset: 'otp', gapMs: null, onLimit: null },
      metadata: { a: null },
    };
    const made = await http.call('POST', '/v1/sessions', { body: session });
    expect(made.json).toMatchObject({ id: 'main', metadata: { a: null } });
    expect((await http.refusal('PATCH', '/v1/sessions/main', { body: { metadata: null } })).code).toBe(
      'invalid_request',
    );
  });

  it('of another content type is refused', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
    ]) {
      expect((await send('{}', { 'Content-Type': type })).code).toBe('unsupported_media');
    }
  });

  it('that is too large is refused, and the connection goes on', async () => {
    expect((await send({ ...TEXT, text: 'x'.repeat(16 * 1024 * 1024) })).code).toBe('payload_too_large');
    const large = { name: 'x'.repeat(1024 * 1024) };
    expect((await http.refusal('POST', '/v1/sessions', { body: large })).code).toBe('payload_too_large');
    expect((await http.call('GET', '/v1/whoami')).status).toBe(200);
  });

  it('is not read without a key', async () => {
    const problem = await http.refusal('POST', '/v1/messages', {
      key: null,
      body: 'x'.repeat(20 * 1024 * 1024),
    });
    expect(problem.code).toBe('invalid_key');
  });

  it('that is missing is told so', async () => {
    expect((await http.refusal('POST', '/v1/messages')).errors).toEqual([
      { path: '', message: 'is required' },
    ]);
  });

  it('may be left out where every field is optional', async () => {
    http.sessions.add('main');
    expect((await http.call('POST', '/v1/sessions/main/restart')).status).toBe(200);
    expect((await http.call('POST', '/v1/sessions/main/stop', { body: {} })).status).toBe(200);
  });

  it('with unknown fields is refused by their names', async () => {
    expect(
      (await http.refusal('POST', '/v1/sessions', { body: { nmae: 'x', policy: { gap: 1 } } })).errors,
    ).toEqual([
      { path: 'policy.gap', message: 'is not a field that this version knows here' },
      { path: 'nmae', message: 'is not a field that this version knows here' },
    ]);
    http.sessions.add('main');
    const { errors } = await http.refusal('POST', '/v1/sessions/main/stop', { body: { now: true } });
    expect(errors?.[0]?.path).toBe('now');
  });

  it('with wrong types is refused by path, in the detail too', async () => {
    const problem = await send({ to: 49151, text: { body: 5 } });
    expect(problem.errors?.map(({ path }) => path)).toEqual(['to', 'text.body']);
    expect(problem.detail).toMatch(/^to: .*and 1 more\. /);
  });
});
