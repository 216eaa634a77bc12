/**
 * Sends per second, from the request until the simulated recipient has decrypted the last message: the gateway over
 * HTTP beside raw Baileys with its multi-file auth state, in turn, in one run. `npm run bench:sends [-- messages rounds]`
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inParallel, pairSession, startGateway } from './lib/gateway.mjs';
import { endProcess, startSimulator } from './lib/simulator.mjs';

const [messages = 500, rounds = 3] = process.argv.slice(2).map(Number);
const CLIENTS = [1, 16];
const PHONE = { raw: '4915550000001', gateway: '4915550000002' };
const CONTACT = '4915550000009';

const simulator = await startSimulator();
await simulator.phone.createContact({ number: CONTACT, name: 'Contact' });

async function startRaw() {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./lib/rawBaileys.mjs', import.meta.url)), simulator.url],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (name) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('raw Baileys ended');
      const line = JSON.parse(value);
      if (name in line) return line;
    }
  };
  await simulator.phone.createPhone({ number: PHONE.raw, name: 'Raw' });
  const { qr } = await next('qr');
  await simulator.phone.scan(PHONE.raw, qr);
  await next('open');
  return {
    async send(texts) {
      child.stdin.write(`${JSON.stringify({ send: CONTACT, texts })}\n`);
      await next('sent');
    },
    stop: () => endProcess(child),
  };
}

/** Messages per second from the first call until the recipient has seen all. */
async function measure(from, name, send) {
  const texts = Array.from({ length: messages }, (_, index) => `${name} ${index}`);
  await simulator.phone.clearRecords();
  const begun = performance.now();
  await send(texts);
  await simulator.phone.messages.waitFor({ from, to: CONTACT }, { count: messages, timeoutMs: 120_000 });
  return messages / ((performance.now() - begun) / 1000);
}

const raw = await startRaw();
const gateway = await startGateway(simulator);
await pairSession(gateway, simulator, { id: 'bench', number: PHONE.gateway });
const viaGateway = (clients) => (texts) =>
  inParallel(texts.length, clients, (index) =>
    gateway.call('POST', '/v1/messages', { sessionId: 'bench', to: CONTACT, text: { body: texts[index] } }),
  );

const results = [];
for (let round = 0; round <= rounds; round += 1) {
  const row = { raw: await measure(PHONE.raw, `raw ${round}`, (texts) => raw.send(texts)) };
  for (const clients of CLIENTS)
    row[clients] = await measure(PHONE.gateway, `gateway ${round}`, viaGateway(clients));
  // The first round warms both up.
  if (round > 0) results.push(row);
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const show = (name, values) =>
  process.stdout.write(`${name.padEnd(34)} ${values.map((v) => v.toFixed(2)).join('  ')}\n`);
show(
  'raw Baileys, messages/s',
  results.map((row) => row.raw),
);
for (const clients of CLIENTS) {
  show(
    `gateway, ${clients} client(s), messages/s`,
    results.map((row) => row[clients]),
  );
  show(
    `  ratio to raw, median ${median(results.map((row) => row[clients] / row.raw)).toFixed(2)}`,
    results.map((row) => row[clients] / row.raw),
  );
}

await gateway.stop();
await raw.stop();
await simulator.stop();
