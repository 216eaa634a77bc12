/**
 * Receiver, gateway and simulated WhatsApp go down and come back, each on its own process or port, in every order, with
 * messages coming in between: each is one event, all are delivered, in the order in which they were sent.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import { startGatewayProcess, type GatewayProcess } from '../support/gatewayProcess.js';
import { startSimulatorProcess, type SimulatorProcess } from '../support/simulatorProcess.js';
import { startWebhookReceiver, type Received, type WebhookReceiver } from '../support/webhookReceiver.js';
import { connected, eventsOf, pair, type EventJson } from '../support/world.js';

const PHONE = '4915550018001';
const BOB = '4915550018002';
const SESSION = 'orders';

let folder: string;
let simulator: SimulatorProcess;
let gateway: GatewayProcess;
let receiver: WebhookReceiver;
let port: number;
/** What all receivers got, one after the other. */
const received: Received[] = [];
const sent: string[] = [];

const startGateway = (): Promise<GatewayProcess> =>
  startGatewayProcess({
    dataDir: join(folder, 'data'),
    env: { ...simulator.env, SLUICE_PRIVATE_TARGETS: '127.0.0.1' },
  });

/** As a workflow that is activated does: the webhook that is there already is tried at once. */
const register = (): Promise<unknown> =>
  gateway.ask('POST', '/v1/webhooks', { url: receiver.url, events: ['message.received'] });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-orders-'));
  simulator = await startSimulatorProcess(join(folder, 'simulator'));
  gateway = await startGateway();
  receiver = await startWebhookReceiver();
  ({ port } = receiver);
  await simulator.phone.createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, simulator.phone, { id: SESSION, number: PHONE });
  await register();
});

afterAll(async () => {
  await gateway.kill9();
  await simulator.stop();
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

const PARTS = {
  receiver: {
    async down() {
      received.push(...receiver.requests);
      await receiver.close();
    },
    async up() {
      receiver = await startWebhookReceiver(port);
    },
  },
  gateway: {
    down: () => gateway.kill9(),
    async up() {
      gateway = await startGateway();
    },
  },
  simulator: { down: () => simulator.stop(), up: () => simulator.start() },
};
type Part = keyof typeof PARTS;

async function send(): Promise<void> {
  const texts = [1, 2, 3].map((index) => `message ${String(sent.length + index)}`);
  await simulator.phone.sendManyTo(
    PHONE,
    texts.map((text) => ({ from: BOB, text })),
  );
  sent.push(...texts);
}

/** All go down, all come back; whenever there is a WhatsApp, somebody writes. */
async function restartAll(order: readonly Part[]): Promise<void> {
  const down = new Set<Part>();
  const write = async (): Promise<void> => {
    if (!down.has('simulator')) await send();
  };
  await write();
  for (const part of order) {
    await PARTS[part].down();
    down.add(part);
    await write();
  }
  for (const part of order) {
    await PARTS[part].up();
    down.delete(part);
    await write();
  }
}

const events = (): Promise<EventJson[]> =>
  eventsOf(gateway, { sessionId: SESSION, type: 'message.received', count: sent.length });

const firstsOf = (requests: Received[]): EventJson[] => {
  const byId = new Map<string, EventJson>();
  for (const { headers, body } of requests) {
    const id = String(headers['webhook-id']);
    if (!byId.has(id)) byId.set(id, JSON.parse(body) as EventJson);
  }
  return [...byId.values()];
};

const ORDERS: Part[][] = [
  ['receiver', 'gateway', 'simulator'],
  ['receiver', 'simulator', 'gateway'],
  ['gateway', 'receiver', 'simulator'],
  ['gateway', 'simulator', 'receiver'],
  ['simulator', 'receiver', 'gateway'],
  ['simulator', 'gateway', 'receiver'],
];

test.each(ORDERS)('%s, %s, %s', async (...order) => {
  await restartAll(order);
  await connected(gateway, SESSION);
  await register();
  const stored = await events();
  expect(stored.map(({ data }) => data.text)).toEqual(sent);
  const all = (): Received[] => [...received, ...receiver.requests];
  await eventually('all delivered', () => firstsOf(all()).length >= sent.length);
  // One event id for each message, whatever was repeated, and in the order in which they were sent.
  expect(firstsOf(all())).toEqual(stored);
  expect(await simulator.phone.deliveries.list({ to: PHONE, acknowledged: false })).toEqual([]);
});
