/**
 * kill -9 at each marked point of a message's way, both directions, with the real client against the simulator:
 * nothing lost, nothing shown twice, every incoming message exactly one event.
 */
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import type { WebhookReceiver } from '../support/webhookReceiver.js';
import { connected, eventsOf, pair, useWorld, type EventJson, type MessageJson } from '../support/world.js';

const HELD = fileURLToPath(new URL('./support/heldGateway.mjs', import.meta.url));
const PHONE = '4915550005001';
const BOB = '4915550005002';

const world = useWorld();
let gateway: GatewayProcess;
let receiver: WebhookReceiver;

beforeAll(async () => {
  gateway = await world.start();
  receiver = await world.receiver();
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'crash', number: PHONE });
  await gateway.ask('POST', '/v1/webhooks', { url: `${receiver.url}/hook`, events: ['message.received'] });
});

const post = (text: string): Promise<MessageJson> =>
  gateway.ask<MessageJson>('POST', '/v1/messages', { sessionId: 'crash', to: BOB, text });

async function restart(): Promise<void> {
  await gateway.kill9();
  gateway = await world.start();
  await connected(gateway, 'crash');
}

/** The message ends as delivered, and Bob's phone showed it once, whatever arrived. */
async function shownOnce(message: MessageJson): Promise<void> {
  await eventually(
    'delivered',
    async () => (await gateway.ask<MessageJson>('GET', `/v1/messages/${message.id}`)).status === 'delivered',
  );
  const seen = await world.phone().messages.list({ to: BOB, device: 0 });
  const copies = seen.filter(({ waId }) => waId === message.waId);
  expect(copies.filter(({ displayed }) => displayed)).toHaveLength(1);
}

const received = async (waId: string): Promise<EventJson[]> =>
  (await eventsOf(gateway, { sessionId: 'crash', type: 'message.received' })).filter(
    ({ data }) => data.messageId === waId,
  );

const hookIds = (): string[] => receiver.requests.map(({ headers }) => String(headers['webhook-id']));

afterEach(async () => {
  expect(await world.phone().errors.list()).toEqual([]);
});

test('after the enqueue commit: the message goes out after the restart', async () => {
  await gateway.ask('PATCH', '/v1/sessions/crash', { policy: { gapMs: { min: 3_600_000, max: 3_600_000 } } });
  await post('opens the gap');
  const message = await post('accepted, then killed');
  await gateway.kill9();
  gateway = await world.start();
  expect((await gateway.ask<MessageJson>('GET', `/v1/messages/${message.id}`)).status).toBe('queued');
  await gateway.ask('PATCH', '/v1/sessions/crash', { policy: { preset: 'unpaced' } });
  await shownOnce(message);
});

test('after the send and before the ack: repeated under the same id, shown once', async () => {
  const phone = world.phone();
  const { id } = await phone.addFault({ kind: 'drop_ack', session: PHONE });
  await phone.setPolicy(BOB, { delivered: false });
  const message = await post('sent, then killed');
  await phone.messages.waitFor({ to: BOB, waId: message.waId, device: 0 });
  await gateway.kill9();
  await phone.removeFault(id);
  await phone.setPolicy(BOB, { delivered: true });
  gateway = await world.start();
  await shownOnce(message);
  expect(await phone.messages.list({ to: BOB, waId: message.waId, device: 0 })).toHaveLength(2);
});

test('after the inbound plaintext is stored: the event follows after the restart, exactly once', async () => {
  await gateway.kill9();
  gateway = await world.start({ program: HELD, env: { HOLD_EVENT: 'message.received' } });
  const waId = await world.phone().sendTo(PHONE, { from: BOB, text: 'stored, then killed' });
  await eventually('the marked point', () => gateway.output().includes('held'));
  // The only copy is in the gateway's database: WhatsApp keeps what was acknowledged no longer.
  await world.phone().deliveries.waitFor({ waId, acknowledged: true });
  await gateway.kill9();
  gateway = await world.start();
  expect((await received(waId)).map(({ data }) => data.text)).toEqual(['stored, then killed']);
  await connected(gateway, 'crash');
});

test('after the event commit: the webhook is posted after the restart', async () => {
  receiver.always('hang');
  const before = receiver.requests.length;
  const waId = await world.phone().sendTo(PHONE, { from: BOB, text: 'event, then killed' });
  const [event] = await eventually('the event', async () => {
    const events = await received(waId);
    return events.length > 0 && events;
  });
  await gateway.kill9();
  receiver.always({ status: 204 });
  gateway = await world.start();
  await eventually('the webhook', () =>
    hookIds()
      .slice(before)
      .includes(event?.id ?? ''),
  );
  expect(await received(waId)).toHaveLength(1);
});

test('after the webhook was posted: posted again with the same webhook-id', async () => {
  const posted = new Promise<string>((resolve) => {
    receiver.always((request) => {
      resolve(String(request.headers['webhook-id']));
      // Answered only when the gateway is gone: it cannot have noted the success.
      return new Promise(() => undefined);
    });
  });
  const waId = await world.phone().sendTo(PHONE, { from: BOB, text: 'posted, then killed' });
  const id = await posted;
  await restart();
  receiver.always({ status: 204 });
  await eventually('the repeat', () => hookIds().filter((hookId) => hookId === id).length >= 2);
  expect(await received(waId)).toHaveLength(1);
});
