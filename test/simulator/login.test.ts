/**
 * Logging in again: who may, who may not, and what waits for a client that was away.
 */
import { initAuthCreds } from '@whiskeysockets/baileys';
import { openStage, jid, type Stage } from './support/stage.js';
import { opened, received } from './support/client.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test('a linked client logs in again without a code, and all its queries are answered', async () => {
  const { number, client } = await stage.session();
  await stage.reconnect(await stage.reconnect(client));
  const [, device] = (await stage.control.phone(number)).devices;
  expect(device).toMatchObject({ logins: 3, connected: true });
  expect(await stage.control.errors.list({ session: number })).toEqual([]);
});

test('the first sync gives the client its name and a settings key, without the wait of 20 seconds', async () => {
  const { client } = await stage.session();
  await client.waitFor('the name', () => client.auth.creds.me?.name === 'Ada' || undefined);
  await client.waitFor('the end of the first sync', () =>
    client.auth.creds.accountSyncCounter > 0 ? true : undefined,
  );
  expect(client.auth.creds.myAppStateKeyId).toBeDefined();
});

test('a client with keys that the server does not know is sent away with 401', async () => {
  const { client } = await stage.session();
  await client.end();
  const stranger = { ...client.auth, creds: { ...client.auth.creds, noiseKey: initAuthCreds().noiseKey } };
  expect(await stage.client(stranger).closed()).toBe(401);
});

test('an unlinked device is told 401 and cannot come back', async () => {
  const { number, client } = await stage.session();
  await stage.control.unlink(number, 1);
  expect(await client.closed()).toBe(401);
  expect(await stage.client(client.auth).closed()).toBe(401);
});

test('logging out from the client unlinks it', async () => {
  const { number, client } = await stage.session();
  await client.socket.logout();
  expect(await client.closed()).toBe(401);
  const { world } = stage.simulator;
  const devices = world.directory.byNumber(number)?.devices;
  expect(await world.changes.waitFor(() => (devices?.has(1) ? undefined : 'unlinked'), 5000)).toBe(
    'unlinked',
  );
  expect(await stage.client(client.auth).closed()).toBe(401);
});

test('a second login of the same device ends the first with 440', async () => {
  const { client } = await stage.session();
  const second = await opened(stage.client(client.auth));
  expect(await client.closed()).toBe(440);
  expect(second.connectionUpdates.some(({ connection }) => connection === 'close')).toBe(false);
});

test('a dropped connection ends with 428, a reset one too, and both can log in again', async () => {
  const { number, client } = await stage.session();
  expect(await stage.control.drop({ session: number })).toEqual({ dropped: 1 });
  expect(await client.closed()).toBe(428);
  const second = await opened(stage.client(client.auth));
  await stage.control.drop({ session: number, how: 'reset' });
  expect(await second.closed()).toBe(428);
  await opened(stage.client(client.auth));
});

test('messages for a client that was away come in order at its next login, marked as offline', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  await client.end();
  const texts = ['one', 'two', 'three'];
  await stage.control.sendManyTo(
    number,
    texts.map((text) => ({ from: contact, text })),
  );
  expect(await stage.control.deliveries.list({ to: number })).toMatchObject(texts.map(() => ({ sends: 0 })));
  const again = await stage.reconnect(client);
  await received(again, 'three');
  const seen = again.messages.filter(({ key }) => key.remoteJid === jid(contact));
  expect(seen.map(({ message }) => message?.conversation)).toEqual(texts);
  expect(seen.map(({ upsertType }) => upsertType)).toEqual(['append', 'append', 'append']);
  await stage.control.deliveries.waitFor({ to: number, acknowledged: true }, { count: 3 });
});

test('what a client has not acknowledged is delivered again, what it has is not', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  const first = await stage.control.sendTo(number, { from: contact, text: 'acknowledged' });
  await stage.control.deliveries.waitFor({ waId: first, acknowledged: true });
  // A client that dies before it answers: it takes the bytes, but no receipt ever leaves it.
  client.socket.ws.removeAllListeners('message');
  const second = await stage.control.sendTo(number, { from: contact, text: 'lost at first' });
  await stage.control.deliveries.waitFor({ waId: second });
  const again = await stage.reconnect(client);
  await received(again, 'lost at first');
  expect(again.messages.some(({ message }) => message?.conversation === 'acknowledged')).toBe(false);
  const [delivery] = await stage.control.deliveries.waitFor({ waId: second, acknowledged: true });
  expect(delivery?.sends).toBe(2);
});

test('running out of one-time prekeys makes the server ask for more, and the client uploads them', async () => {
  const { number, client } = await stage.session();
  const account = stage.simulator.world.directory.byNumber(number);
  const device = account?.devices.get(1);
  if (device?.kind !== 'linked') throw new Error('not linked');
  device.preKeys.splice(0, device.preKeys.length - 5);
  const contact = await stage.contact();
  await stage.control.sendTo(number, { from: contact, text: 'takes the fifth' });
  await received(client, 'takes the fifth');
  await stage.control.connections.waitFor({ session: number, ready: true });
  await stage.simulator.world.changes.waitFor(() => (device.preKeys.length > 4 ? true : undefined), 10_000);
  expect(device.preKeys).toHaveLength(9);
});

test('pings are answered', async () => {
  const { number, client } = await stage.session({ keepAliveIntervalMs: 50 });
  const pings = (): Promise<number> => stage.control.metrics().then(({ queries }) => queries['w:p'] ?? 0);
  const before = await pings();
  const answer: unknown = await client.socket.query({
    tag: 'iq',
    attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' },
    content: [{ tag: 'ping', attrs: {} }],
  });
  expect(answer).toMatchObject({ attrs: { type: 'result' } });
  expect(await pings()).toBeGreaterThan(before);
  expect(await stage.control.errors.list({ session: number })).toEqual([]);
});
