/**
 * Pairing by QR code, with the real client.
 */
import { openStage, type Stage } from './support/stage.js';
import { opened, shownQr } from './support/client.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test('a client shows a QR code, is linked by a scan, gets 515 and then logs in', async () => {
  const number = await stage.phone();
  const client = stage.client();
  const qr = await shownQr(client);
  expect(qr).toMatch(/^https:\/\/wa\.me\/settings\/linked_devices#2@/);
  const paired = await stage.control.scan(number, qr);
  expect(paired).toMatchObject({ number, device: 1, jid: `${number}:1@s.whatsapp.net` });
  expect(await client.closed()).toBe(515);
  const second = await opened(stage.client(client.auth));
  expect(second.auth.creds.me).toMatchObject({ id: paired.jid, lid: paired.lid });
  const [, device] = (await stage.control.phone(number)).devices;
  expect(device).toMatchObject({ id: 1, kind: 'linked', connected: true, ready: true, preKeys: 811 });
});

test('the bare form of the code, as older clients show it, is understood', async () => {
  const number = await stage.phone();
  const client = stage.client();
  const bare = (await shownQr(client))
    .replace(/^[^#]*#/, '')
    .split(',')
    .slice(0, 4)
    .join(',');
  expect(await stage.control.scan(number, bare)).toMatchObject({ number });
  expect(await client.closed()).toBe(515);
});

test('the client rotates through six codes, each of which works, and gives up after the last', async () => {
  const client = stage.client(undefined, { qrTimeout: 60 });
  expect(await client.closed()).toBe(408);
  const codes = client.connectionUpdates.flatMap(({ qr }) => qr ?? []);
  expect(new Set(codes).size).toBe(6);
  const number = await stage.phone();
  await expect(stage.control.scan(number, codes[5] ?? '')).rejects.toMatchObject({
    status: 409,
    code: 'unknown_ref',
  });
});

test('a code that was rotated away still works while its client is there', async () => {
  const number = await stage.phone();
  const client = stage.client(undefined, { qrTimeout: 300 });
  const first = await shownQr(client);
  await client.waitFor(
    'the second code',
    () => client.connectionUpdates.filter(({ qr }) => qr !== undefined)[1],
  );
  expect(await stage.control.scan(number, first)).toMatchObject({ number, device: 1 });
});

test('a text that is no code, a scanned code and a code with other keys are refused with a reason', async () => {
  const number = await stage.phone();
  const client = stage.client();
  const qr = await shownQr(client);
  await expect(stage.control.scan(number, 'hello')).rejects.toMatchObject({ status: 422, code: 'not_a_qr' });
  const fields = qr.split(',');
  fields[2] = Buffer.alloc(32, 7).toString('base64');
  await expect(stage.control.scan(number, fields.join(','))).rejects.toMatchObject({
    status: 422,
    code: 'wrong_keys',
  });
  await stage.control.scan(number, qr);
  await expect(stage.control.scan(number, qr)).rejects.toMatchObject({ status: 409, code: 'unknown_ref' });
});

test('the secret in the code is what the papers are sealed with: a wrong one makes the client refuse', async () => {
  const number = await stage.phone();
  const client = stage.client();
  const fields = (await shownQr(client)).split(',');
  fields[3] = Buffer.alloc(32, 7).toString('base64');
  await expect(stage.control.scan(number, fields.join(','))).rejects.toMatchObject({
    status: 504,
    code: 'no_answer',
  });
  expect((await stage.control.phone(number)).devices).toHaveLength(1);
});

test('several clients can be linked to one phone and get ids of their own', async () => {
  const { number, client } = await stage.session();
  const other = stage.client();
  expect(await stage.control.scan(number, await shownQr(other))).toMatchObject({ device: 2 });
  await other.closed();
  await opened(stage.client(other.auth));
  expect(client.connectionUpdates.some(({ connection }) => connection === 'close')).toBe(false);
  expect((await stage.control.phone(number)).devices.map(({ id }) => id)).toEqual([0, 1, 2]);
});
