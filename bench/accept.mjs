/**
 * How many messages a second are accepted by POST /v1/messages with 32 clients, each durable before its 202, beside a bare
 * Express route with one durable insert. The session is not connected, so that nothing is sent meanwhile.
 * `npm run bench:accept [-- messages rounds]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inParallel, startGateway } from './lib/gateway.mjs';
import { print, show } from './lib/report.mjs';
import { inRounds, showRates, timed } from './lib/rounds.mjs';
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

const results = await inRounds(contenders, rounds, ({ pid, post }, name) =>
  timed({ pid, count: messages }, () => inParallel(messages, CLIENTS, (index) => post(`${name} ${index}`))),
);
showRates(results, `accepted/s with ${CLIENTS} clients`);
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
