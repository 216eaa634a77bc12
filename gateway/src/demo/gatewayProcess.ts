/**
 * The demo's gateway: the real program as a process of its own, with settings, a key and a data folder that go with it.
 * A process, because only at its start can Node.js be told to trust the certificate of the simulated media host.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DemoGatewaySettings {
  /** The program (main.js). */
  program: string;
  simulator: { url: string; rootKeyHex: string; mediaCaPem: string };
  privateTargets: string[];
  env: Record<string, string | undefined>;
}

export interface DemoGateway {
  url: string;
  adminKey: string;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/** The address that it prints when it listens. @throws Error with its output when it ends before that */
function whenListening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why: string): void => reject(new Error(`The gateway ${why}. ${output}`.trim()));
    const timer = setTimeout(() => fail('did not start in time'), START_TIMEOUT_MS);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const url = /listens at (\S+)/.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with code ${String(code)}`);
    });
  });
}

/** The environment without a real gateway's settings: those must never be touched by a demo. */
const withoutSettings = (env: DemoGatewaySettings['env']): DemoGatewaySettings['env'] =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SLUICE_')));

/** Starts it. @throws Error when it does not come up */
export async function startDemoGateway(settings: DemoGatewaySettings): Promise<DemoGateway> {
  const { program, simulator, privateTargets, env } = settings;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
  const ca = join(folder, 'simulated-media-ca.pem');
  writeFileSync(ca, simulator.mediaCaPem);
  const adminKey = `slk_live_${randomBytes(32).toString('base64url')}`;
  const child = spawn(process.execPath, [program, 'start'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutSettings(env),
      NODE_EXTRA_CA_CERTS: ca,
      SLUICE_DATA_DIR: join(folder, 'data'),
      SLUICE_PORT: '0',
      SLUICE_ADMIN_KEY: adminKey,
      SLUICE_PRIVATE_TARGETS: privateTargets.join(','),
      SLUICE_WHATSAPP_SIMULATED: 'true',
      SLUICE_WHATSAPP_URL: simulator.url,
      SLUICE_WHATSAPP_ROOT_KEY: simulator.rootKeyHex,
      SLUICE_LOG_LEVEL: 'error',
    },
  });
  const ended = once(child, 'exit');
  ended.catch(() => undefined);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.kill()) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: await whenListening(child), adminKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
