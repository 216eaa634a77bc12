/**
 * Session QR: the QR code as a picture, pairing code, waiting, and looking after sessions.
 */
import { runNode, type NodeRun } from './support/engine';
import { gateway, problem, resetGateway } from './support/gateway';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const session = (status: string, more: Record<string, unknown> = {}) => ({
  body: { id: 'main', status, reason: null, ...more },
});
const qr = {
  body: {
    qr: '2@abc',
    image: `data:image/png;base64,${PNG.toString('base64')}`,
    attempt: 1,
    expiresAt: '2026-11-20T10:00:20.000Z',
  },
};
const S = '/v1/sessions/main';

const run = (
  operation: string,
  more: Record<string, unknown> = {},
  resource = 'connection',
): Promise<NodeRun> =>
  runNode('sessionQr', { parameters: { resource, operation, ...(more as Record<string, string>) } });

beforeEach(resetGateway);

describe('Get QR Code', () => {
  it('creates the session and outputs the code as a PNG, with a hint', async () => {
    const calls = gateway({
      [`GET ${S}`]: problem('session_not_found', 404),
      'POST /v1/sessions': { status: 201, body: { id: 'main', status: 'connecting' } },
      [`GET ${S}/qr`]: qr,
    });
    const options = { name: 'Support', waitSeconds: 20 };
    const { items, run: execution, error } = await run('getQr', { options });
    expect(error).toBeUndefined();
    expect(calls[1]?.body).toEqual({ id: 'main', name: 'Support' });
    expect(calls[2]?.query.get('waitSeconds')).toBe('20');
    expect(items[0]?.json).toMatchObject({
      sessionId: 'main',
      status: 'qr',
      connected: false,
      qr: '2@abc',
      attempt: 1,
    });
    expect(items[0]?.binary?.qr).toMatchObject({
      mimeType: 'image/png',
      fileName: 'main-qr.png',
      data: PNG.toString('base64'),
    });
    expect(items[0]?.pairedItem).toEqual({ item: 0 });
    expect(execution.data.resultData.runData['Under test']?.[0]?.hints?.[0]?.message).toContain(
      'Linked devices',
    );
  });

  it.each(['created', 'stopped', 'logged_out'])('starts a session that is %s', async (status) => {
    const calls = gateway({
      [`GET ${S}`]: [session(status), session('connecting')],
      [`POST ${S}/start`]: { body: {} },
      [`GET ${S}/qr`]: qr,
    });
    expect((await run('getQr')).items[0]?.binary?.qr).toBeDefined();
    expect(calls.map(({ path }) => path)).toEqual([S, `${S}/start`, S, `${S}/qr`]);
  });

  it('reuses a session that shows its code already', async () => {
    const calls = gateway({ [`GET ${S}`]: session('qr'), [`GET ${S}/qr`]: qr });
    expect((await run('getQr')).items[0]?.binary?.qr).toBeDefined();
    expect(calls).toHaveLength(2);
  });

  it('needs no code when the session is connected', async () => {
    gateway({ [`GET ${S}`]: session('connected', { phone: '49151' }) });
    const { items } = await run('getQr');
    expect(items[0]?.json).toMatchObject({ connected: true, phone: '49151' });
    expect(items[0]?.binary).toBeUndefined();
  });

  it('needs no code when the session connects meanwhile', async () => {
    gateway({
      [`GET ${S}`]: [session('qr'), session('connected')],
      [`GET ${S}/qr`]: problem('session_connected', 409),
    });
    expect((await run('getQr')).items[0]?.json.connected).toBe(true);
  });

  it('takes the session that another execution has just made', async () => {
    gateway({
      [`GET ${S}`]: [problem('session_not_found', 404), session('qr')],
      'POST /v1/sessions': problem('session_exists', 409),
      [`GET ${S}/qr`]: qr,
    });
    expect((await run('getQr')).items[0]?.binary?.qr).toBeDefined();
  });

  it.each([
    ['qr_not_available', 404],
    ['forbidden', 403],
  ])('shows %s', async (code, status) => {
    gateway({ [`GET ${S}`]: session('connecting'), [`GET ${S}/qr`]: problem(code, status) });
    expect((await run('getQr')).error?.message).toContain(`Title of ${code}`);
  });

  it('refuses a session ID of the wrong shape before any call', async () => {
    const calls = gateway({});
    const { error } = await run('getQr', {
      session: { __rl: true, mode: 'id', value: '={{ "my session" }}' },
    });
    expect(error?.message).toContain('The session "my session" is not valid');
    expect(calls).toHaveLength(0);
  });
});

describe('Get Pairing Code', () => {
  it('asks for the code of the phone', async () => {
    const calls = gateway({
      [`GET ${S}`]: session('qr'),
      [`POST ${S}/pairing-code`]: { body: { code: 'ABCD-EFGH', expiresAt: 't' } },
    });
    const { items } = await run('getPairingCode', { phone: '+49 151 12345678' });
    expect(calls[1]?.body).toEqual({ phone: '+49 151 12345678' });
    expect(items[0]?.json).toEqual({
      sessionId: 'main',
      phone: '+49 151 12345678',
      code: 'ABCD-EFGH',
      expiresAt: 't',
    });
  });

  it.each(['12', '4915112345678@c.us', '0151 123456'])(
    'refuses the phone %j before any call',
    async (phone) => {
      const calls = gateway({});
      expect((await run('getPairingCode', { phone })).error?.message).toContain(
        `The phone number "${phone}" is not valid`,
      );
      expect(calls).toHaveLength(0);
    },
  );
});

