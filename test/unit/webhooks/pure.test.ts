import { createHmac, randomBytes } from 'node:crypto';
import { DELIVERY_LIFETIME_MS, deliveryRetryDelayMs } from '../../../gateway/src/domain/retry.js';
import { failureInWords, retryAfterMs } from '../../../gateway/src/webhooks/attempt.js';
import { seqOf, timeOf, toCursor } from '../../../gateway/src/webhooks/cursor.js';
import { checkHeaders } from '../../../gateway/src/webhooks/headers.js';
import { newSecret, signatureHeaders } from '../../../gateway/src/webhooks/signature.js';
import { createSlots } from '../../../gateway/src/webhooks/slots.js';
import { checkTextPattern, createTextMatcher } from '../../../gateway/src/webhooks/textFilter.js';
import { thrown } from '../../support/thrown.js';
import { createFakeClock } from '../../support/fakeClock.js';

describe('signature', () => {
  test('is that of the Standard Webhooks reference', () => {
    // The example of the specification's reference libraries.
    const secrets = { current: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', previous: null };
    const signed = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      at: 1_614_265_330_000,
      body: '{"test": 2432232314}',
    };
    expect(signatureHeaders(secrets, signed)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('is made with the old secret too until its grace time ends', () => {
    const [current, old] = [newSecret(randomBytes), newSecret(randomBytes)];
    const sign = (secret: string, content: string): string =>
      `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
        .update(content)
        .digest('base64')}`;
    const secrets = { current, previous: { secret: old, expiresAt: 2_000 } };
    const at = (ms: number) =>
      signatureHeaders(secrets, { id: 'evt_1', at: ms, body: 'b' })['webhook-signature'];
    expect(at(1_999)).toBe(`${sign(current, 'evt_1.1.b')} ${sign(old, 'evt_1.1.b')}`);
    expect(at(2_000)).toBe(sign(current, 'evt_1.2.b'));
  });

  test('secrets have 32 bytes', () => {
    const secret = newSecret(randomBytes);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(newSecret(randomBytes)).not.toBe(secret);
  });
});

describe('the schedule of a lane', () => {
  test('short steps first, then a probe every five to six minutes', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 500].map((failures) => deliveryRetryDelayMs(failures, 0) / 1_000);
    expect(waits).toEqual([1, 5, 15, 30, 60, 120, 300, 300]);
    expect(deliveryRetryDelayMs(7, 0.999_999)).toBeLessThanOrEqual(360_000);
    expect(DELIVERY_LIFETIME_MS).toBe(3 * 24 * 3_600_000);
  });

  test('Retry-After lengthens a wait, never shortens it, and is bounded', () => {
    expect(deliveryRetryDelayMs(1, 0, 10_000)).toBe(10_000);
    expect(deliveryRetryDelayMs(7, 0, 10_000)).toBe(300_000);
    expect(deliveryRetryDelayMs(1, 0, 1e12)).toBe(3_600_000);
  });

  test.each([
    ['120', 120_000],
    [' 5 ', 5_000],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 30_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', null],
    ['-5', null],
    [null, null],
  ])('reads Retry-After %j', (header, wait) => {
    expect(retryAfterMs(header, 30_000)).toBe(wait);
  });
});

describe('failures in words', () => {
  const failed = (cause: object): Error => Object.assign(new TypeError('fetch failed'), { cause });

  test.each([
    [failed({ code: 'ECONNREFUSED' }), 'Nothing listens at the address'],
    [
      failed({ errors: [{ code: 'ECONNREFUSED' }, { code: 'ENETUNREACH' }] }),
      'Nothing listens at the address',
    ],
    [failed({ code: 'UND_ERR_SOCKET' }), 'closed the connection'],
    [failed({ code: 'UND_ERR_SOCKET', cause: { code: 'ECONNRESET' } }), 'closed the connection'],
    [failed({ code: 'ENOTFOUND' }), 'does not exist'],
    [failed({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), '(DEPTH_ZERO_SELF_SIGNED_CERT)'],
    [failed({ code: 'UND_ERR_OTHER' }), 'The request failed (UND_ERR_OTHER).'],
    [new Error('http://secret.example failed'), 'The request failed.'],
  ])('%#', (error, words) => {
    const text = failureInWords(error);
    expect(text).toContain(words);
    expect(text).not.toContain('secret');
  });
});

describe('headers', () => {
  test('are kept with their names in lower case', () => {
    expect(checkHeaders({ Authorization: 'Bearer x', 'X-A': '' })).toEqual({
      authorization: 'Bearer x',
      'x-a': '',
    });
  });

  test.each([
    [{ 'X-A': 'a\r\nX-B: b' }, 'line break'],
    [{ 'X-A': 'a\nb' }, 'line break'],
    [{ 'X-A': 'a\u0000' }, 'line break'],
    [{ 'X-A': '€' }, 'line break'],
    [{ 'X A': 'a' }, 'not a header name'],
    [{ 'X-A\r\n': 'a' }, 'not a header name'],
    [{ '': 'a' }, 'not a header name'],
    [{ Host: 'other' }, 'set by the gateway'],
    [{ 'Content-Length': '1' }, 'set by the gateway'],
    [{ 'Transfer-Encoding': 'chunked' }, 'set by the gateway'],
    [{ 'Webhook-Id': 'x' }, 'signature'],
    [{ 'webhook-signature': 'x' }, 'signature'],
    [{ 'Proxy-Authorization': 'x' }, 'proxies'],
    [{ 'X-A': 'a'.repeat(4_097) }, 'longer'],
    [Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`x-${String(n)}`, ''])), 'more than 20'],
  ])('refuses %j', (headers, problem) => {
    const error = thrown(() => checkHeaders(headers));
    expect(error.code).toBe('invalid_request');
    expect(error.message).toContain(problem);
  });
});

