/**
 * A session linked by a code that is typed on the phone: the real client against the simulator.
 */
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { connected, eventsOf, useWorld } from '../support/world.js';

interface Code {
  code: string;
  expiresAt: string;
}

const world = useWorld();
let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await world.start();
});

/** The code, once the server of WhatsApp knows it. */
async function askCode(id: string, phone: string): Promise<Code> {
  const answer = await gateway.ask<Code>('POST', `/v1/sessions/${id}/pairing-code`, { phone: `+${phone}` });
  await world.phone().pairings.waitFor({ codeFor: phone });
  return answer;
}

test('a session that was just made gives a code, and is connected when it was typed', async () => {
  const number = '4915550016001';
  await world.phone().createPhone({ number, name: 'Ada' });
  await gateway.ask('POST', '/v1/sessions', { id: 'code' });
  const { code, expiresAt } = await askCode('code', number);
  expect(code).toMatch(/^[0-9A-Z]{8}$/);
  const leftMs = Date.parse(expiresAt) - Date.now();
  expect(leftMs).toBeGreaterThan(100_000);
  expect(leftMs).toBeLessThanOrEqual(160_000);
  await world.phone().enterCode(number, code);
  expect(await connected(gateway, 'code')).toMatchObject({ phone: number });
  const again = await gateway.call('POST', '/v1/sessions/code/pairing-code', { phone: number });
  expect([again.status, again.body.code]).toEqual([409, 'session_connected']);
});

test('a code that was not typed before the link was lost does not spoil the pairing', async () => {
  const number = '4915550016002';
  await world.phone().createPhone({ number, name: 'Bea' });
  await gateway.ask('POST', '/v1/sessions', { id: 'lost' });
  const before = await askCode('lost', number);
  await world.phone().drop();
  // The next socket offers a QR code, where one that logged in with what the code left behind would be refused.
  await eventsOf(gateway, { sessionId: 'lost', type: 'session.qr', count: 2 });
  const { code } = await askCode('lost', number);
  expect(code).not.toBe(before.code);
  await world.phone().enterCode(number, code);
  expect(await connected(gateway, 'lost')).toMatchObject({ phone: number });
});

test('a session that offers no QR code gives none', async () => {
  await gateway.ask('POST', '/v1/sessions', { id: 'off', start: false });
  const ask = (id: string, phone: string) =>
    gateway.call('POST', `/v1/sessions/${id}/pairing-code`, { phone });
  const stopped = await ask('off', '4915550016003');
  expect([stopped.status, stopped.body.code]).toEqual([409, 'invalid_state']);
  const missing = await ask('nobody', '4915550016003');
  expect([missing.status, missing.body.code]).toEqual([404, 'session_not_found']);
  const noPhone = await ask('off', '12');
  expect([noPhone.status, noPhone.body.code]).toEqual([422, 'recipient_invalid']);
});
