/**
 * Sessions over HTTP: their shape, life, policy rights, waiting.
 */
import { resolvePolicy } from '../../../gateway/src/domain/policy.js';
import { startHttp, type HttpHarness } from './harness.js';

let http: HttpHarness;
beforeEach(async () => {
  http = await startHttp();
});
afterEach(() => http.stop());

const CREATED = {
  id: 'shop',
  name: 'Shop',
  status: 'connecting',
  reason: null,
  since: '1970-01-01T00:00:01.000Z',
  phone: null,
  lid: null,
  pushName: null,
  queue: { size: 2, paused: false, nextSendAt: '1970-01-01T00:00:10.000Z', hold: null },
  lastActiveAt: null,
  messagesToday: 7,
  metadata: { customer: { id: 5, tags: ['a', null] } },
  downloadMedia: true,
  ownMessages: false,
  createdAt: '1970-01-01T00:00:01.000Z',
};

describe('POST /v1/sessions', () => {
  it('makes a session and answers exactly the documented shape', async () => {
    const body = { id: 'shop', name: 'Shop', metadata: { customer: { id: 5, tags: ['a', null] } } };
    const { status, json } = await http.call('POST', '/v1/sessions', { body });
    expect(status).toBe(201);
    expect(json).toEqual(CREATED);
    expect((await http.refusal('POST', '/v1/sessions', { body })).code).toBe('session_exists');
  });

  it('needs no body at all, and can leave the session stopped', async () => {
    expect((await http.call('POST', '/v1/sessions')).json.id).toBe('made-up');
    const { json } = await http.call('POST', '/v1/sessions', { body: { id: 'later', start: false } });
    expect(json.status).toBe('created');
  });

  it.each([
    [{ id: 'a b' }, 'id'],
    [{ id: '' }, 'id'],
    [{ name: '' }, 'name'],
    [{ start: 'yes' }, 'start'],
    [{ metadata: [] }, 'metadata'],
    [{ metadata: { a: 'x'.repeat(17_000) } }, 'metadata'],
    [{ policy: { preset: 'fast' } }, 'policy.preset'],
    [{ policy: { gapMs: { min: 5, max: 4 } } }, 'policy.gapMs.max'],
    [{ policy: { gapMs: { min: 5 } } }, 'policy.gapMs.max'],
    [{ policy: { queueMax: 0 } }, 'policy.queueMax'],
    [{ policy: { perDay: 0 } }, 'policy.perDay'],
    [{ policy: { perMinute: 1.5 } }, 'policy.perMinute'],
    [{ policy: { perWeek: 500 } }, 'policy.perWeek'],
    [{ policy: { typing: 'yes' } }, 'policy.typing'],
    [{ policy: { typing: { minMs: 5_000 } } }, 'policy.typing.maxMs'],
    [{ policy: { typing: { minMs: 50, maxMs: 5 } } }, 'policy.typing.maxMs'],
    [{ policy: { cooldown: { afterMessages: 0, minMs: 1, maxMs: 2 } } }, 'policy.cooldown.afterMessages'],
    [{ policy: { cooldown: { afterMessages: 1, minMs: 3, maxMs: 2 } } }, 'policy.cooldown.maxMs'],
    [{ policy: { recipientCooldownMs: -1 } }, 'policy.recipientCooldownMs'],
    [{ policy: { onLimit: 'drop' } }, 'policy.onLimit'],
    [{ policy: { warmUp: { growth: 0.5 } } }, 'policy.warmUp.growth'],
    [{ policy: { quietHours: { from: '25:00', to: '08:00', timeZone: 'UTC' } } }, 'policy.quietHours.from'],
    [
      { policy: { quietHours: { from: '22:00', to: '08:00', timeZone: 'Mars/Olympus' } } },
      'policy.quietHours.timeZone',
    ],
    [{ policy: { quietHours: { from: '08:00', to: '08:00', timeZone: 'UTC' } } }, 'policy.quietHours.to'],
    [{ policy: { replyGapMs: { min: 2, max: 1 } } }, 'policy.replyGapMs.max'],
    [{ policy: { identicalText: { max: 0, perMs: 60_000 } } }, 'policy.identicalText.max'],
    [{ policy: { optOut: { keywords: [''] } } }, 'policy.optOut.keywords.0'],
    [{ policy: { checkRecipient: 'no' } }, 'policy.checkRecipient'],
  ])('refuses %j', async (body, path) => {
    const { errors } = await http.refusal('POST', '/v1/sessions', { body });
    expect(errors?.map((error) => error.path)).toEqual([path]);
    expect(http.sessions.rows.size).toBe(0);
  });
});

describe('a policy without a gap', () => {
  const POLICIES = [
    { preset: 'unpaced' },
    { gapMs: null },
    { gapMs: { min: 0, max: 0 } },
    { gapMs: { min: 0, max: 900 } },
    { preset: 'otp', gapMs: null, perMinute: 600 },
  ];

  it('is only for an admin', async () => {
    http.sessions.add('main');
    const { key } = await http.makeKey('operator');
    for (const policy of POLICIES) {
      expect((await http.refusal('POST', '/v1/sessions', { key, body: { policy } })).code).toBe('forbidden');
      expect((await http.refusal('PATCH', '/v1/sessions/main', { key, body: { policy } })).code).toBe(
        'forbidden',
      );
      expect((await http.call('PATCH', '/v1/sessions/main', { body: { policy } })).status).toBe(200);
    }
  });

  it('does not stop an operator from choosing another', async () => {
    const { key } = await http.makeKey('operator');
    const body = { id: 'ok', policy: { preset: 'unpaced', gapMs: { min: 1_000, max: 2_000 } } };
    expect((await http.call('POST', '/v1/sessions', { key, body })).status).toBe(201);
    expect(http.sessions.rows.get('ok')?.policy).toEqual(body.policy);
  });
});

