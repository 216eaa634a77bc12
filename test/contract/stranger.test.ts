/**
 * The API as a stranger meets it, who has read no more than its description: a gateway started on a folder named as people
 * name folders, and requests as they are plausibly written. Each test was a surprise once.
 */
import { relative } from 'node:path';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess, Json } from '../support/gatewayProcess.js';
import { eventsOf, pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550037001';
const BOB = '4915550037002';
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start({ dataDir: relative('', world.newDataDir()) });
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'main', number: PHONE });
});

test('a file is uploaded and read again with a data folder that is no absolute path, as ./data is none', async () => {
  const headers = { 'content-type': 'image/png' };
  const { body } = await gateway.call<{ id: string }>('POST', '/v1/media', undefined, {
    raw: 'bytes',
    headers,
  });
  expect(await gateway.call('GET', `/v1/media/${body.id}`)).toMatchObject({ status: 200, body: 'bytes' });
});

test('asking for a recipient again answers the same, and no more than that', async () => {
  const [first, again] = [
    await gateway.ask('GET', `/v1/sessions/main/recipients/${BOB}`),
    await gateway.ask('GET', `/v1/sessions/main/recipients/00${BOB}`),
  ];
  expect(Object.keys(first).sort()).toEqual(['exists', 'jid', 'lid', 'phone']);
  expect(again).toEqual(first);
});

test('messages are found by their recipient however the number is written', async () => {
  const { id } = await gateway.ask<MessageJson>('POST', '/v1/messages?wait=sent', { to: BOB, text: 'x' });
  for (const to of [BOB, `+${BOB}`, `${BOB}@s.whatsapp.net`, `+49 ${BOB.slice(2)}`]) {
    const { data } = await gateway.ask<{ data: Json[] }>('GET', `/v1/messages?to=${encodeURIComponent(to)}`);
    expect(data.map((message) => message.id)).toEqual([id]);
  }
  expect(await gateway.ask('GET', '/v1/messages?to=nobody')).toEqual({ data: [], nextCursor: null });
});

test('a replay from a number needs no session', async () => {
  const receiver = await world.receiver();
  await gateway.ask('POST', '/v1/messages?wait=delivered', { to: BOB, text: 'logged' });
  await eventsOf(gateway, { sessionId: 'main', type: 'message.delivered' });
  const { id } = await gateway.ask('POST', '/v1/webhooks', { url: receiver.url, events: ['message.sent'] });
  const { queued } = await gateway.ask('POST', `/v1/webhooks/${String(id)}/replay`, { afterSeq: 0 });
  expect(queued).toBeGreaterThan(0);
  await receiver.waitFor(Number(queued));
});

test('events are asked for by several types and a number, without a session', async () => {
  const query = 'types=session.connected&types=session.qr&afterSeq=1';
  const { data } = await gateway.ask<{ data: { seq: number; type: string }[] }>('GET', `/v1/events?${query}`);
  expect(new Set(data.map(({ type }) => type))).toEqual(new Set(['session.connected']));
  expect(Math.min(...data.map(({ seq }) => seq))).toBeGreaterThan(1);
});

test('a batch for a session that is not there is refused as a whole, one that names it in a message is not', async () => {
  const messages = [{ to: BOB, text: 'x' }];
  expect(await gateway.call('POST', '/v1/messages/batch', { sessionId: 'none', messages })).toMatchObject({
    status: 404,
    body: { code: 'session_not_found' },
  });
  const named = [{ ...messages[0], sessionId: 'none' }];
  expect(await gateway.call('POST', '/v1/messages/batch', { messages: named })).toMatchObject({
    status: 202,
    body: { accepted: 0, rejected: [{ index: 0, code: 'session_not_found' }] },
  });
});

test('a campaign that is through is neither paused nor cancelled', async () => {
  const given = {
    name: 'c',
    sessionIds: ['main'],
    message: { text: 'hi', priority: null },
    recipients: [{ to: BOB }],
  };
  const { id } = await gateway.ask<{ id: string }>('POST', '/v1/campaigns', given);
  const path = `/v1/campaigns/${id}`;
  const done = await eventually('the campaign is through', async () => {
    const campaign = await gateway.ask('GET', path);
    return campaign.status === 'completed' && campaign;
  });
  expect(done).toMatchObject({ counts: { delivered: 1 }, failures: {} });
  for (const verb of ['pause', 'cancel'])
    expect(await gateway.call('POST', `${path}/${verb}`)).toMatchObject({
      status: 409,
      body: { code: 'invalid_state' },
    });
  expect(await gateway.ask('POST', `${path}/resume`)).toMatchObject({ status: 'completed' });
});
