/**
 * Memory of the gateway per idle session: paired sessions, then a restart of the gateway, and its resident memory when
 * all are connected and nothing has happened for a while. `npm run bench:memory [-- counts...]`
 */
import { readFileSync } from 'node:fs';
import { inParallel, pairSession, startGateway } from './lib/gateway.mjs';
import { startSimulator } from './lib/simulator.mjs';

const given = process.argv.slice(2).map(Number);
const counts = given.length > 0 ? given : [1, 50, 200];
const SETTLE_MS = 20_000;
const PAIR_AT_ONCE = 4;
const simulator = await startSimulator();

/** Resident memory of a process, in MB (Linux). */
const residentMb = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

async function allConnected(gateway, count) {
  for (let index = 0; index < count; index += 1) {
    const session = await gateway.call('GET', `/v1/sessions/s${index}?waitFor=connected&timeoutSeconds=60`);
    if (session.status !== 'connected') throw new Error(`session ${session.id} is ${session.status}`);
  }
}

const rows = [];
let gateway = await startGateway(simulator);
const { dataDir } = gateway;
let paired = 0;
for (const count of counts) {
  await inParallel(count - paired, PAIR_AT_ONCE, (index) =>
    pairSession(gateway, simulator, {
      id: `s${paired + index}`,
      number: String(4_915_560_000_000 + paired + index),
    }),
  );
  paired = count;
  await gateway.stop({ keepData: true });
  const begun = performance.now();
  gateway = await startGateway(simulator, { dataDir });
  await allConnected(gateway, count);
  const connectedMs = performance.now() - begun;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  rows.push({ count, mb: residentMb(gateway.pid), connectedMs });
  const { mb } = rows.at(-1);
  process.stdout.write(
    `${count} sessions: ${mb.toFixed(0)} MB resident, all connected after ${(connectedMs / 1000).toFixed(1)} s\n`,
  );
}
const [first, last] = [rows[0], rows.at(-1)];
if (rows.length > 1) {
  const perSession = (last.mb - first.mb) / (last.count - first.count);
  process.stdout.write(`per session from ${first.count} to ${last.count}: ${perSession.toFixed(2)} MB\n`);
}
await gateway.stop();
await simulator.stop();
process.exit();
