/**
 * Incoming messages, from WhatsApp's socket to a receiver: the gateway, with everything durable before the receipt and a
 * signed webhook, beside raw Baileys with its multi-file auth state and a bare fetch in its `messages.upsert` handler.
 * One message at a time, then a burst, all in turn, in one run. `npm run bench:receiving [-- messages burst rounds]`
 */
import { createServer } from 'node:http';
import { startBaseline } from './lib/baseline.mjs';
import { cpuMs } from './lib/cpu.mjs';
import { pairSession, startGateway } from './lib/gateway.mjs';
import { print, show } from './lib/report.mjs';
import { startSimulator } from './lib/simulator.mjs';
import { startTap } from './lib/tap.mjs';

const [messages = 200, burst = 5_000, rounds = 5] = process.argv.slice(2).map(Number);
const PHONE = { raw: '4915550000001', gateway: '4915550000002' };
const CONTACT = '4915550000009';
const TIME_LIMIT_MS = 120_000;

/** What a delivery says: the gateway's envelope, or Baileys' own message. */
function textOf(body) {
  const { data, message } = JSON.parse(body);
  return data ? data.text : (message.conversation ?? message.extendedTextMessage?.text);
}

/** Answers everything at once; hands on what it got, and when. */
async function startReceiver() {
  let onText = () => undefined;
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      response.end();
      onText(textOf(Buffer.concat(chunks).toString()), performance.now());
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/hook`,
    /** Resolves with the time at which the last of these texts had come, each counted once. */
    all(texts) {
      const missing = new Set(texts);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${missing.size} never came`)), TIME_LIMIT_MS);
        onText = (text, at) => {
          missing.delete(text);
          if (missing.size > 0) return;
          clearTimeout(timer);
          resolve(at);
        };
      });
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const simulator = await startSimulator();
const tap = await startTap(simulator);
const receiver = await startReceiver();
await simulator.phone.createContact({ number: CONTACT, name: 'Contact' });
const raw = await startBaseline(tap.simulator, {
  keys: 'files',
  numbers: [PHONE.raw],
  receiver: receiver.url,
});
const nodeOptions = process.env.BENCH_PROFILE
  ? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`]
  : [];
const gateway = await startGateway(tap.simulator, {
  env: { SLUICE_PRIVATE_TARGETS: '127.0.0.1' },
  nodeOptions,
});
await pairSession(gateway, tap.simulator, { id: 'bench', number: PHONE.gateway });
await gateway.call('POST', '/v1/webhooks', { url: receiver.url, events: ['message.received'] });

const contenders = {
  raw: { pid: raw.pid, phone: PHONE.raw },
  gateway: { pid: gateway.pid, phone: PHONE.gateway },
};
const from = CONTACT;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** The median of the milliseconds from the socket to the receiver, one message after the other. */
async function latencyOf({ phone }, name) {
  const late = [];
  for (let index = 0; index < messages; index += 1) {
    const text = `${name} ${index}`;
    const came = receiver.all([text]);
    const left = tap.nextBytes();
    await simulator.phone.sendTo(phone, { from, text });
    late.push((await came) - (await left));
    // The receipt, which comes after, belongs to this message: the next one waits for it.
    await simulator.phone.deliveries.waitFor({ to: phone, acknowledged: true }, { count: index + 1 });
  }
  return median(late);
}

/** Messages per second from the first byte to the last delivery, and processor time per message. */
async function throughputOf({ pid, phone }, name) {
  const texts = Array.from({ length: burst }, (_, index) => `${name} ${index}`);
  const came = receiver.all(texts);
  const left = tap.nextBytes();
  const cpuBefore = cpuMs(pid);
  await simulator.phone.sendManyTo(
    phone,
    texts.map((text) => ({ from, text })),
  );
  const seconds = ((await came) - (await left)) / 1_000;
  await simulator.phone.deliveries.waitFor(
    { to: phone, acknowledged: true },
    { count: burst, timeoutMs: TIME_LIMIT_MS },
  );
  return { rate: burst / seconds, cpu: (cpuMs(pid) - cpuBefore) / burst };
}

const results = [];
for (let round = 0; round <= rounds; round += 1) {
  const row = {};
  for (const [name, contender] of Object.entries(contenders)) {
    await simulator.phone.clearRecords();
    const ms = await latencyOf(contender, `${name} ${round}`);
    await simulator.phone.clearRecords();
    row[name] = { ms, ...(await throughputOf(contender, `${name} burst ${round}`)) };
  }
  // The first round warms all up.
  if (round > 0) results.push(row);
}

for (const name of Object.keys(contenders)) {
  const values = (of) => results.map((row) => row[name][of]);
  show(`${name}, ms from the socket to the receiver, p50`, values('ms'), 2);
  show(`${name}, messages/s in a burst of ${burst}`, values('rate'));
  show(`${name}, ms of processor time per message of the burst`, values('cpu'), 2);
}
print('');
const ratio = (of) => results.map(({ raw: base, gateway: ours }) => ours[of] / base[of]);
show('latency of the gateway, to raw Baileys (aim: at most 3)', ratio('ms'), 2);
show('throughput of the gateway, to raw Baileys (aim: 0.7)', ratio('rate'), 2);

await gateway.stop();
await raw.stop();
receiver.stop();
tap.stop();
await simulator.stop();
process.exit();
