/**
 * The same gateway on Postgres, and two of them on one database: any takes any request, one owns the session, and the
 * other takes it over when the owner dies.
 */
import { randomBytes } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { openTestFolder, type TestFolder } from '../support/folder.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import {
  connected,
  eventsOf,
  pair,
  useWorld,
  type EventJson,
  type MessageJson,
  type SessionJson,
} from '../support/world.js';

const world = useWorld();
const PHONE = '4915550009001';
const BOB = '4915550009002';
let folder: TestFolder;
let first: GatewayProcess;
let second: GatewayProcess;

beforeAll(async () => {
  folder = await openTestFolder();
  const env = {
    SLUICE_DATABASE_URL: await folder.postgresUrl('postgres'),
    SLUICE_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  };
  first = await world.start({ dataDir: world.newDataDir(), env });
  second = await world.start({ dataDir: world.newDataDir(), env });
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(first, world.phone(), { id: 'pg', number: PHONE });
});

// The folder's server must outlive the gateways, which useWorld ends before this.
afterAll(() => folder.close());

const send = (gateway: GatewayProcess, text: string): Promise<MessageJson> =>
  gateway.ask<MessageJson>('POST', '/v1/messages?wait=delivered&timeoutSeconds=30', {
    sessionId: 'pg',
    to: BOB,
    text,
  });

test('either process takes the request, and the owner sends', async () => {
  expect((await send(first, 'through the first')).status).toBe('delivered');
  expect((await send(second, 'through the second')).status).toBe('delivered');
  const seen = await world.phone().messages.list({ to: BOB, device: 0 });
  expect(seen.map(({ text }) => text)).toEqual(['through the first', 'through the second']);
});

test('what arrives is in the log for both', async () => {
  const waId = await world.phone().sendTo(PHONE, { from: BOB, text: 'to whom it may concern' });
  for (const gateway of [first, second]) {
    const [event] = await eventsOf(gateway, { sessionId: 'pg', type: 'message.received' });
    expect(event?.data).toMatchObject({ messageId: waId, text: 'to whom it may concern' });
  }
});

test('a request through the other process reaches the owner: restart', async () => {
  const before = (await eventsOf(second, { sessionId: 'pg', type: 'session.connected' })).length;
  await second.ask('POST', '/v1/sessions/pg/restart', {});
  await eventsOf(second, { sessionId: 'pg', type: 'session.connected', count: before + 1 });
});

test('a question to the live socket is answered through either process', async () => {
  await world.phone().createGroup({ subject: 'Both', creator: BOB, members: [PHONE] });
  for (const gateway of [first, second]) {
    const { data } = await gateway.ask<{ data: { subject: string }[] }>('GET', '/v1/sessions/pg/groups');
    expect(data.map(({ subject }) => subject)).toEqual(['Both']);
    const known = await gateway.ask('GET', `/v1/sessions/pg/recipients/${BOB}`);
    expect(known).toMatchObject({ exists: true, phone: BOB });
    const missing = await gateway.call('GET', '/v1/sessions/pg/groups/120363000000000000@g.us');
    expect([missing.status, missing.body.code]).toEqual([404, 'group_not_found']);
  }
});

test('a pairing code is given through either process, whichever has the socket', async () => {
  for (const [index, gateway] of [first, second].entries()) {
    const number = `491555000901${String(index)}`;
    await world.phone().createPhone({ number, name: 'Ada' });
    const id = `code-${String(index)}`;
    // Made by the one and asked of the other, so that one of the two rounds goes through a row.
    await first.ask('POST', '/v1/sessions', { id });
    const { code } = await gateway.ask<{ code: string }>('POST', `/v1/sessions/${id}/pairing-code`, {
      phone: number,
    });
    await world.phone().pairings.waitFor({ codeFor: number });
    await world.phone().enterCode(number, code);
    expect(await connected(gateway, id)).toMatchObject({ phone: number });
  }
});

test('when the owner is killed, the other takes the session over, with nothing lost and no second login', async () => {
  // The first one paired it and has held it since: a lease that is renewed does not move.
  const survivor = second;
  await first.kill9();
  const message = await survivor.ask<MessageJson>('POST', '/v1/messages', {
    sessionId: 'pg',
    to: BOB,
    text: 'after the takeover',
  });
  await connected(survivor, 'pg');
  await eventually(
    'delivered',
    async () => (await survivor.ask<MessageJson>('GET', `/v1/messages/${message.id}`)).status === 'delivered',
  );
  const { data } = await survivor.ask<{ data: EventJson[] }>(
    'GET',
    '/v1/events?sessionId=pg&afterSeq=0&limit=200',
  );
  expect(data.map(({ seq }) => seq)).toEqual(data.map((_, index) => index + 1));
  const reasons = data.map((event) => (event.data.reason as SessionJson['reason'])?.code);
  expect(reasons).not.toContain('replaced');
});