it('GET /v1/sessions gives pages', async () => {
  for (const id of ['a', 'b', 'c']) http.sessions.add(id);
  const first = await http.call('GET', '/v1/sessions?limit=2');
  expect((first.json.data as { id: string }[]).map(({ id }) => id)).toEqual(['a', 'b']);
  const second = await http.call('GET', `/v1/sessions?limit=2&cursor=${String(first.json.nextCursor)}`);
  expect(second.json).toMatchObject({ data: [{ id: 'c' }], nextCursor: null });
});

describe('GET /v1/sessions/{id}', () => {
  it('waits for a status when asked to', async () => {
    http.sessions.add('main');
    await http.call('GET', '/v1/sessions/main');
    expect(http.sessions.waits).toEqual([]);
    expect((await http.call('GET', '/v1/sessions/main?waitFor=qr&timeoutSeconds=5')).json.status).toBe('qr');
    await http.call('GET', '/v1/sessions/main?waitFor=connected');
    expect(http.sessions.waits).toEqual([
      { id: 'main', status: 'qr', timeoutMs: 5_000 },
      { id: 'main', status: 'connected', timeoutMs: 30_000 },
    ]);
  });

  it.each([
    'waitFor=online',
    'waitFor=connected&timeoutSeconds=61',
    'timeoutSeconds=-1',
    'timeoutSeconds=1.5',
  ])('refuses ?%s', async (query) => {
    http.sessions.add('main');
    expect((await http.refusal('GET', `/v1/sessions/main?${query}`)).code).toBe('invalid_request');
  });
});

describe('GET /v1/sessions/{id}/limits', () => {
  it('answers each cap, the next possible send, and why', async () => {
    http.sessions.add('main');
    expect((await http.call('GET', '/v1/sessions/main/limits')).json).toEqual({
      policy: resolvePolicy(null),
      cooldown: { afterMessages: 20, minMs: 30_000, maxMs: 60_000, used: 3 },
      perMinute: null,
      perHour: null,
      perDay: { max: 500, used: 500, left: 0, freesAt: '1970-01-01T00:00:09.000Z' },
      perMonth: null,
      newRecipientsPerDay: null,
      warmUp: {
        ...{ max: 36, used: 14, left: 22, freesAt: null, day: 2, days: 6 },
        dayEndsAt: '1970-01-01T00:00:08.000Z',
      },
      restrictions: [
        {
          ...{ kind: 'timelock', active: true, reason: 'DEFAULT', quota: null, message: 'locked' },
          until: '1970-01-01T00:00:12.000Z',
          since: '1970-01-01T00:00:01.000Z',
        },
      ],
      gap: { gapMs: { min: 5_000, max: 9_000 }, lastSentAt: '1970-01-01T00:00:04.000Z' },
      queue: { size: 2, max: 100, left: 98, paused: false },
      messagesToday: 7,
      nextSendAt: '1970-01-01T00:00:10.000Z',
      hold: { code: 'gap', message: 'held 5 s', until: '1970-01-01T00:00:10.000Z' },
    });
  });

  it('is not for a key of other sessions', async () => {
    const { key } = await http.makeKey('reader', { sessionIds: ['other'] });
    expect((await http.refusal('GET', '/v1/sessions/main/limits', { key })).code).toBe('forbidden');
  });
});

it('PATCH changes what is named, and null takes a name or policy away', async () => {
  await http.call('POST', '/v1/sessions', { body: { id: 'main', name: 'A', policy: { queueMax: 5 } } });
  const { json } = await http.call('PATCH', '/v1/sessions/main', { body: { name: null, policy: null } });
  expect(json.name).toBeNull();
  expect(http.sessions.rows.get('main')?.policy).toBeNull();
  expect((await http.refusal('PATCH', '/v1/sessions/main', { body: {} })).code).toBe('invalid_request');
  expect(
    (await http.refusal('PATCH', '/v1/sessions/main', { body: { status: 'connected' } })).errors?.[0]?.path,
  ).toBe('status');
});

it('DELETE, start, stop, logout and restart reach the session', async () => {
  http.sessions.add('main');
  const after = async (path: string, body?: object) =>
    (await http.call('POST', `/v1/sessions/main/${path}`, { body })).json.status;
  expect(await after('stop')).toBe('stopped');
  expect(await after('start')).toBe('connecting');
  expect(await after('restart', { wipe: true })).toBe('qr');
  expect(await after('restart', { wipe: false })).toBe('connecting');
  expect(await after('logout')).toBe('logged_out');
  expect(
    (await http.refusal('POST', '/v1/sessions/main/restart', { body: { wipe: 1 } })).errors?.[0]?.path,
  ).toBe('wipe');
  expect((await http.call('DELETE', '/v1/sessions/main')).status).toBe(204);
  expect((await http.refusal('POST', '/v1/sessions/main/start')).code).toBe('session_not_found');
});
