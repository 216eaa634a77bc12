/**
 * Two gateways on one Postgres, and again and again one of them is killed with -9 while it sends: the other takes over its
 * sessions. Every request is repeated through the other gateway when it got no answer, under the same idempotency key.
 * At the end nothing is lost, nothing is out of order in its chat, and nothing is shown twice.
 * `npm run test:soak:takeover [-- messages kills seed]`; the messages are a multiple of the sessions.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inParallel, pairSession, startGateway } from '../../bench/lib/gateway.mjs';
import { startSimulator } from '../../bench/lib/simulator.mjs';
import { startPostgres } from './support/postgres.mjs';
import { createRandom } from './support/random.mjs';
import { expectAllDelivered } from './support/verdict.mjs';

const [messages = 600, kills = 8, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const SESSIONS = 6;
const CHATS = 4;
const LAST_MOMENT_MS = 1_500;
const GIVE_UP_MS = 180_000;
assert(messages % SESSIONS === 0, `the messages must be a multiple of ${SESSIONS}`);

const random = createRandom(seed);
const below = (count) => Math.floor(random() * count);
const numberOf = (session) => `49155571${String(session).padStart(5, '0')}`;
const chatOf = (chat) => `49155581${String(chat).padStart(5, '0')}`;
const sessionIds = Array.from({ length: SESSIONS }, (_, index) => `both-${index}`);

const folder = mkdtempSync(join(tmpdir(), 'sluice-takeover-'));
const begun = Date.now();
const say = (text) => {
  const seconds = ((Date.now() - begun) / 1_000).toFixed(0).padStart(4);
  process.stdout.write(`${seconds} s  ${text}\n`);
};

const simulator = await startSimulator();
const { phone } = simulator;
const postgres = await startPostgres();
const adminKey = `slk_live_${randomBytes(32).toString('base64url')}`;
const env = {
  SLUICE_DATABASE_URL: postgres.url,
  SLUICE_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
};
const start = (which) => startGateway(simulator, { dataDir: join(folder, String(which)), env, adminKey });
const gateways = [];
let [posted, repeats, allowed] = [0, 0, messages / kills];

/** Posts through either until there is an answer; the one that dies meanwhile is what this is about. */
async function post(sessionId, body, key) {
  for (let attempt = below(2); ; attempt += 1) {
    try {
      const gateway = gateways[attempt % 2];
      return await gateway.call('POST', '/v1/messages', { sessionId, ...body }, { 'idempotency-key': key });
    } catch (error) {
      if (/: (4\d\d|500) /.test(error.message)) throw error;
      repeats += 1;
      await pause(20);
    }
  }
}

/** One session's messages, one after the other, so that their order is known. */
async function postAll(index) {
  for (let count = 0; count < messages / SESSIONS; count += 1) {
    while (posted >= allowed) await pause(10);
    const chat = below(CHATS);
    const text = `${index}/${chat}/${String(count).padStart(4, '0')}`;
    await post(sessionIds[index], { to: chatOf(chat), text }, text);
    posted += 1;
    await pause(below(40));
  }
}

/** Mostly the one that took over when the other died, since it holds all the sessions. */
const nextToDie = (lastKilled) => (random() < 0.75 ? 1 - lastKilled : lastKilled);

async function killAll() {
  let which = below(2);
  for (let kill = 1; kill <= kills; kill += 1) {
    while (posted < allowed - below(messages / kills / 2)) await pause(5);
    which = nextToDie(which);
    await pause(below(LAST_MOMENT_MS));
    await gateways[which].kill9();
    say(`gateway ${which} killed, ${posted} messages accepted`);
    allowed = ((kill + 1) * messages) / kills;
    // Long enough for the other to take over what it can, or not.
    await pause(below(8_000));
    gateways[which] = await start(which);
  }
  allowed = messages;
}

try {
  say(`${messages} messages, ${SESSIONS} sessions, two gateways, ${kills} kills; seed ${seed}`);
  for (let chat = 0; chat < CHATS; chat += 1)
    await phone.createContact({ number: chatOf(chat), name: `C${chat}` });
  gateways.push(...(await Promise.all([start(0), start(1)])));
  await inParallel(SESSIONS, 2, (index) =>
    pairSession(gateways[index % 2], simulator, { id: sessionIds[index], number: numberOf(index) }),
  );
  say('paired');
  await Promise.all([killAll(), ...sessionIds.map((_, index) => postAll(index))]);
  say(`${kills} kills done; ${posted} messages accepted, ${repeats} requests repeated`);
  await expectAllDelivered({
    gateway: gateways[0],
    phone,
    sessionIds,
    chats: Array.from({ length: CHATS }, (_, chat) => chatOf(chat)),
    messages,
    giveUpMs: GIVE_UP_MS,
    say,
  });
  process.stdout.write('1 passed, 0 failed\n');
} catch (error) {
  process.stdout.write(`${error.stack}\nseed ${seed}\n0 passed, 1 failed\n`);
  process.exitCode = 1;
} finally {
  await Promise.all(gateways.map((gateway) => gateway.kill9().catch(() => undefined)));
  await simulator.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
