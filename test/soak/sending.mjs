/**
 * A thousand messages over twenty sessions while everything breaks: the gateway is killed with -9 at fifty random
 * moments, links are dropped at random, one acknowledgement in twenty is late or missing. The poster does what a client
 * does: it repeats a request that got no answer, under the same idempotency key.
 * At the end nothing is lost, nothing is out of order in its chat, and nothing is shown twice.
 * `npm run test:soak:sending [-- messages kills seed]`; the messages are a multiple of the sessions.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inParallel, pairSession, startGateway } from '../../bench/lib/gateway.mjs';
import { startSimulator } from '../../bench/lib/simulator.mjs';
import { createRandom } from './support/random.mjs';
import { expectAllDelivered } from './support/verdict.mjs';

const [messages = 1_000, kills = 50, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const SESSIONS = 20;
const CHATS = 5;
if (!(messages > 0) || messages % SESSIONS !== 0) {
  process.stderr.write(
    `The messages are shared evenly among ${SESSIONS} sessions: their number must be a multiple of ${SESSIONS}, and ${messages} is not.\n`,
  );
  process.exit(2);
}
/** Of a hundred messages so many lose their acknowledgement, and as many get it late. */
const ACK_FAULTS_EACH = Math.ceil((messages * 5) / 100 / 2);
const LATE_MS = 2_000;
const DROPS = 40;
/** A gateway dies when it has accepted its random share, and a moment more; at the latest after this. */
const LONGEST_LIFE_MS = 12_000;
const LAST_MOMENT_MS = 600;
const GIVE_UP_MS = 240_000;

const random = createRandom(seed);
const below = (count) => Math.floor(random() * count);

const numberOf = (session) => `49155570${String(session).padStart(5, '0')}`;
const chatOf = (chat) => `49155580${String(chat).padStart(5, '0')}`;
const sessionIds = Array.from({ length: SESSIONS }, (_, index) => `soak-${index}`);

const dataDir = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
const begun = Date.now();
const seconds = () => ((Date.now() - begun) / 1_000).toFixed(0);
const say = (text) => process.stdout.write(`${seconds().padStart(4)} s  ${text}\n`);

const simulator = await startSimulator();
const { phone } = simulator;
let gateway;
/** Resolves when there is a gateway to talk to again. */
let up = Promise.resolve();
let posted = 0;
/** How many messages may be accepted before the next kill, so that every life has some on their way. */
let allowed = messages / kills;
let repeats = 0;
let spoilt = 0;

/** Posts until there is an answer; a gateway that dies meanwhile is what this is about. */
async function post(session, body, key) {
  for (;;) {
    await up;
    try {
      return await gateway.call(
        'POST',
        '/v1/messages',
        { sessionId: session, ...body },
        { 'idempotency-key': key },
      );
    } catch (error) {
      if (/: (4\d\d|500) /.test(error.message)) throw error;
      repeats += 1;
      await pause(50);
    }
  }
}

/** One session's messages, one after the other, so that their order is known. */
async function postAll(index) {
  const perSession = messages / SESSIONS;
  for (let count = 0; count < perSession; count += 1) {
    while (posted >= allowed) await pause(10);
    const chat = below(CHATS);
    const text = `${index}/${chat}/${String(count).padStart(4, '0')}`;
    await post(sessionIds[index], { to: chatOf(chat), text }, text);
    posted += 1;
    await pause(below(50));
  }
}

async function killAll() {
  for (let kill = 1; kill <= kills; kill += 1) {
    const share = posted + below(allowed - posted + 1);
    const until = Date.now() + LONGEST_LIFE_MS;
    while (posted < share && Date.now() < until) await pause(5);
    await pause(below(LAST_MOMENT_MS));
    let opened;
    up = new Promise((resolve) => (opened = resolve));
    await gateway.kill9();
    gateway = await startGateway(simulator, { dataDir });
    allowed = ((kill + 1) * messages) / kills;
    opened();
    if (kill % 10 === 0) say(`${kill} kills, ${posted} messages accepted`);
  }
}

/** Trouble by the way, spread over the run; each acknowledgement that is spoilt is another session's. */
async function trouble(isOver) {
  const kinds = [
    ...Array.from({ length: ACK_FAULTS_EACH }, () => ({ kind: 'drop_ack' })),
    ...Array.from({ length: ACK_FAULTS_EACH }, () => ({ kind: 'delay_ack', delayMs: LATE_MS })),
    ...Array.from({ length: DROPS }, () => 'drop'),
  ].sort(() => random() - 0.5);
  for (const what of kinds) {
    if (isOver()) return;
    const session = numberOf(below(SESSIONS));
    if (what === 'drop') await phone.drop({ session, how: random() < 0.5 ? 'reset' : 'close' });
    else await phone.addFault({ ...what, session, count: 1 });
    spoilt += 1;
    // As far through the trouble as through the messages.
    while (!isOver() && spoilt / kinds.length > posted / messages) await pause(20);
  }
}

try {
  say(`${messages} messages, ${SESSIONS} sessions, ${kills} kills; seed ${seed}`);
  for (let chat = 0; chat < CHATS; chat += 1)
    await phone.createContact({ number: chatOf(chat), name: `C${chat}` });
  gateway = await startGateway(simulator, { dataDir });
  await inParallel(SESSIONS, 4, (index) =>
    pairSession(gateway, simulator, { id: sessionIds[index], number: numberOf(index) }),
  );
  say('paired');
  let over = false;
  const killed = killAll().then(() => (over = true));
  await Promise.all([killed, trouble(() => over), ...sessionIds.map((_, index) => postAll(index))]);
  await phone.clearFaults();
  say(`${kills} kills done; ${posted} messages accepted, ${repeats} requests repeated, ${spoilt} faults`);
  await expectAllDelivered({
    gateway: gateway,
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
  await gateway?.kill9().catch(() => undefined);
  await simulator.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit();
