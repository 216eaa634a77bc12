/**
 * A simulated WhatsApp, a data folder and gateways on it, for one test file; all are gone after it.
 * Tests that speak of the gateway as a whole begin with `useWorld()`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulatorClient, type SimulatorClient } from '../../gateway/src/simulator/client.js';
import { createSimulator, type Simulator } from '../../gateway/src/simulator/simulator.js';
import {
  startGatewayProcess,
  type GatewayProcess,
  type GatewaySettings,
  type Json,
} from './gatewayProcess.js';
import { startWebhookReceiver, type WebhookReceiver } from './webhookReceiver.js';

export interface World {
  simulator: () => Simulator;
  phone: () => SimulatorClient;
  /** A gateway against the simulator, whose media host it trusts; the same folder is the same gateway again. */
  start: (settings?: Partial<GatewaySettings>) => Promise<GatewayProcess>;
  newDataDir: () => string;
  receiver: () => Promise<WebhookReceiver>;
}

/** Session fields that tests look at. */
export interface SessionJson {
  id: string;
  status: string;
  reason: { code: string; message: string; action: string } | null;
  phone: string | null;
  lid: string | null;
  pushName: string | null;
  queue: { size: number; hold: unknown };
}

export interface MessageJson {
  id: string;
  waId: string;
  status: string;
  attempts: number;
  hold: { code: string; message: string; until: string | null } | null;
  error: { code: string; message: string; retryable: boolean } | null;
  timeline: { status: string; at: string }[];
}

export interface EventJson {
  id: string;
  seq: number;
  type: string;
  sessionId: string;
  data: Json;
}

export function useWorld(): World {
  let simulator: Simulator;
  let dataDir: string;
  let caFile: string;
  const folders: string[] = [];
  const gateways: GatewayProcess[] = [];
  const receivers: WebhookReceiver[] = [];

  const newDataDir = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-test-data-'));
    folders.push(folder);
    return folder;
  };

  beforeAll(async () => {
    simulator = await createSimulator();
    dataDir = newDataDir();
    caFile = join(newDataDir(), 'ca.pem');
    writeFileSync(caFile, simulator.mediaCaPem);
  });

  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.kill9()));
    await Promise.all(receivers.map((receiver) => receiver.close()));
    await simulator.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  return {
    simulator: () => simulator,
    phone: () => createSimulatorClient(simulator.controlUrl),
    newDataDir,
    async start(settings = {}) {
      const gateway = await startGatewayProcess({
        dataDir,
        ...settings,
        env: {
          SLUICE_WHATSAPP_SIMULATED: 'true',
          SLUICE_WHATSAPP_URL: simulator.url,
          SLUICE_WHATSAPP_ROOT_KEY: simulator.rootKeyHex,
          SLUICE_PRIVATE_TARGETS: '127.0.0.1',
          NODE_EXTRA_CA_CERTS: caFile,
          ...settings.env,
        },
      });
      gateways.push(gateway);
      return gateway;
    },
    async receiver() {
      const receiver = await startWebhookReceiver();
      receivers.push(receiver);
      return receiver;
    },
  };
}

/** Creates a session and links it to a new simulated phone. */
export async function pair(
  gateway: GatewayProcess,
  phone: SimulatorClient,
  { id, number, policy = { preset: 'unpaced' } }: { id: string; number: string; policy?: Json },
): Promise<SessionJson> {
  await phone.createPhone({ number, name: `Phone of ${id}` });
  await gateway.ask('POST', '/v1/sessions', { id, policy });
  const { qr } = await gateway.ask<{ qr: string }>('GET', `/v1/sessions/${id}/qr?waitSeconds=30`);
  await phone.scan(number, qr);
  return connected(gateway, id);
}

/** Waits until the session is connected. */
export async function connected(gateway: GatewayProcess, id: string): Promise<SessionJson> {
  const session = await gateway.ask<SessionJson>(
    'GET',
    `/v1/sessions/${id}?waitFor=connected&timeoutSeconds=30`,
  );
  if (session.status === 'connected') return session;
  throw new Error(
    `Session ${id} is ${session.status}: ${JSON.stringify(session.reason)}\n${gateway.output()}`,
  );
}

/** Waits for events of a type; long polls, so it looks again only when there is something. */
export async function eventsOf(
  gateway: GatewayProcess,
  {
    sessionId,
    type,
    count = 1,
    after = 0,
  }: { sessionId: string; type: string; count?: number; after?: number },
): Promise<EventJson[]> {
  const found: EventJson[] = [];
  // Several reconnects in a row are up to a minute apart.
  const until = Date.now() + 50_000;
  let afterSeq = after;
  while (found.length < count) {
    if (Date.now() > until)
      throw new Error(`Waited in vain for ${String(count)} ${type}; there are ${String(found.length)}`);
    const { data } = await gateway.ask<{ data: EventJson[] }>(
      'GET',
      `/v1/events?sessionId=${sessionId}&types=${type}&afterSeq=${String(afterSeq)}&limit=200&waitSeconds=5`,
    );
    found.push(...data);
    afterSeq = data.at(-1)?.seq ?? afterSeq;
  }
  return found;
}