describe('text filters', () => {
  test.each([
    'invoice',
    '^(yes|no)$',
    '\\bhelp\\b',
    '^[A-Z]{3}-\\d{4,8}$',
    'a+b*c?',
    '(?<word>stop)',
    '^.*order #\\d+',
  ])('takes %s', (pattern) => {
    expect(() => checkTextPattern(pattern)).not.toThrow();
  });

  test.each([
    '(a+)+$',
    '(a*)*b',
    '(a|a)+$',
    '(a|b|ab)*c',
    '([a-z]+)*!',
    '(\\d+,?)+x',
    'x'.repeat(501),
    '(',
    '\\',
    'a{2,1}',
    '.*.*.*.*.*x',
    '\\w+\\w+\\w+\\w+\\w+!',
  ])('refuses %s', (pattern) => {
    expect(thrown(() => checkTextPattern(pattern)).code).toBe('invalid_request');
  });

  test('a pattern that is too slow for a text matches, and is soon not run any more', () => {
    let slow = 0;
    const matches = createTextMatcher(() => (slow += 1));
    const text = `${'a'.repeat(50)}!`;
    for (let n = 0; n < 10; n += 1) expect(matches('^(a+)+$', text)).toBe(true);
    expect(slow).toBe(3);
    expect(matches('^b', text)).toBe(false);
    expect(matches('^a', text)).toBe(true);
  });
});

describe('cursors', () => {
  test('come back as they were', () => {
    expect(seqOf(toCursor({ seq: 42 }))).toBe(42);
    expect(timeOf(toCursor({ at: 1_000, id: 'evt_0a' }))).toEqual({ at: 1_000, id: 'evt_0a' });
  });

  test.each(['', 'x', toCursor({ at: 1, id: 'evt_0a' }), Buffer.from('s:-1').toString('base64url')])(
    'of a session: %s is none',
    (cursor) => {
      expect(thrown(() => seqOf(cursor)).code).toBe('invalid_request');
    },
  );

  test('a session cursor is none for time', () => {
    expect(thrown(() => timeOf(toCursor({ seq: 1 }))).code).toBe('invalid_request');
  });
});

describe('slots', () => {
  const limits = { quick: 3, slow: 2, perWebhook: 2, slowAfterMs: 1_000 };

  test('a webhook has its share and no more', () => {
    const slots = createSlots({ clock: createFakeClock(), limits });
    const first = slots.take({ id: 'a', failing: false });
    expect(slots.take({ id: 'a', failing: false })).not.toBeNull();
    expect(slots.take({ id: 'a', failing: false })).toBeNull();
    expect(slots.saturated()).toEqual(['a']);
    expect(slots.take({ id: 'b', failing: false })).not.toBeNull();
    expect(slots.hasQuick()).toBe(false);
    expect(slots.take({ id: 'c', failing: false })).toBeNull();
    first?.release();
    expect(slots.take({ id: 'c', failing: false })).not.toBeNull();
  });

  test('attempts that take long make room for quick ones', () => {
    const clock = createFakeClock();
    const slots = createSlots({ clock, limits });
    for (const id of ['a', 'b', 'c']) slots.take({ id, failing: false });
    expect(slots.hasQuick()).toBe(false);
    clock.advance(1_000);
    expect(slots.hasQuick()).toBe(true);
    expect(slots.take({ id: 'd', failing: false })).not.toBeNull();
  });

  test('webhooks that were slow or fail share the slow slots only, until they are quick again', () => {
    const clock = createFakeClock();
    const slots = createSlots({ clock, limits });
    const a = slots.take({ id: 'a', failing: false });
    clock.advance(5_000);
    a?.ended({ failed: false });
    expect(slots.take({ id: 'b', failing: true })).not.toBeNull();
    expect(slots.take({ id: 'a', failing: false })).toBeNull();
    expect(slots.saturated().sort()).toEqual(['a', 'b']);
    expect(slots.take({ id: 'c', failing: false })).not.toBeNull();
    a?.ended({ failed: false });
    a?.release();
    expect(slots.take({ id: 'a', failing: false })).not.toBeNull();
  });
});
