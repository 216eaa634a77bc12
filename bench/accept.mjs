/**
 * How many messages a second are accepted by POST /v1/messages with 32 clients, each durable before its 202, beside a bare
 * Express route with one durable insert. The session is not connected, so that nothing is sent meanwhile.
 * `npm run bench:accept [-- messages rounds]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuMs } from './lib/cpu.mjs';
import { inParallel, startGateway } from './lib/gateway.mjs';
import { print, show } from './lib/report.mjs';
import { endProcess, startProcess, startSimulator } from './lib/simulator.mjs';

const [messages = 3_000, rounds = 5] = process.argv.slice(2).map(Number);
const CLIENTS = 32;
const BARE = fileURLToPath(new URL('./lib/bareExpress.mjs', import.meta.url));

const simulator = await startSimulator();
const gateway = await startGateway(simulator);
await gateway.call('POST', '/v1/sessions', { id: 'bench', policy: { preset: 'unpaced' }, start: false });
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const bare = startProcess([BARE, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
const port = await new Promise((resolve) => bare.stdout.once('data', (chunk) => resolve(Number(chunk))));

const bodyOf = (text) => ({ sessionId: 'bench', to: '4915550000009', text: { body: text } });

const contenders = {
  bare: {
    pid: bare.pid,
    async post(text) {
      const response = await fetch(`http://127.0.0.1:${port}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(bodyOf(text)),
      });
      if (response.status !== 202) throw new Error(`the bare route answered ${response.status}`);
      await response.json();
    },
  },
  gateway: { pid: gateway.pid, post: (text) => gateway.call('POST', '/v1/messages', bodyOf(text)) },
};

async function measure({ pid, post }, name) {
  const cpuBefore = cpuMs(pid);
  const begun = performance.now();
  await inParallel(messages, CLIENTS, (index) => post(`${name} ${index}`));
  const seconds = (performance.now() - begun) / 1000;
  return { rate: messages / seconds, cpu: (cpuMs(pid) - cpuBefore) / messages };
}

const results = [];
for (let round = 0; round <= rounds; round += 1) {
  const row = {};
  for (const [name, contender] of Object.entries(contenders))
    row[name] = await measure(contender, `${name} ${round}`);
  // The first round warms all up.
  if (round > 0) results.push(row);
}
for (const name of Object.keys(contenders)) {
  show(
    `${name}, accepted/s with ${CLIENTS} clients`,
    results.map((row) => row[name].rate),
  );
  show(
    `${name}, ms of processor time per message`,
    results.map((row) => row[name].cpu),
    2,
  );
}
print('');
show(
  'gateway, to the bare route',
  results.map((row) => row.gateway.rate / row.bare.rate),
  2,
);

await gateway.stop();
await endProcess(bare);
await simulator.stop();
rmSync(folder, { recursive: true, force: true });
process.exit();
