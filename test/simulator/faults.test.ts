/**
 * Trouble on command: each fault bites the real client as it would on the real network, and ends as it was told to.
 */
import { openStage, jid, type Stage } from './support/stage.js';
import { opened, received, type TestClient } from './support/client.js';
import type { FaultRequest } from '../../gateway/src/simulator/control/schemas.js';

let stage: Stage;
let session: { number: string; client: TestClient };
beforeAll(async () => {
  stage = await openStage();
  session = await stage.session();
});
beforeEach(async () => {
  await stage.control.clearFaults();
  // Each test finds the session connected, whatever the one before did to it.
  session.client = await stage.reconnect(session.client, {
    defaultQueryTimeoutMs: 1500,
    emitOwnEvents: false,
  });
});
afterAll(() => stage.close());

const fault = (request: FaultRequest): Promise<unknown> => stage.control.addFault(request);
const status = (client: TestClient): Promise<number> =>
  new Promise((resolve) => {
    client.socket.ws.on('unexpected-response', (_request: unknown, response: { statusCode: number }) =>
      resolve(response.statusCode),
    );
  });

test.each([405, 429, 503])('HTTP %d on the upgrade, once', async (code) => {
  await session.client.end();
  await fault({ kind: 'refuse_upgrade', code, count: 1 });
  const refused = stage.client(session.client.auth);
  expect(await status(refused)).toBe(code);
  await opened(stage.client(session.client.auth));
});

test('a refused TCP connection is 408 for the client, and the port opens again', async () => {
  await session.client.end();
  await fault({ kind: 'refuse_connection' });
  expect(await stage.client(session.client.auth).closed()).toBe(408);
  await stage.control.clearFaults();
  await opened(stage.client(session.client.auth));
});

test('a refused TCP connection ends by its time', async () => {
  await session.client.end();
  await fault({ kind: 'refuse_connection', durationMs: 300 });
  expect(await stage.client(session.client.auth).closed()).toBe(408);
  const { world } = stage.simulator;
  await world.changes.waitFor(() => (world.faults.list().length === 0 ? true : undefined), 400);
  await opened(stage.client(session.client.auth));
});

test('a connection that is reset during the upgrade is 408', async () => {
  await session.client.end();
  await fault({ kind: 'reset_upgrade', count: 1 });
  expect([408, 500]).toContain(await stage.client(session.client.auth).closed());
  await opened(stage.client(session.client.auth));
});

test.each(['hang_upgrade', 'hang_handshake'] as const)(
  '%s: the client gives up after its own time',
  async (kind) => {
    await session.client.end();
    await fault({ kind, count: 1 });
    expect(await stage.client(session.client.auth, { connectTimeoutMs: 300 }).closed()).toBe(408);
    await opened(stage.client(session.client.auth));
  },
);

test('a half-open link answers nothing, and the client notices by its pings', async () => {
  const { number } = session;
  const client = await stage.reconnect(session.client, {
    keepAliveIntervalMs: 6000,
    defaultQueryTimeoutMs: 500,
  });
  await fault({ kind: 'half_open', session: number });
  expect(await client.socket.onWhatsApp(number)).toBeUndefined();
  expect(client.connectionUpdates.some(({ connection }) => connection === 'close')).toBe(false);
  expect(await client.closed()).toBe(408);
  await stage.control.clearFaults();
  await opened(stage.client(client.auth));
}, 40_000);

test('latency delays both directions and keeps the order', async () => {
  const contact = await stage.contact();
  await fault({ kind: 'latency', session: session.number, delayMs: 150 });
  const startedAt = Date.now();
  expect(await session.client.socket.onWhatsApp(contact)).toHaveLength(1);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(300);
  await stage.control.sendManyTo(session.number, [
    { from: contact, text: 'slow one' },
    { from: contact, text: 'slow two' },
  ]);
  await received(session.client, 'slow two');
});

test('a narrow line makes large stanzas slow', async () => {
  const contact = await stage.contact();
  await fault({ kind: 'bandwidth', session: session.number, bytesPerSecond: 20_000 });
  const startedAt = Date.now();
  await stage.control.sendTo(session.number, { from: contact, text: 'x'.repeat(10_000) });
  await received(session.client, 'x'.repeat(10_000));
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(450);
});

test.each([401, 403, 411, 440, 500, 503, 515] as const)(
  'stream error %d ends the connection with that code',
  async (code) => {
    await stage.control.drop({ session: session.number, how: 'stream_error', code });
    expect(await session.client.closed()).toBe(code);
  },
);

test.each([401, 403, 405, 503])('login failure %d, once', async (code) => {
  await session.client.end();
  await fault({ kind: 'fail_login', session: session.number, code, count: 1 });
  expect(await stage.client(session.client.auth).closed()).toBe(code);
  await opened(stage.client(session.client.auth));
});

