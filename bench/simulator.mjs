/**
 * The simulator under load: many real clients connected to one simulator process at once, and what that process spends
 * on each message. `npm run bench:simulator [-- sessions messagesEach]`. Ends with code 1 when a session is missing or
 * the simulator has recorded an error; the figures themselves are for reading.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endProcess, startSimulator } from './lib/simulator.mjs';

const [sessions = 500, each = 10] = process.argv.slice(2).map(Number);
const PROCESSES = 4;
const WAIT_MS = 120_000;
const numbers = Array.from({ length: sessions }, (_, index) => String(4_915_550_100_000 + index));
const contactOf = (number) => String(Number(number) + 100_000);
const texts = Array.from({ length: each }, (_, index) => `message ${index}, about as long as people write`);

const print = (text) => void process.stdout.write(`${text}\n`);
// A profile of the simulator's process: SIMULATOR_EXEC_ARGV='--cpu-prof --cpu-prof-dir=/tmp' npm run bench:simulator
const execArgv = process.env.SIMULATOR_EXEC_ARGV?.split(' ') ?? [];
const simulator = await startSimulator({ execArgv });
const { phone } = simulator;

/** A process with a share of the clients; `ask` resolves with its answer. */
function startClients() {
  const path = fileURLToPath(new URL('./lib/loadClients.mjs', import.meta.url));
  const child = spawn(process.execPath, [path, simulator.url, simulator.controlUrl], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(command) {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('a process with clients has ended');
      return JSON.parse(value);
    },
    stop: () => endProcess(child),
  };
}

async function measure(name, count, work) {
  const before = await phone.metrics();
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1000;
  const { cpuMs, memoryBytes } = await phone.metrics();
  const spentMs = cpuMs - before.cpuMs;
  const row = { name, count, seconds, perOneMs: spentMs / count, memoryMb: memoryBytes / 2 ** 20 };
  print(
    `${name.padEnd(38)} ${String(count).padStart(6)} in ${seconds.toFixed(1).padStart(6)} s, ` +
      `${row.perOneMs.toFixed(2)} ms CPU each, ${row.memoryMb.toFixed(0)} MB`,
  );
  return row;
}

for (const number of numbers) await phone.createPhone({ number, name: 'Load' });
await phone.createContacts(numbers.map((number) => ({ number: contactOf(number), name: 'Contact' })));
const processes = Array.from({ length: PROCESSES }, startClients);
const all = (commandOf) => Promise.all(processes.map((process, index) => process.ask(commandOf(index))));
const allReady = () => phone.connections.waitFor({ ready: true }, { count: sessions, timeoutMs: WAIT_MS });
const targets = Object.fromEntries(numbers.map((number) => [number, contactOf(number)]));

await measure('paired by QR, and logged in', sessions, async () => {
  const answers = await all((index) => ({ pair: numbers.filter((_, at) => at % PROCESSES === index) }));
  for (const failure of answers.flatMap(({ failures }) => failures)) print(`not paired: ${failure}`);
});
await allReady();
print(`connected at once: ${(await phone.connections.list({ ready: true })).length} of ${sessions}`);

async function untilCounted(name, wanted) {
  for (;;) {
    const value = (await phone.metrics())[name];
    if (value >= wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
async function sendAll(round) {
  const { decrypted } = await phone.metrics();
  const answers = await all(() => ({ send: targets, texts: texts.map((text) => `${round}: ${text}`) }));
  await untilCounted('decrypted', decrypted + 2 * answers.reduce((sum, { sent }) => sum + sent, 0));
}
async function writeToAll(round) {
  const { acknowledged } = await phone.metrics();
  for (const number of numbers) {
    await phone.sendManyTo(
      number,
      texts.map((text) => ({ from: contactOf(number), text: `${round}: ${text}` })),
    );
  }
  await untilCounted('acknowledged', acknowledged + sessions * each);
}
await measure('sent, first messages of each chat', sessions * each, () => sendAll('first'));
await measure('received', sessions * each, () => writeToAll('first'));
await measure('sent, in chats that go both ways', sessions * each, () => sendAll('second'));
await measure('received again', sessions * each, () => writeToAll('second'));
await all(() => ({ count: true }));
await measure('both ways, turn by turn', 2 * sessions * each, async () => {
  // Every turn gives both sides new keys, which is the costliest way to write.
  for (const text of texts) {
    await phone.sendAll(numbers.map((to) => ({ to, from: contactOf(to), text })));
    await all(() => ({ received: 1 }));
    await all(() => ({ send: targets, texts: [text] }));
  }
});
await measure('all dropped, and logged in again', sessions, async () => {
  const { logins } = await phone.metrics();
  await phone.drop({ how: 'reset' });
  await untilCounted('logins', logins + sessions);
  await allReady();
});
const errors = await phone.errors.list();
print(`errors recorded: ${errors.length}`);
for (const { kind, detail } of errors.slice(0, 5)) print(`  ${kind}: ${detail}`);
const connected = (await phone.connections.list({ ready: true })).length;
await Promise.all(processes.map((process) => process.stop()));
await simulator.stop();
process.exit(errors.length === 0 && connected === sessions ? 0 : 1);
