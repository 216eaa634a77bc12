/**
 * 2,000 messages in bursts over ten sessions, while the gateway is killed with -9 at random moments and links drop: each
 * becomes exactly one event, in the order of its chat, and every event reaches a real receiver, under one `webhook-id`.
 * `npm run test:soak:receiving [-- messages kills seed]`
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { pairSession, startGateway } from '../../bench/lib/gateway.mjs';
import { startSimulator } from '../../bench/lib/simulator.mjs';
import { createRandom } from './support/random.mjs';

const [MESSAGES, KILLS, SEED] = [2_000, 30, Date.now() % 100_000].map((value, index) =>
  Number(process.argv[index + 2] ?? value),
);
const SESSIONS = 10;
const CONTACTS = 4;
const BURST = 20;
const SETTLE_MS = 120_000;

const random = createRandom(SEED);
const upTo = (count) => Math.floor(random() * count);
const idOf = (index) => `soak${index}`;
const phoneOf = (index) => `491555010${String(1000 + index)}`;
const contactOf = (index) => `491555020${String(1000 + index)}`;

/** Keeps every delivery: event id by `webhook-id`, in the order of their coming. */
async function startReceiver() {
  const received = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      received.push({ webhookId: request.headers['webhook-id'], event: JSON.parse(body) });
      response.end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/hook`,
    received,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** One burst from several contacts to one session; `sent` has what each chat was told, in order. */
async function sendBurst(simulator, sent, { from: first, upTo: end }) {
  const session = upTo(SESSIONS);
  const size = Math.min(1 + upTo(BURST * 2), end - first);
  const burst = Array.from({ length: size }, (_, index) => ({
    from: contactOf(upTo(CONTACTS)),
    text: String(first + index),
    addressing: random() < 0.5 ? 'pn' : 'lid',
  }));
  await simulator.phone.sendManyTo(phoneOf(session), burst);
  for (const { from, text } of burst) {
    const chat = `${idOf(session)}/${from}`;
    sent.set(chat, [...(sent.get(chat) ?? []), text]);
  }
  return size;
}

/** A share of the messages in bursts, with a dropped link in between. */
async function sendShare(simulator, sent, { begin, end }) {
  let next = begin;
  while (next < end) {
    next += await sendBurst(simulator, sent, { from: next, upTo: end });
    if (random() < 0.3) await simulator.phone.drop({ session: phoneOf(upTo(SESSIONS)), how: 'reset' });
    await pass(upTo(200));
  }
}

/** A random moment: soon after the start, or in the middle of the deliveries, or when a while has passed. */
async function randomMoment(received) {
  const count = received.length + 1 + upTo(60);
  const until = Date.now() + (random() < 0.3 ? 100 + upTo(900) : 4_000);
  while (Date.now() < until && received.length < count) await pass(5);
}

/** Messages come all the time; each share of them is met by one kill. */
async function run(simulator, receiver, { gateway, restart, sent }) {
  let running = gateway;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const [begin, end] = [kill, kill + 1].map((share) => Math.floor((MESSAGES * share) / KILLS));
    const sending = sendShare(simulator, sent, { begin, end });
    await randomMoment(receiver.received);
    await running.kill9();
    running = await restart();
    await sending;
    if ((kill + 1) % 5 === 0)
      process.stdout.write(`${kill + 1} kills, ${end} messages, ${receiver.received.length} deliveries\n`);
  }
  return running;
}

/** All events of a type in a session's log, checking that its numbers have no gap. */
async function logOf(gateway, sessionId) {
  const events = [];
  for (;;) {
    const after = events.at(-1)?.seq ?? 0;
    const { data } = await gateway.call(
      'GET',
      `/v1/events?sessionId=${sessionId}&afterSeq=${after}&limit=200`,
    );
    if (data.length === 0) break;
    events.push(...data);
  }
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
    `${sessionId}: the event log has a gap`,
  );
  return events.filter(({ type }) => type === 'message.received');
}

async function eventually(what, check) {
  const until = Date.now() + SETTLE_MS;
  for (;;) {
    const found = await check();
    if (found.done) return;
    if (Date.now() > until) throw new Error(`${what}: ${found.state}`);
    await pass(250);
  }
}

function checkEvents(events, sent) {
  const chats = new Map();
  for (const { sessionId, data } of events) {
    const chat = `${sessionId}/${data.from.phone}`;
    chats.set(chat, [...(chats.get(chat) ?? []), data.text]);
  }
  for (const [chat, texts] of sent)
    assert.deepEqual(chats.get(chat), texts, `${chat}: not each once, in order`);
  assert.equal(events.length, MESSAGES, 'events beyond the messages');
}

function checkDeliveries(events, received) {
  const byId = new Map(events.map((event) => [event.id, event]));
  const seqs = new Map();
  let repeats = 0;
  const seen = new Set();
  for (const { webhookId, event } of received) {
    assert.equal(webhookId, event.id, 'the webhook-id is not the event');
    assert.deepEqual(event, byId.get(event.id), 'a delivery differs from its event');
    if (seen.has(webhookId)) {
      repeats += 1;
      continue;
    }
    seen.add(webhookId);
    assert.ok(event.seq > (seqs.get(event.sessionId) ?? 0), `${event.sessionId}: delivered out of order`);
    seqs.set(event.sessionId, event.seq);
  }
  assert.equal(seen.size, events.length, 'events that were never delivered');
  return repeats;
}

const dataDir = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
const simulator = await startSimulator();
const receiver = await startReceiver();
const begun = Date.now();

try {
  await simulator.phone.createContacts(
    Array.from({ length: CONTACTS }, (_, index) => ({ number: contactOf(index), name: `Contact ${index}` })),
  );
  const restart = () => startGateway(simulator, { dataDir, env: { SLUICE_PRIVATE_TARGETS: '127.0.0.1' } });
  const first = await restart();
  for (let index = 0; index < SESSIONS; index += 1)
    await pairSession(first, simulator, { id: idOf(index), number: phoneOf(index) });
  await first.call('POST', '/v1/webhooks', { url: receiver.url, events: ['message.received'] });
  const sent = new Map();
  const gateway = await run(simulator, receiver, { gateway: first, restart, sent });
  await eventually('messages that WhatsApp was not told of', async () => {
    const left = await simulator.phone.deliveries.list({ acknowledged: false });
    return { done: left.length === 0, state: `${left.length} left` };
  });
  let events = [];
  await eventually('events of all messages', async () => {
    events = [];
    for (let index = 0; index < SESSIONS; index += 1) events.push(...(await logOf(gateway, idOf(index))));
    return { done: events.length >= MESSAGES, state: `${events.length} of ${MESSAGES}` };
  });
  await eventually('deliveries of all events', () => {
    const count = new Set(receiver.received.map(({ webhookId }) => webhookId)).size;
    return { done: count >= events.length, state: `${count} of ${events.length}` };
  });
  checkEvents(events, sent);
  const repeats = checkDeliveries(events, receiver.received);
  const offline = events.filter(({ data }) => data.offline).length;
  await gateway.stop();
  process.stdout.write(
    `${MESSAGES} messages, ${KILLS} kills, seed ${SEED}, ${Math.round((Date.now() - begun) / 1000)} s: each one event, ` +
      `in order; ${offline} came while nobody was connected; ${repeats} deliveries repeated\n1 passed, 0 failed\n`,
  );
} catch (error) {
  process.stdout.write(`seed ${SEED}: ${error.stack}\nthe data is left in ${dataDir}\n0 passed, 1 failed\n`);
  process.exitCode = 1;
} finally {
  receiver.close();
  await simulator.stop();
  if (process.exitCode !== 1) rmSync(dataDir, { recursive: true, force: true });
}
process.exit();
