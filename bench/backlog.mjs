/**
 * What a long queue costs: the time to accept a message and the time to take one from the queue and send it, with nothing
 * else waiting and with a million messages waiting in the same session; and the gateway's memory while the queue drains.
 * `npm run bench:backlog [-- backlog messages]`
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { inParallel, pairSession, startGateway } from './lib/gateway.mjs';
import { print } from './lib/report.mjs';
import { startSimulator } from './lib/simulator.mjs';

const [backlog = 1_000_000, messages = 1_000] = process.argv.slice(2).map(Number);
const CLIENTS = 16;
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
    if (name === 'position') return `(select max(position) from messages) + n`;
    if (name === 'id') return `printf('msg_%032x', n)`;
    if (name === 'wa_id') return `printf('3EB0%018X', n)`;
    return name;
  });
  database.exec(`insert into messages (${columns.map(({ name }) => name).join()})
    with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${backlog})
    select ${copied.join()} from numbers, (select * from messages order by position desc limit 1)`);
  database.close();
}

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
  const mbBefore = residentMb(gateway.pid);
  const resumed = performance.now();
  await pause('resume');
  await seen(messages);
  const sendMs = (performance.now() - resumed) / messages;
  print(
    `${name}: ${acceptMs.toFixed(2)} ms to accept, ${sendMs.toFixed(2)} ms to send, ${mbBefore.toFixed(0)} MB before and ${residentMb(gateway.pid).toFixed(0)} MB after`,
  );
  return { acceptMs, sendMs };
}

await measure('to warm up');
const empty = await measure('an empty queue');
await pause('pause');
await gateway.call('POST', '/v1/messages', { sessionId: 'bench', to: CONTACT, text: { body: 'copied' } });
await gateway.stop({ keepData: true });
fillQueue();
gateway = await startGateway(simulator, { dataDir });
await gateway.call('GET', '/v1/sessions/bench?waitFor=connected&timeoutSeconds=60');
await measure(`to warm up, ${backlog} waiting`);
const full = await measure(`${backlog} waiting`);
print('');
print(`accepting, to an empty queue: ${(full.acceptMs / empty.acceptMs).toFixed(2)}`);
print(`sending, to an empty queue: ${(full.sendMs / empty.sendMs).toFixed(2)}`);

await gateway.stop();
await simulator.stop();
process.exit();
