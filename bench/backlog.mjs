/**
 * What a long queue costs: the time to accept a message and the time to take one from the queue and send it, with nothing
 * else waiting and with a million messages waiting in the same session; and the gateway's memory while the queue drains.
 * Some rounds of each, because they differ on any machine; the medians are compared.
 * `npm run bench:backlog [-- backlog messages rounds]`
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import Database from 'libsql';
import { inParallel, pairSession, startGateway } from './lib/gateway.mjs';
import { print } from './lib/report.mjs';
import { startSimulator } from './lib/simulator.mjs';

const [backlog = 1_000_000, messages = 1_000, rounds = 5] = process.argv.slice(2).map(Number);
const CLIENTS = 16;
/** Rows copied in one statement: a transaction of a million would not fit into the log's memory. */
const CHUNK = 50_000;
const MEMORY_EVERY_MS = 100;
const [PHONE, CONTACT] = ['4915550000002', '4915550000009'];

const residentMb = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

const simulator = await startSimulator();
await simulator.phone.createContact({ number: CONTACT, name: 'Contact' });
let gateway = await startGateway(simulator);
const { dataDir } = gateway;
await pairSession(gateway, simulator, { id: 'bench', number: PHONE });

const pause = (action) => gateway.call('POST', `/v1/sessions/bench/${action}`);
const seen = (count) =>
  simulator.phone.messages.waitFor({ from: PHONE, to: CONTACT }, { count, timeoutMs: 120_000 });

/** Copies of the queue's last message, in the order of their numbers. */
function fillQueue() {
  const database = new Database(join(dataDir, 'sluice.db'));
  const columns = database.prepare('pragma table_info(messages)').all();
  const copied = columns.map(({ name }) => {
    if (name === 'position') return `position + n`;
    if (name === 'id') return `printf('msg_%032x', n)`;
    if (name === 'wa_id') return `printf('3EB0%018X', n)`;
    return name;
  });
  const { last } = database.prepare('select max(position) as last from messages').get();
  const insert = (from, to) => `insert into messages (${columns.map(({ name }) => name).join()})
    with recursive numbers(n) as (select ${from} union all select n + 1 from numbers where n < ${to})
    select ${copied.join()} from numbers, (select * from messages where position = ${last})`;
  for (let from = 1; from <= backlog; from += CHUNK) {
    database.exec(insert(from, Math.min(backlog, from + CHUNK - 1)));
    database.exec('pragma wal_checkpoint(truncate)');
  }
  database.close();
}

/** The most memory that the gateway has had while the work ran, in MB. */
async function mostMemory(work) {
  let most = residentMb(gateway.pid);
  const timer = setInterval(() => (most = Math.max(most, residentMb(gateway.pid))), MEMORY_EVERY_MS);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
  return most;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Milliseconds per message: accepted while the queue is paused, then sent. */
async function measure(name) {
  await simulator.phone.clearRecords();
  await pause('pause');
  const begun = performance.now();
  await inParallel(messages, CLIENTS, (index) =>
    gateway.call('POST', '/v1/messages', {
      sessionId: 'bench',
      to: CONTACT,
      text: { body: `${name} ${index}` },
    }),
  );
  const acceptMs = (performance.now() - begun) / messages;
  const resumed = performance.now();
  await pause('resume');
  const mb = await mostMemory(seen(messages));
  const sendMs = (performance.now() - resumed) / messages;
  print(
    `${name}: ${acceptMs.toFixed(2)} ms to accept, ${sendMs.toFixed(2)} ms to send, ${mb.toFixed(0)} MB at most`,
  );
  return { acceptMs, sendMs, mb };
}

/** The medians of some rounds, and the memory of the last of them. */
async function measureRounds(name) {
  const measured = [];
  for (let round = 1; round <= rounds; round += 1) measured.push(await measure(`${name}, round ${round}`));
  const [acceptMs, sendMs] = ['acceptMs', 'sendMs'].map((what) => median(measured.map((one) => one[what])));
  return { acceptMs, sendMs, mb: measured.at(-1).mb };
}

await measure('to warm up');
const empty = await measureRounds('an empty queue');
await pause('pause');
await gateway.call('POST', '/v1/messages', { sessionId: 'bench', to: CONTACT, text: { body: 'copied' } });
await gateway.stop({ keepData: true });
const filling = performance.now();
fillQueue();
print(`${backlog} messages put into the queue in ${((performance.now() - filling) / 1_000).toFixed(0)} s`);
gateway = await startGateway(simulator, { dataDir });
await gateway.call('GET', '/v1/sessions/bench?waitFor=connected&timeoutSeconds=60');
await measure(`to warm up, ${backlog} waiting`);
const full = await measureRounds(`${backlog} waiting`);
print('');
print(`accepting, to an empty queue: ${(full.acceptMs / empty.acceptMs).toFixed(2)}`);
print(`sending, to an empty queue: ${(full.sendMs / empty.sendMs).toFixed(2)}`);
print(
  `memory: ${empty.mb.toFixed(0)} MB with an empty queue, ${full.mb.toFixed(0)} MB with ${backlog} waiting`,
);

await gateway.stop();
await simulator.stop();
process.exit();
