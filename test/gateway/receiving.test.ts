/**
 * Messages from a simulated contact to a webhook, with the real client: each is exactly one event, signed, in order.
 */
import { createHmac } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import type { Received, WebhookReceiver } from '../support/webhookReceiver.js';
import { connected, eventsOf, pair, useWorld, type EventJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550004001';
const BOB = '4915550004002';
let gateway: GatewayProcess;
let receiver: WebhookReceiver;
let secret: string;

beforeAll(async () => {
  gateway = await world.start();
  receiver = await world.receiver();
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'recv', number: PHONE });
  const webhook = { url: `${receiver.url}/hook`, events: ['message.received'], sessionIds: ['recv'] };
  secret = (await gateway.ask<{ secret: string }>('POST', '/v1/webhooks', webhook)).secret;
});

const envelopes = (requests: Received[]): EventJson[] =>
  requests.map(({ body }) => JSON.parse(body) as EventJson);

function signatureOf({ headers, body }: Received): string {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

test('a text arrives as one signed webhook with phone and LID of its sender', async () => {
  const waId = await world.phone().sendTo(PHONE, { from: BOB, text: 'hello gateway' });
  const [request] = await receiver.waitFor(1);
  expect(request?.headers['webhook-signature']).toBe(request && signatureOf(request));
  const [event] = envelopes(request ? [request] : []);
  expect(event?.id).toBe(request?.headers['webhook-id']);
  const bob = await world.phone().contact(BOB);
  expect(event).toMatchObject({
    type: 'message.received',
    sessionId: 'recv',
    data: {
      messageId: waId,
      from: { phone: BOB, lid: bob.lid, jid: `${BOB}@s.whatsapp.net`, name: 'Bob' },
      chat: { jid: `${BOB}@s.whatsapp.net`, kind: 'direct' },
      kind: 'text',
      text: 'hello gateway',
      offline: false,
    },
  });
});

test('the same person by LID is the same chat', async () => {
  const waId = await world.phone().sendTo(PHONE, { from: BOB, text: 'by lid', addressing: 'lid' });
  const events = await eventsOf(gateway, { sessionId: 'recv', type: 'message.received', count: 2 });
  const event = events.find(({ data }) => data.messageId === waId);
  expect(event?.data).toMatchObject({ from: { phone: BOB }, chat: { jid: `${BOB}@s.whatsapp.net` } });
});

test('WhatsApp is told that a message arrived only after it is in the database', async () => {
  const waId = await world.phone().sendTo(PHONE, { from: BOB, text: 'kept first' });
  await world.phone().deliveries.waitFor({ waId, acknowledged: true });
  await gateway.kill9();
  gateway = await world.start();
  const events = await eventsOf(gateway, { sessionId: 'recv', type: 'message.received', count: 3 });
  expect(events.filter(({ data }) => data.messageId === waId)).toHaveLength(1);
  await connected(gateway, 'recv');
});

test('what came while the gateway was away comes once, flagged offline, in order', async () => {
  await gateway.stop();
  const texts = Array.from({ length: 20 }, (_, index) => `offline ${String(index)}`);
  await world.phone().sendManyTo(
    PHONE,
    texts.map((text) => ({ from: BOB, text })),
  );
  gateway = await world.start();
  const events = await eventsOf(gateway, { sessionId: 'recv', type: 'message.received', count: 23 });
  const offline = events.filter(({ data }) => String(data.text).startsWith('offline '));
  expect(offline.map(({ data }) => data.text)).toEqual(texts);
  expect(offline.every(({ data }) => data.offline === true)).toBe(true);
});

test('a message id that WhatsApp delivers twice is one event', async () => {
  const message = { from: BOB, text: 'twice', waId: 'TWICE0001' };
  await world.phone().sendManyTo(PHONE, [message, message, { from: BOB, text: 'after' }]);
  const events = await eventsOf(gateway, { sessionId: 'recv', type: 'message.received', count: 25 });
  expect(events.filter(({ data }) => data.messageId === 'TWICE0001')).toHaveLength(1);
  expect(events.at(-1)?.data.text).toBe('after');
});

test('a message that cannot be decrypted at first is asked for again and is one event with its content', async () => {
  const waId = await world.phone().sendTo(PHONE, { from: BOB, text: 'spoiled at first', corrupt: true });
  const events = await eventsOf(gateway, { sessionId: 'recv', type: 'message.received', count: 26 });
  expect(events.filter(({ data }) => data.messageId === waId).map(({ data }) => data.text)).toEqual([
    'spoiled at first',
  ]);
});

test('numbers of the event log have no gap', async () => {
  const { data } = await gateway.ask<{ data: EventJson[] }>(
    'GET',
    '/v1/events?sessionId=recv&afterSeq=0&limit=200',
  );
  expect(data.map(({ seq }) => seq)).toEqual(data.map((_, index) => index + 1));
});

test('all of it reached the webhook, in the order of the log, each event once', async () => {
  const received = await eventsOf(gateway, { sessionId: 'recv', type: 'message.received', count: 26 });
  // At least once: a kill -9 may repeat the one in flight, under the same id.
  const ids = await eventually('every event reached the webhook', () => {
    const different = [...new Set(receiver.requests.map(({ headers }) => headers['webhook-id']))];
    return different.length >= received.length && different;
  });
  expect(ids).toEqual(received.map(({ id }) => id));
});