describe('Wait Until Connected', () => {
  it('waits in steps until the session is connected', async () => {
    const calls = gateway({ [`GET ${S}`]: [session('qr'), session('pairing'), session('connected')] });
    const { items } = await run('waitUntilConnected', { maxSeconds: 100 });
    expect(items[0]?.json).toMatchObject({ id: 'main', connected: true });
    expect(calls.map(({ query }) => [query.get('waitFor'), query.get('timeoutSeconds')])).toEqual([
      ['connected', '30'],
      ['connected', '30'],
      ['connected', '30'],
    ]);
  });

  it('fails when the time is up, and says what to do', async () => {
    const calls = gateway({ [`GET ${S}`]: session('qr') });
    const { error } = await run('waitUntilConnected', { maxSeconds: 40 });
    expect(error?.message).toContain('is not connected: its status is "qr". Get the QR code');
    expect(calls.map(({ query }) => query.get('timeoutSeconds'))).toEqual(['30', '10']);
  });

  it('shows the reason and action of the gateway', async () => {
    const reason = { code: 'banned', message: 'WhatsApp has banned the number', action: 'Appeal in the app' };
    const calls = gateway({ [`GET ${S}`]: session('banned', { reason }) });
    const { error } = await run('waitUntilConnected');
    expect(error?.message).toBe(
      'The session "main" is not connected: WhatsApp has banned the number. Appeal in the app',
    );
    expect(calls).toHaveLength(1);
  });

  it('goes on without connection when told so', async () => {
    gateway({ [`GET ${S}`]: session('qr') });
    const { items } = await run('waitUntilConnected', { maxSeconds: 1, failIfNot: false });
    expect(items[0]?.json.connected).toBe(false);
  });
});

describe('sessions', () => {
  const manage = (operation: string, more: Record<string, unknown> = {}): Promise<NodeRun> =>
    run(operation, more, 'session');

  it('gets one, and its limits', async () => {
    const limits = {
      gap: { gapMs: null, lastSentAt: null },
      queue: { size: 2, max: 100_000, left: 99_998, paused: false },
      nextSendAt: null,
    };
    gateway({
      [`GET ${S}`]: session('connected'),
      [`GET ${S}/limits`]: { body: limits },
    });
    expect((await manage('get')).items[0]?.json).toMatchObject({ sessionId: 'main', status: 'connected' });
    expect((await manage('getLimits')).items[0]?.json).toEqual({ sessionId: 'main', ...limits });
  });

  it('lists many, over pages and up to a limit', async () => {
    const page = (from: number, count: number, nextCursor: string | null) => ({
      body: {
        data: Array.from({ length: count }, (_, i) => ({ id: `s${from + i}`, status: 'connected' })),
        nextCursor,
      },
    });
    const pages = [page(0, 100, 'c1'), page(100, 20, null)];
    const calls = gateway({ 'GET /v1/sessions': pages });
    const { items } = await manage('getMany', { returnAll: true });
    expect(items).toHaveLength(120);
    expect(new Set(items.map(({ pairedItem }) => JSON.stringify(pairedItem)))).toEqual(
      new Set(['{"item":0}']),
    );
    expect(calls[1]?.query.get('cursor')).toBe('c1');
    resetGateway();
    const limited = gateway({ 'GET /v1/sessions': page(0, 5, 'c1') });
    expect((await manage('getMany', { limit: 5 })).items).toHaveLength(5);
    expect(limited.map(({ query }) => query.get('limit'))).toEqual(['5']);
  });

  it('restarts, logs out and deletes', async () => {
    const calls = gateway({
      [`POST ${S}/restart`]: { body: {} },
      [`POST ${S}/logout`]: { status: 204 },
      [`DELETE ${S}`]: { status: 204 },
      [`GET ${S}`]: session('connecting'),
    });
    expect((await manage('restart', { wipe: true })).items[0]?.json.status).toBe('connecting');
    expect(calls[0]?.body).toEqual({ wipe: true });
    expect((await manage('logout')).items[0]?.json.id).toBe('main');
    expect((await manage('delete')).items[0]?.json).toEqual({ sessionId: 'main', deleted: true });
  });

  it.each(['get', 'getLimits', 'restart', 'logout', 'delete'])(
    '%s shows a session that is not there',
    async (operation) => {
      const missing = problem('session_not_found', 404);
      gateway({
        [`GET ${S}`]: missing,
        [`GET ${S}/limits`]: missing,
        [`POST ${S}/restart`]: missing,
        [`POST ${S}/logout`]: missing,
        [`DELETE ${S}`]: missing,
      });
      expect((await manage(operation)).error?.message).toContain('Choose a session from the list');
    },
  );
});
