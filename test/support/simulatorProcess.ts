/**
 * `sluice simulator` as a process of its own that keeps its state in a folder: it can be ended and started again at the
 * same addresses, and nobody is unpaired and nothing owed is forgotten. Needs `npm run build:gateway`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createSimulatorClient, type SimulatorClient } from '../../gateway/src/simulator/client.js';
import { eventually } from './eventually.js';

const MAIN = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));

export interface SimulatorProcess {
  /** For the gateway, the same after a restart. */
  env: Record<string, string>;
  phone: SimulatorClient;
  start: () => Promise<void>;
  /** Ends it; what it owes is on the disk then. */
  stop: () => Promise<void>;
}

async function spawnSimulator(args: string[]): Promise<{ child: ChildProcess; output: string }> {
  const child = spawn(process.execPath, [MAIN, 'simulator', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await eventually('the addresses of the simulator', () => output.includes('control API'));
  return { child, output };
}

/** Starts it for the first time, on ports that are free. */
export async function startSimulatorProcess(folder: string): Promise<SimulatorProcess> {
  const first = await spawnSimulator(['--state', folder]);
  const found = (pattern: RegExp): string => pattern.exec(first.output)?.[1] ?? '';
  const url = found(/SLUICE_WHATSAPP_URL=(\S+)/);
  const controlUrl = found(/control API: (\S+)/);
  const [port = '', controlPort = ''] = [url, controlUrl].map((address) => new URL(address).port);
  let child = first.child;
  return {
    env: {
      SLUICE_WHATSAPP_SIMULATED: 'true',
      SLUICE_WHATSAPP_URL: url,
      SLUICE_WHATSAPP_ROOT_KEY: found(/SLUICE_WHATSAPP_ROOT_KEY=(\S+)/),
    },
    phone: createSimulatorClient(controlUrl),
    async start() {
      const args = ['--state', folder, '--port', port, '--control-port', controlPort];
      ({ child } = await spawnSimulator(args));
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
