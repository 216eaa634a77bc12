/**
 * A session's life through the API, with the real client against the simulator: pairing, restarts, lost links, the end.
 */
import { connected, eventsOf, pair, useWorld, type SessionJson } from '../support/world.js';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';

const world = useWorld();
const PHONE = '4915550002001';
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
});

const status = (id: string): Promise<SessionJson> => gateway.ask<SessionJson>('GET', `/v1/sessions/${id}`);

test('shows the QR code in all four formats, and connects when it is scanned', async () => {
  const phone = world.phone();
  await phone.createPhone({ number: PHONE, name: 'Ada' });
  const made = await gateway.call<SessionJson>('POST', '/v1/sessions', {
    id: 'life',
    policy: { preset: 'unpaced' },
  });
  expect(made.status).toBe(201);
  const { qr, image, attempt, expiresAt } = await gateway.ask<Record<string, string>>(
    'GET',
    '/v1/sessions/life/qr?waitSeconds=30',
  );
  expect(image).toMatch(/^data:image\/png;base64,/);
  expect(attempt).toBe(1);
  expect(Date.parse(expiresAt ?? '')).toBeGreaterThan(Date.now());
  const inFormat = (accept: string) =>
    gateway.call<string>('GET', '/v1/sessions/life/qr', undefined, { headers: { accept } });
  expect((await inFormat('image/png')).headers.get('content-type')).toBe('image/png');
  expect((await inFormat('image/svg+xml')).body).toContain('<svg');
  expect((await inFormat('text/plain')).body).toMatch(/[▀▄█]/);
  await phone.scan(PHONE, qr ?? '');
  expect(await connected(gateway, 'life')).toMatchObject({ phone: PHONE, reason: null });
  // The name comes from the phone a moment after the login.
  await eventually('the name', async () => (await status('life')).pushName === 'Ada');
  const again = await gateway.call('GET', '/v1/sessions/life/qr');
  expect([again.status, again.body.code]).toEqual([409, 'session_connected']);
  const types = (await eventsOf(gateway, { sessionId: 'life', type: 'session.connected' })).map(
    ({ type }) => type,
  );
  expect(types).toEqual(['session.connected']);
});

test('is connected again after a restart of the gateway, without a new QR code', async () => {
  expect(await gateway.stop()).toBe(0);
  gateway = await world.start();
  expect(await connected(gateway, 'life')).toMatchObject({ phone: PHONE });
  expect(await eventsOf(gateway, { sessionId: 'life', type: 'session.qr' })).toHaveLength(1);
});

test.each(['close', 'reset'] as const)(
  'comes back by itself after the link was lost by a %s',
  async (how) => {
    const before = (await eventsOf(gateway, { sessionId: 'life', type: 'session.connected' })).length;
    await world.phone().drop({ session: PHONE, how });
    await eventsOf(gateway, { sessionId: 'life', type: 'session.connected', count: before + 1 });
    expect((await status('life')).status).toBe('connected');
    const [lost] = (await eventsOf(gateway, { sessionId: 'life', type: 'session.disconnected' })).slice(-1);
    expect(lost?.data).toMatchObject({ status: 'disconnected' });
  },
);

test('comes back after WhatsApp has answered the upgrade with an HTTP error, which the client alone never notices', async () => {
  const before = (await eventsOf(gateway, { sessionId: 'life', type: 'session.connected' })).length;
  const phone = world.phone();
  await phone.addFault({ kind: 'refuse_upgrade', code: 503, count: 2 });
  await phone.drop({ session: PHONE });
  await eventsOf(gateway, { sessionId: 'life', type: 'session.connected', count: before + 1 });
  expect(await phone.faults()).toEqual([]);
});

test('stops and starts at the user’s word', async () => {
  await gateway.ask('POST', '/v1/sessions/life/stop');
  const stopped = await gateway.ask<SessionJson>(
    'GET',
    '/v1/sessions/life?waitFor=stopped&timeoutSeconds=20',
  );
  expect(stopped).toMatchObject({ status: 'stopped', reason: { code: 'stopped_by_user' } });
  await gateway.ask('POST', '/v1/sessions/life/start');
  await connected(gateway, 'life');
});

test('knows that the phone has unlinked it, says what to do, and pairs again after a start', async () => {
  const phone = world.phone();
  await phone.unlink(PHONE, 1);
  const out = await gateway.ask<SessionJson>('GET', '/v1/sessions/life?waitFor=logged_out&timeoutSeconds=20');
  expect(out).toMatchObject({ status: 'logged_out', reason: { code: 'logged_out' } });
  expect(out.reason?.action).toMatch(/QR code/);
  const [told] = await eventsOf(gateway, { sessionId: 'life', type: 'session.logged_out' });
  expect(told?.data).toMatchObject({ status: 'logged_out', reason: { code: 'logged_out' } });
  await gateway.ask('POST', '/v1/sessions/life/start');
  const { qr } = await gateway.ask<{ qr: string }>('GET', '/v1/sessions/life/qr?waitSeconds=30');
  await phone.scan(PHONE, qr);
  await connected(gateway, 'life');
});

test('a second login with the same credentials stops the session instead of fighting', async () => {
  await world.phone().drop({ session: PHONE, how: 'stream_error', code: 440 });
  const replaced = await gateway.ask<SessionJson>(
    'GET',
    '/v1/sessions/life?waitFor=stopped&timeoutSeconds=20',
  );
  expect(replaced.reason?.code).toBe('replaced');
  await gateway.ask('POST', '/v1/sessions/life/start');
  await connected(gateway, 'life');
});

test('logs out on request: the phone has no linked device any more', async () => {
  await gateway.ask('POST', '/v1/sessions/life/logout');
  expect(await status('life')).toMatchObject({ status: 'logged_out', phone: null });
  expect((await world.phone().phone(PHONE)).devices).toHaveLength(1);
});

test('deletes a session with all that belongs to it', async () => {
  await pair(gateway, world.phone(), { id: 'gone', number: '4915550002002' });
  expect((await gateway.call('DELETE', '/v1/sessions/gone')).status).toBe(204);
  expect((await gateway.call('GET', '/v1/sessions/gone')).body.code).toBe('session_not_found');
  expect((await world.phone().phone('4915550002002')).devices).toHaveLength(1);
});
