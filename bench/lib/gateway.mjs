/**
 * The gateway as a process of its own on a temporary embedded database, and the calls that the benchmarks make.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endProcess, startProcess } from './simulator.mjs';

const MAIN = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));

/** Starts `sluice start` against the simulator. */
export async function startGateway(
  simulator,
  {
    dataDir = mkdtempSync(join(tmpdir(), 'sluice-bench-')),
    env = {},
    nodeOptions = [],
    adminKey = `slk_live_${randomBytes(32).toString('base64url')}`,
  } = {},
) {
  const child = startProcess([...nodeOptions, MAIN, 'start'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      SLUICE_PORT: '0',
      SLUICE_DATA_DIR: dataDir,
      SLUICE_ADMIN_KEY: adminKey,
      SLUICE_LOG_LEVEL: 'error',
      SLUICE_WHATSAPP_SIMULATED: 'true',
      SLUICE_WHATSAPP_URL: simulator.url,
      SLUICE_WHATSAPP_ROOT_KEY: simulator.rootKey,
      ...env,
    },
  });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the gateway ended with code ${code}`)));
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const found = /listens at (\S+)/.exec(output);
      if (found) resolve(found[1]);
    });
  });
  return {
    url,
    pid: child.pid,
    dataDir,
    async call(method, path, body, headers = {}) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { 'x-api-key': adminKey, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = await response.json();
      if (!response.ok)
        throw new Error(`${method} ${path}: ${response.status} ${answer.code} ${answer.detail}`);
      return answer;
    },
    async kill9() {
      child.kill('SIGKILL');
      await endProcess(child);
    },
    async stop({ keepData = false } = {}) {
      await endProcess(child);
      if (!keepData) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Creates a session, scans its QR code on a simulated phone, and waits until it is connected. */
export async function pairSession(gateway, simulator, { id, number }) {
  await simulator.phone.createPhone({ number, name: `Phone ${id}` });
  await gateway.call('POST', '/v1/sessions', { id, policy: { preset: 'unpaced' } });
  const { qr } = await gateway.call('GET', `/v1/sessions/${id}/qr?waitSeconds=30`);
  await simulator.phone.scan(number, qr);
  const session = await gateway.call('GET', `/v1/sessions/${id}?waitFor=connected&timeoutSeconds=30`);
  if (session.status !== 'connected') throw new Error(`session ${id} is ${session.status}`);
}

/** Runs `work(i)` for 0 to count-1 with so many at a time. */
export async function inParallel(count, parallel, work) {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}
