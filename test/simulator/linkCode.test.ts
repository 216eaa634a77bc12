/**
 * Pairing by the code that a client shows.
 */
import { openStage, type Stage } from './support/stage.js';
import { opened, shownQr, type TestClient } from './support/client.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

async function showCode(number: string): Promise<{ client: TestClient; code: string }> {
  const client = stage.client();
  await shownQr(client);
  const code = await client.socket.requestPairingCode(number);
  await stage.control.pairings.waitFor({ codeFor: number });
  return { client, code };
}

test('the right code links the client, which then logs in', async () => {
  const number = await stage.phone();
  const { client, code } = await showCode(number);
  expect(await stage.control.enterCode(number, `${code.slice(0, 4)}-${code.slice(4)}`)).toMatchObject({
    device: 1,
  });
  expect(await client.closed()).toBe(515);
  const second = await opened(stage.client(client.auth));
  expect(second.auth.creds.registered).toBe(true);
});

test('a wrong code is refused, and the right one still works', async () => {
  const number = await stage.phone();
  const { client, code } = await showCode(number);
  const wrong = code.startsWith('A') ? 'BBBBBBBB' : 'AAAAAAAA';
  await expect(stage.control.enterCode(number, wrong)).rejects.toMatchObject({
    status: 422,
    code: 'wrong_code',
  });
  expect((await stage.control.phone(number)).devices).toHaveLength(1);
  expect(await stage.control.enterCode(number, code)).toMatchObject({ number });
  expect(await client.closed()).toBe(515);
});

test('a code for a number that no client shows is refused', async () => {
  const number = await stage.phone();
  await expect(stage.control.enterCode(number, 'AAAABBBB')).rejects.toMatchObject({
    status: 409,
    code: 'no_code',
  });
  await expect(stage.control.enterCode(number, 'SHORT')).rejects.toMatchObject({ status: 400 });
});
