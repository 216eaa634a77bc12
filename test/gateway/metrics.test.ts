/**
 * What GET /metrics says of messages, with the real client: those that wait, and those that WhatsApp acknowledged and nobody
 * has received for long, which is how a number in trouble shows first.
 */
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { connected, pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550025001';
const [BOB, CAROL] = ['4915550025002', '4915550025003'];
const MINUTE_MS = 60_000;
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  for (const number of [BOB, CAROL]) await world.phone().createContact({ number, name: number });
  await pair(gateway, world.phone(), { id: 'counted', number: PHONE });
});

/** The same gateway, at a later time. */
async function later(aheadMs: number): Promise<void> {
  await gateway.stop();
  gateway = await world.start({
    program: fileURLToPath(new URL('support/clockGateway.mjs', import.meta.url)),
    env: { CLOCK_AHEAD_MS: String(aheadMs) },
  });
  await connected(gateway, 'counted');
}

async function read(name: string): Promise<Record<string, number>> {
  const text = await gateway.ask<string>('GET', '/metrics');
  const lines = [...text.matchAll(new RegExp(`^${name}(?:\\{[^=]+="([^"]+)"\\})? (\\S+)$`, 'gm'))];
  return Object.fromEntries(lines.map(([, label = '', value]) => [label, Number(value)]));
}
const undelivered = () => read('sluice_messages_undelivered');
const post = (to: string, query = '?wait=sent&timeoutSeconds=30', more: object = {}) =>
  gateway.ask<MessageJson>('POST', `/v1/messages${query}`, {
    sessionId: 'counted',
    to,
    text: 'counted',
    ...more,
  });

test('sent and received by nobody is counted once it has lasted ten minutes, an hour, a day; received, it is not', async () => {
  await world.phone().setPolicy(BOB, { delivered: false });
  const stuck = [await post(BOB), await post(BOB)];
  await post(CAROL, '?wait=delivered&timeoutSeconds=30');
  expect(await undelivered()).toEqual({ '10m': 0, '1h': 0, '24h': 0 });
  await later(11 * MINUTE_MS);
  expect(await undelivered()).toEqual({ '10m': 2, '1h': 0, '24h': 0 });
  await later(61 * MINUTE_MS);
  expect(await undelivered()).toEqual({ '10m': 2, '1h': 2, '24h': 0 });
  await later(25 * 60 * MINUTE_MS);
  expect(await undelivered()).toEqual({ '10m': 2, '1h': 2, '24h': 2 });
  await world.phone().setPolicy(BOB, { delivered: true });
  await world.phone().sendReceipt({ from: BOB, to: PHONE, waIds: [stuck[0]?.waId ?? ''], type: 'read' });
  await eventually('one less', async () => (await undelivered())['24h'] === 1);
});

test('messages that wait, and sessions by what they are', async () => {
  expect(await read('sluice_messages_waiting')).toEqual({ '': 0 });
  expect(await read('sluice_sessions')).toEqual({ connected: 1 });
  await gateway.ask('POST', '/v1/sessions/counted/pause');
  await post(BOB, '');
  await post(BOB, '', { sendAt: new Date(Date.now() + 100 * 24 * 60 * MINUTE_MS).toISOString() });
  expect(await read('sluice_messages_waiting')).toEqual({ '': 2 });
  await gateway.ask('POST', '/v1/sessions/counted/resume');
  await eventually('one sent', async () => (await read('sluice_messages_waiting'))[''] === 1);
  await gateway.ask('POST', '/v1/sessions/counted/stop');
  await eventually('stopped', async () => (await read('sluice_sessions')).stopped === 1);
});
