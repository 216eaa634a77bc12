/**
 * Delivery of events to webhooks, on the embedded database: 100 receivers with and without a bad one beside them, and the
 * cost per event of a log that holds a million. `npm run bench:webhooks [-- events logSize]`
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { createCipher } from '../gateway/dist/lib/cipher.js';
import { systemClock as clock } from '../gateway/dist/lib/clock.js';
import { createLogger } from '../gateway/dist/lib/logger.js';
import { createGuardedFetch } from '../gateway/dist/net/guardedFetch.js';
import { parsePrivateTargets } from '../gateway/dist/net/privateTargets.js';
import { createTargetGuard } from '../gateway/dist/net/targetGuard.js';
import { openDatabase } from '../gateway/dist/store/database/index.js';
import { createStore } from '../gateway/dist/store/index.js';
import { createDispatcher } from '../gateway/dist/webhooks/dispatcher.js';
import { createPublisher } from '../gateway/dist/webhooks/publisher.js';

const [events = 300, logSize = 1_000_000] = process.argv.slice(2).map(Number);
const RECEIVERS = 100;
const PER_SECOND = 25;

/** The receivers: one server in a thread of its own, told apart by path; it tells how late each event came. */
const RECEIVER = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const now = performance.timeOrigin + performance.now();
  if (request.url === '/hang') return;
  if (request.url === '/slow') return void setTimeout(() => response.end(), 3000);
  if (request.url === '/500') return void response.writeHead(500).end();
  parentPort.postMessage({ lateMs: now - JSON.parse(Buffer.concat(chunks)).data.at });
  response.end();
}).listen(0, '127.0.0.1', function () { parentPort.postMessage({ port: this.address().port }); });
`;

async function startReceiver() {
  const worker = new Worker(RECEIVER, { eval: true });
  let onEvent = () => undefined;
  const port = await new Promise((resolve) => {
    worker.on('message', (message) => (message.port ? resolve(message.port) : onEvent(message.lateMs)));
  });
  return {
    url: (path) => `http://127.0.0.1:${port}/${path}`,
    /** Resolves with how late each of the next so many events came. */
    collect: (count) =>
      new Promise((resolve) => {
        const late = [];
        onEvent = (ms) => {
          late.push(ms);
          if (late.length === count) resolve(late);
        };
      }),
    stop: () => worker.terminate(),
  };
}

