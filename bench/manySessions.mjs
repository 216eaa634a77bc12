/**
 * Many sessions that send at once in one process, each to a contact of its own: the gateway over HTTP, one client per
 * session, beside raw Baileys with its keys in memory. `npm run bench:sessions [-- sessions messages rounds]`
 */
import { startBaseline } from './lib/baseline.mjs';
import { inParallel, pairSession, startGateway } from './lib/gateway.mjs';
import { print, show } from './lib/report.mjs';
import { inRounds, showRates, timed } from './lib/rounds.mjs';
import { startSimulator } from './lib/simulator.mjs';

const [sessions = 40, messages = 25, rounds = 3] = process.argv.slice(2).map(Number);
const PAIR_AT_ONCE = 4;
const indexes = Array.from({ length: sessions }, (_, index) => index);
const rawNumber = (index) => String(4_915_570_000_000 + index);
const ownNumber = (index) => String(4_915_571_000_000 + index);
const contact = (index) => String(4_915_572_000_000 + index);

const simulator = await startSimulator();
for (const index of indexes)
  await simulator.phone.createContact({ number: contact(index), name: `Contact ${index}` });
const raw = await startBaseline(simulator, { keys: 'memory', numbers: indexes.map(rawNumber) });
const gateway = await startGateway(simulator);
await inParallel(sessions, PAIR_AT_ONCE, (index) =>
  pairSession(gateway, simulator, { id: `s${index}`, number: ownNumber(index) }),
);

/** Each client waits for its answer before it posts the next. */
const viaGateway = (texts) =>
  Promise.all(
    texts.map(async (own, index) => {
      for (const body of own)
        await gateway.call('POST', '/v1/messages', {
          sessionId: `s${index}`,
          to: contact(index),
          text: { body },
        });
    }),
  );

const contenders = {
  raw: { pid: raw.pid, from: rawNumber, send: (texts) => raw.sendAll(indexes.map(contact), texts) },
  gateway: { pid: gateway.pid, from: ownNumber, send: viaGateway },
};

async function measure({ pid, from, send }, name) {
  const texts = indexes.map(() => Array.from({ length: messages }, (_, index) => `${name} ${index}`));
  await simulator.phone.clearRecords();
  return timed({ pid, count: sessions * messages }, async () => {
    await send(texts);
    for (const index of indexes) {
      const wanted = { from: from(index), to: contact(index) };
      await simulator.phone.messages.waitFor(wanted, { count: messages, timeoutMs: 120_000 });
    }
  });
}

// The first round makes the Signal sessions.
const results = await inRounds(contenders, rounds, measure);
showRates(results, `${sessions} sessions, messages/s`);
print('');
show(
  'gateway, to raw Baileys with its keys in memory',
  results.map((row) => row.gateway.rate / row.raw.rate),
  2,
);

await gateway.stop();
await raw.stop();
await simulator.stop();
process.exit();
