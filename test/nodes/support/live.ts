/**
 * A real gateway and a simulated WhatsApp, each a process of its own, for the nodes to talk to over real HTTP.
 * Needs `npm run build:gateway`, which `npm test` runs first.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(__dirname, '..', '..', '..', 'gateway', 'dist', 'main.js');
export const LIVE_KEY = 'slk_live_a-key-for-tests-that-is-long-enough';
const LIMIT_MS = 30_000;

interface Program {
  child: ChildProcess;
  /** The first group of what the program printed. */
  printed: (pattern: RegExp) => Promise<string>;
}

function run(command: string, env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [MAIN, command], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const printed = async (pattern: RegExp): Promise<string> =>
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${command} did not print ${String(pattern)}:\n${output}`));
      }, LIMIT_MS);
      const look = (): void => {
        const found = pattern.exec(output)?.[1];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      };
      child.stdout.on('data', look);
      look();
    });
  return { child, printed };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });
}

export interface Live {
  url: string;
  /** Calls the simulator's control API. */
  control: <T>(call: string, body?: unknown) => Promise<T>;
  stop: () => Promise<void>;
}

/** Starts both; `webhookTarget` is the host and port that webhooks may reach. */
export async function startLive(webhookTarget: string): Promise<Live> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-live-'));
  const simulator = run('simulator');
  const controlUrl = await simulator.printed(/control API: (\S+)/);
  const control = async <T>(call: string, body?: unknown): Promise<T> => {
    const [method, path] = call.split(' ');
    const response = await fetch(`${controlUrl}/control/v1${path ?? ''}`, {
      method: method ?? 'GET',
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${call}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const { mediaCaPem } = await control<{ mediaCaPem: string }>('GET /server');
  const caFile = join(dataDir, 'ca.pem');
  writeFileSync(caFile, mediaCaPem);
  const gateway = run('start', {
    NODE_EXTRA_CA_CERTS: caFile,
    SLUICE_PORT: '0',
    SLUICE_DATA_DIR: dataDir,
    SLUICE_ADMIN_KEY: LIVE_KEY,
    SLUICE_LOG_LEVEL: 'warn',
    SLUICE_PRIVATE_TARGETS: webhookTarget,
    SLUICE_WHATSAPP_SIMULATED: 'true',
    SLUICE_WHATSAPP_URL: await simulator.printed(/SLUICE_WHATSAPP_URL=(\S+)/),
    SLUICE_WHATSAPP_ROOT_KEY: await simulator.printed(/SLUICE_WHATSAPP_ROOT_KEY=(\S+)/),
  });
  return {
    url: await gateway.printed(/listens at (\S+)/),
    control,
    async stop() {
      await end(gateway.child);
      await end(simulator.child);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export interface WebhookPort {
  url: string;
  target: string;
  stop: () => Promise<void>;
}

/** n8n's webhook port: hands each call to `take`, which answers the status. */
export async function startWebhookPort(
  take: (body: Buffer, headers: IncomingHttpHeaders) => Promise<number>,
): Promise<WebhookPort> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void take(Buffer.concat(chunks), request.headers).then((status) => response.writeHead(status).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${target}/webhook`,
    target,
    stop: async () =>
      await new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
