/**
 * Sends per second, from the request until the simulated recipient has decrypted the last message: the gateway over HTTP,
 * beside raw Baileys with its multi-file auth state, once in a loop without HTTP and once behind a bare route. All in
 * turn, in one run. `npm run bench:sends [-- messages rounds]`
 */
import { startBaseline } from './lib/baseline.mjs';
import { inParallel, pairSession, startGateway } from './lib/gateway.mjs';
import { print, show } from './lib/report.mjs';
import { inRounds, showRates, timed } from './lib/rounds.mjs';
import { startSimulator } from './lib/simulator.mjs';

const [messages = 500, rounds = 5] = process.argv.slice(2).map(Number);
const CLIENTS = [1, 16];
const PHONE = { raw: '4915550000001', gateway: '4915550000002' };
const CONTACT = '4915550000009';

const simulator = await startSimulator();
await simulator.phone.createContact({ number: CONTACT, name: 'Contact' });
const raw = await startBaseline(simulator, { keys: 'files', numbers: [PHONE.raw] });
const gateway = await startGateway(simulator);
await pairSession(gateway, simulator, { id: 'bench', number: PHONE.gateway });

/** Messages per second from the first call until the recipient has seen all, and processor time per message. */
async function measure({ pid, from, send }, name) {
  const texts = Array.from({ length: messages }, (_, index) => `${name} ${index}`);
  await simulator.phone.clearRecords();
  return timed({ pid, count: messages }, async () => {
    await send(texts);
    await simulator.phone.messages.waitFor({ from, to: CONTACT }, { count: messages, timeoutMs: 120_000 });
  });
}

const viaRoute = (clients) => (texts) =>
  inParallel(texts.length, clients, (index) => raw.post(0, CONTACT, texts[index]));
const viaGateway = (clients) => (texts) =>
  inParallel(texts.length, clients, (index) =>
    gateway.call('POST', '/v1/messages', { sessionId: 'bench', to: CONTACT, text: { body: texts[index] } }),
  );

const contenders = {
  raw: { pid: raw.pid, from: PHONE.raw, send: (texts) => raw.sendAll([CONTACT], [texts]) },
  ...Object.fromEntries(
    CLIENTS.flatMap((clients) => [
      [`floor ${clients}`, { pid: raw.pid, from: PHONE.raw, send: viaRoute(clients) }],
      [`gateway ${clients}`, { pid: gateway.pid, from: PHONE.gateway, send: viaGateway(clients) }],
    ]),
  ),
};

const results = await inRounds(contenders, rounds, measure);
showRates(results, 'messages/s');
print('');
for (const clients of CLIENTS) {
  const ratio = (to) => results.map((row) => row[`gateway ${clients}`].rate / row[to].rate);
  show(`gateway with ${clients} client(s), to the bare route`, ratio(`floor ${clients}`), 2);
  show(`gateway with ${clients} client(s), to raw Baileys`, ratio('raw'), 2);
}

await gateway.stop();
await raw.stop();
await simulator.stop();