/** The webhook side of a gateway on a database of its own. */
async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const database = await openDatabase(`file:${join(folder, 'bench.db')}`, { onError: console.error });
  const store = createStore(database, createCipher(randomBytes(32)), clock);
  const log = createLogger('silent');
  const resolve = () => Promise.reject(new Error('no names here'));
  const guard = createTargetGuard({ privateTargets: parsePrivateTargets('127.0.0.1'), resolve });
  const outgoing = createGuardedFetch(guard);
  const deps = { store, clock, log, random: Math.random, post: outgoing.post, version: 'bench' };
  const dispatcher = createDispatcher(deps);
  await dispatcher.start();
  const publisher = createPublisher({ clock, log, onCommitted: () => dispatcher.wake() });
  return {
    store,
    db: database.db,
    async webhook(id, url, sessionIds) {
      const settings = { url, events: ['*'], sessionIds, filter: null, headers: {}, description: null };
      await store.webhooks.insert(id, settings, { secret: 'whsec_c2VjcmV0', now: clock.now() });
    },
    async publish(sessionId) {
      const data = { at: performance.timeOrigin + performance.now(), text: 'x'.repeat(200) };
      await store.transaction((tx) => publisher.publish(tx, { type: 'message.received', sessionId, data }));
      publisher.committed();
    },
    async close() {
      await dispatcher.stop();
      await outgoing.close();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}

const percentile = (values, share) => values.toSorted((a, b) => a - b)[Math.floor(values.length * share)];
const show = (number, digits = 1) => number.toFixed(digits).padStart(8);

async function neighbours() {
  const rounds = ['alone', 'hang', 'alone', '500', 'alone', 'slow', 'alone'];
  const alone = [];
  process.stdout.write(`${RECEIVERS} receivers, ${PER_SECOND} events/s, lateness in ms\n`);
  for (const bad of rounds) {
    const receiver = await startReceiver();
    const side = await open();
    for (let n = 0; n < RECEIVERS; n += 1) await side.webhook(`whk_${n}`, receiver.url('ok'), [`s${n}`]);
    if (bad !== 'alone') {
      // It wants the events of 20 sessions that nobody else has, a backlog of which is there before the others begin.
      const sessionIds = Array.from({ length: 20 }, (_, n) => `bad${n}`);
      await side.webhook('whk_bad', receiver.url(bad), sessionIds);
      for (const sessionId of sessionIds) for (let n = 0; n < 10; n += 1) await side.publish(sessionId);
    }
    const collected = receiver.collect(events);
    const publishing = [];
    for (let n = 0; n < events; n += 1) {
      publishing.push(side.publish(`s${n % RECEIVERS}`));
      await sleep(1_000 / PER_SECOND);
    }
    await Promise.all(publishing);
    const late = await collected;
    const p99 = percentile(late, 0.99);
    if (bad === 'alone') alone.push(p99);
    const ratio =
      bad === 'alone' ? '' : `  p99 to that of the runs alone ${show(p99 / percentile(alone, 0.5), 2)}`;
    process.stdout.write(`${bad.padEnd(6)} p50 ${show(percentile(late, 0.5))}  p99 ${show(p99)}${ratio}\n`);
    await side.close();
    await receiver.stop();
  }
}

/** A million events that were delivered, with an attempt each, as a busy gateway has them after some weeks. */
async function fill(db, ageMs) {
  const at = Date.now() - ageMs;
  const each = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${logSize})`;
  await sql`insert into events (session_id, seq, id, type, data, dedupe_key, created_at)
    ${each} select 'full', i, 'evt_' || printf('%032d', i), 'message.received', '{"text":"' || hex(zeroblob(100)) || '"}',
    'in:' || i, ${at} + i from n`.execute(db);
  await sql`insert into event_counters (session_id, last_seq) values ('full', ${logSize})`.execute(db);
  await sql`insert into deliveries
    (id, webhook_id, session_id, seq, event_id, event_type, state, attempts, created_at, expires_at, finished_at)
    ${each} select 'dlv_' || printf('%032d', i), 'whk_0', 'full', i, 'evt_' || printf('%032d', i), 'message.received',
    'delivered', 1, ${at}, ${at}, ${at} + i from n`.execute(db);
  await sql`insert into delivery_attempts (delivery_id, attempt, at, status, duration_ms)
    ${each} select 'dlv_' || printf('%032d', i), 1, ${at}, 200, 5 from n`.execute(db);
}

async function logOfAMillion() {
  const receiver = await startReceiver();
  const sides = { empty: await open(), full: await open() };
  for (const side of Object.values(sides)) await side.webhook('whk_0', receiver.url('ok'), []);
  const began = performance.now();
  await fill(sides.full.db, 60 * 24 * 3_600_000);
  process.stdout.write(`log of ${logSize} events filled in ${show((performance.now() - began) / 1_000)} s\n`);
  const costs = { empty: [], full: [] };
  for (let round = 0; round < 7; round += 1) {
    for (const [name, side] of Object.entries(sides)) {
      const count = 300;
      const collected = receiver.collect(count);
      const begun = performance.now();
      for (let n = 0; n < count; n += 1) await side.publish('full');
      await collected;
      costs[name].push((performance.now() - begun) / count);
    }
  }
  const [empty, full] = [percentile(costs.empty, 0.5), percentile(costs.full, 0.5)];
  process.stdout.write(
    `per event, published and delivered: empty ${show(empty, 2)} ms, full ${show(full, 2)} ms, `,
  );
  process.stdout.write(`ratio ${show(full / empty, 2)}\n`);
  await whileSweeping(sides.full, receiver);
  for (const side of Object.values(sides)) await side.close();
  await receiver.stop();
}

/** How late events come while the million is being deleted. */
async function whileSweeping(side, receiver) {
  const measure = async () => {
    const collected = receiver.collect(200);
    for (let n = 0; n < 200; n += 1) {
      await side.publish('full');
      await sleep(10);
    }
    return await collected;
  };
  const before = await measure();
  let isOver = false;
  let deleted = 0;
  const sweeping = (async () => {
    while (!isOver) {
      deleted += await side.store.transactionSoon((tx) =>
        tx.retention.deleteDeliveries(Date.now() - 86_400_000, 200),
      );
      await sleep(25);
    }
  })();
  const during = await measure();
  isOver = true;
  await sweeping;
  const [p50, p99] = [0.5, 0.99].map((share) => [percentile(before, share), percentile(during, share)]);
  process.stdout.write(
    `while ${deleted} old deliveries were deleted: lateness p50 ${show(p50[0])} to ${show(p50[1])} ms, `,
  );
  process.stdout.write(`p99 ${show(p99[0])} to ${show(p99[1])} ms\n`);
}

await neighbours();
await logOfAMillion();
