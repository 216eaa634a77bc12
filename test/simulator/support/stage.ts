/**
 * One simulator per test file, with fresh numbers per test and everything closed at the end.
 */
import { muteConsole } from '../../../gateway/src/lib/muteConsole.js';
import { createSimulatorClient, type SimulatorClient } from '../../../gateway/src/simulator/client.js';
import type { NewContact } from '../../../gateway/src/simulator/control/schemas.js';
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../../../gateway/src/simulator/simulator.js';
import { connectClient, opened, pairClient, type ClientConfig, type TestClient } from './client.js';

export interface Stage {
  simulator: Simulator;
  control: SimulatorClient;
  /** A phone with a client linked and connected. */
  session(config?: ClientConfig): Promise<{ number: string; client: TestClient }>;
  /** A new phone without a client. */
  phone(): Promise<string>;
  /** A contact; returns its number. */
  contact(options?: Partial<NewContact>): Promise<string>;
  /** A client that was not paired. */
  client(auth?: TestClient['auth'], config?: ClientConfig): TestClient;
  /** Ends the client and logs in again with its credentials. */
  reconnect(client: TestClient, config?: ClientConfig): Promise<TestClient>;
  close(): Promise<void>;
}

/**
 * Baileys 7.0.0-rc14 never clears the 30 s timer of a prekey upload: it would keep each test file alive for that long.
 */
function letLongTimersGo(): void {
  const original = globalThis.setTimeout;
  const patched = (callback: () => void, delayMs?: number): NodeJS.Timeout => {
    const timer = original(callback, delayMs);
    return (delayMs ?? 0) >= 30_000 ? timer.unref() : timer;
  };
  globalThis.setTimeout = Object.assign(patched, original);
}

let nextNumber = 1000;
/** From the range that telephone authorities keep for films and tests. */
const newNumber = (): string => `4915550${String(nextNumber++).padStart(6, '0')}`;

/** What every test file with a real client needs; `openStage` has done it. */
export function prepareProcess(): void {
  muteConsole();
  letLongTimersGo();
}

/** Starts a simulator. */
export async function openStage(options: SimulatorOptions = {}): Promise<Stage> {
  prepareProcess();
  const simulator = await createSimulator(options);
  const control = createSimulatorClient(simulator.controlUrl);
  const clients: TestClient[] = [];
  const keep = (client: TestClient): TestClient => {
    clients.push(client);
    return client;
  };
  const phone = async (): Promise<string> =>
    (await control.createPhone({ number: newNumber(), name: 'Ada' })).number;

  return {
    simulator,
    control,
    phone,
    async session(config) {
      const number = await phone();
      return { number, client: keep(await pairClient({ url: simulator.url, control, number }, config)) };
    },
    async contact(contact) {
      return (await control.createContact({ number: newNumber(), name: 'Bob', ...contact })).number;
    },
    client: (auth, config) => keep(connectClient(simulator.url, auth, config)),
    async reconnect(client, config) {
      await client.end();
      return opened(keep(connectClient(simulator.url, client.auth, config)));
    },
    async close() {
      await Promise.all(clients.map((client) => client.socket.end(undefined)));
      await simulator.stop();
    },
  };
}

/** The address that applications send to. */
export const jid = (number: string): string => `${number}@s.whatsapp.net`;