test('an ack can be withheld although the message arrives', async () => {
  const contact = await stage.contact();
  await fault({ kind: 'drop_ack', session: session.number, count: 1 });
  const first = (await session.client.socket.sendMessage(jid(contact), { text: 'no ack' }))?.key.id;
  const second = (await session.client.socket.sendMessage(jid(contact), { text: 'ack' }))?.key.id;
  await stage.control.messages.waitFor({ to: contact }, { count: 2 });
  await session.client.waitFor('the second ack', () =>
    session.client.acks.find(({ attrs }) => attrs.id === second),
  );
  expect(session.client.acks.some(({ attrs }) => attrs.id === first)).toBe(false);
});

test('an ack can be late', async () => {
  const contact = await stage.contact();
  await fault({ kind: 'delay_ack', delayMs: 400 });
  const startedAt = Date.now();
  const waId = (await session.client.socket.sendMessage(jid(contact), { text: 'late' }))?.key.id;
  await session.client.waitFor('the ack', () => session.client.acks.find(({ attrs }) => attrs.id === waId));
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(400);
});

test.each([463, 479])(
  'error %d for one recipient: the message is not delivered, others are',
  async (code) => {
    const [refused, fine] = [await stage.contact(), await stage.contact()];
    await fault({ kind: 'refuse_message', recipient: refused, code, durationMs: 60_000 });
    const waId = (await session.client.socket.sendMessage(jid(refused), { text: 'refused' }))?.key.id;
    const ack = await session.client.waitFor('the ack', () =>
      session.client.acks.find(({ attrs }) => attrs.id === waId),
    );
    expect(ack.attrs.error).toBe(String(code));
    await session.client.socket.sendMessage(jid(fine), { text: 'delivered' });
    await stage.control.messages.waitFor({ to: fine });
    expect(await stage.control.messages.list({ to: refused })).toEqual([]);
  },
);

test('queries can be dropped, late or refused, by namespace', async () => {
  const contact = await stage.contact();
  await fault({ kind: 'drop_query', xmlns: 'usync', count: 1 });
  expect(await session.client.socket.onWhatsApp(contact)).toBeUndefined();
  await fault({ kind: 'delay_query', xmlns: 'usync', delayMs: 300, count: 1 });
  const startedAt = Date.now();
  expect(await session.client.socket.onWhatsApp(contact)).toHaveLength(1);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(300);
  await fault({ kind: 'refuse_query', xmlns: 'usync', code: 429, count: 1 });
  await expect(session.client.socket.onWhatsApp(contact)).rejects.toMatchObject({ data: 429 });
  expect(await session.client.socket.onWhatsApp(contact)).toHaveLength(1);
});

test('a phone without network gets its messages when it is back', async () => {
  const contact = await stage.contact();
  await stage.control.setOnline(contact, false);
  const waId = (await session.client.socket.sendMessage(jid(contact), { text: 'wait for me' }))?.key.id;
  await session.client.waitFor('the ack', () => session.client.acks.find(({ attrs }) => attrs.id === waId));
  expect(await stage.control.messages.list({ to: contact })).toEqual([]);
  await stage.control.setOnline(contact, true);
  const [seen] = await stage.control.messages.waitFor({ to: contact });
  expect(seen).toMatchObject({ text: 'wait for me' });
});

test('a phone can be without network for a time only', async () => {
  const contact = await stage.contact();
  await stage.control.setOnline(contact, false, 300);
  const startedAt = Date.now();
  await session.client.socket.sendMessage(jid(contact), { text: 'in a while' });
  await stage.control.messages.waitFor({ to: contact });
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(250);
});

test('an ack can be withheld for one recipient and for a time', async () => {
  const [silent, fine] = [await stage.contact(), await stage.contact()];
  await fault({ kind: 'drop_ack', recipient: silent, durationMs: 60_000 });
  const { client } = session;
  const withheld = (await client.socket.sendMessage(jid(silent), { text: 'no ack' }))?.key.id;
  const given = (await client.socket.sendMessage(jid(fine), { text: 'ack' }))?.key.id;
  await client.waitFor('the other ack', () => client.acks.find(({ attrs }) => attrs.id === given));
  await stage.control.messages.waitFor({ to: silent });
  expect(client.acks.some(({ attrs }) => attrs.id === withheld)).toBe(false);
  await stage.control.clearFaults();
  await fault({ kind: 'drop_ack', recipient: silent, durationMs: 1 });
  await stage.simulator.world.changes.waitFor(
    () => (stage.simulator.world.faults.list().length === 0 ? true : undefined),
    50,
  );
  const later = (await client.socket.sendMessage(jid(silent), { text: 'ack again' }))?.key.id;
  await client.waitFor('the ack', () => client.acks.find(({ attrs }) => attrs.id === later));
});

test('a fault for another session does not bite, and a spent one disappears', async () => {
  await fault({ kind: 'drop_query', session: '4915559999998', xmlns: 'usync' });
  await fault({ kind: 'drop_ack', session: session.number, count: 1 });
  const contact = await stage.contact();
  expect(await session.client.socket.onWhatsApp(contact)).toHaveLength(1);
  await session.client.socket.sendMessage(jid(contact), { text: 'spends it' });
  await stage.control.messages.waitFor({ to: contact });
  expect((await stage.control.faults()).map(({ kind }) => kind)).toEqual(['drop_query']);
});
