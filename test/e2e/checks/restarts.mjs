// n8n restarted and killed while messages arrive: what became of each message, in n8n, in a table elsewhere, and on the phone
// of its sender.

import assert from 'node:assert/strict';
import { SLOW_MS, listener, write, writerOf } from '../lib/arrivals.mjs';
import { eventually } from '../lib/checks.mjs';
import { PHONE } from '../lib/stage.mjs';
import { startTable } from '../lib/table.mjs';
import { byId, chain, node, sluice } from '../lib/workflows.mjs';

const ARRIVING = 120;
const RESTARTS = 3;
const WAITING = 10;

/** Adds a row for each message that begins so (with a table), and answers in its chat (`slow`: after some seconds). */
function answering(name, { prefix, table, options, slow = false }) {
  const [message] = listener(name, prefix, options).nodes;
  const pause = node('Pause', 'n8n-nodes-base.wait', { amount: 3, unit: 'seconds' }, { typeVersion: 1.1 });
  const answer = sluice('Answer', 'sendMessage', {
    resource: 'newMessage',
    operation: 'text',
    session: byId("={{ $('Message').item.json.sessionId }}"),
    to: "={{ $('Message').item.json.chat }}",
    message: "=Got {{ $('Message').item.json.text }}",
    options: { maxWaitSeconds: 60 },
  });
  const nodes = [message, ...(table === undefined ? [] : [table.adding()]), ...(slow ? [pause] : []), answer];
  return { name, nodes, connections: chain(...nodes) };
}

/** The text of the message that started an execution, also of one that was cut off before its first node. */
function textOf(execution) {
  const [done] = execution.json('Message');
  const [next] = execution.data.executionData?.nodeExecutionStack ?? [];
  return done?.text ?? next?.data.main[0]?.[0]?.json.text;
}

/** Waits until all is delivered and has ended. @returns how many executions there are, and by the text of each message how those that worked on it ended */
async function endings(stage, workflow, texts) {
  await stage.delivered();
  const ended = async () => {
    const all = await stage.workflows.executions(workflow);
    return all.every(({ status }) => status !== 'new' && status !== 'running') && all;
  };
  const all = await eventually(ended, { timeoutMs: SLOW_MS, what: 'all executions ended' });
  const statuses = new Map(texts.map((text) => [text, []]));
  for (const { id } of all) {
    const execution = await stage.workflows.read(id);
    statuses.get(textOf(execution))?.push(execution.status);
  }
  return { fates: [...statuses], executions: all.length };
}

/** Messages with more or fewer executions that ended well than wanted, as a text for the one who reads the failure. */
const otherThan = (wanted, fates) =>
  fates
    .filter(([, statuses]) => !wanted(statuses.filter((status) => status === 'success').length, statuses))
    .map(([text, statuses]) => `${text}: ${statuses.join(' ') || 'no execution'}`)
    .join('; ');

/** People write while n8n stops and starts again: `during` does both. @returns the endings, the answers wanted and seen */
async function writeThrough(stage, { prefix, during, ...more }) {
  const { workflows, people } = stage;
  const workflow = await workflows.create(answering(`While n8n goes: ${prefix}`, { prefix, ...more }));
  await workflows.activate(workflow);
  await stage.registered(workflow);
  const texts = await during(prefix, workflow);
  const { fates, executions } = await endings(stage, workflow, texts);
  await stage.queueEmpty();
  await workflows.deactivate(workflow);
  const wanted = texts.map((text, index) => `${writerOf(people, index)} Got ${text}`);
  return { fates, executions, wanted, seen: () => stage.shown(new RegExp(`^Got ${prefix} \\d+$`)) };
}

/** n8n is stopped as an administrator does it, again and again, each time when a message has just been worked on. */
const restarting = (stage, table) => async (prefix) => {
  const written = write(stage, { prefix, count: ARRIVING });
  for (let count = 1; count <= RESTARTS; count += 1) {
    const wanted = Math.floor((count * ARRIVING) / (RESTARTS + 2));
    await eventually(() => table.rows.length >= wanted, { timeoutMs: SLOW_MS, what: `${wanted} rows` });
    await stage.n8n.stop();
    await stage.n8n.start();
  }
  return await written;
};

/** n8n is killed in the middle of its work: the third answer is out, and another is being made. */
const killing = (stage) => async (prefix, workflow) => {
  const texts = await write(stage, { prefix, count: WAITING });
  await stage.phone.messages.waitFor({ from: PHONE, text: `Got ${texts[2]}` }, { timeoutMs: 120_000 });
  const working = async () =>
    (await stage.workflows.executions(workflow)).some(({ status }) => status === 'running');
  await eventually(working, { what: 'an execution under way' });
  await stage.n8n.kill9();
  await stage.n8n.start();
  return texts;
};

const eachSeenOnce = async ({ wanted, seen }) => {
  await eventually(async () => (await seen()).length >= wanted.length, { what: 'all answers' });
  assert.deepEqual((await seen()).sort(), wanted.sort());
};

const crashedIn = (fates) =>
  fates.flatMap(([, statuses]) => statuses).filter((status) => status === 'crashed').length;

/** Runs `work` with a table of its own. */
async function withTable(work) {
  const table = await startTable();
  try {
    return await work(table);
  } finally {
    await table.stop();
  }
}

/**
 * A call can be under way in the moment of the stop: n8n has written its execution down and ends before it answers. It runs
 * that execution after its start, and the gateway, which got no answer, delivers the event again: two executions, of which
 * one must end before its second node. One that was cut off before its first node n8n shows as crashed.
 */
async function n8nRestarted({ check, stage }) {
  const restarted = async (prefix, options) =>
    await withTable(async (table) => {
      const during = restarting(stage, table);
      const through = await writeThrough(stage, { prefix, table, options, during });
      assert.equal(
        otherThan((succeeded) => succeeded === 1, through.fates),
        '',
      );
      assert.deepEqual([...table.rows].sort(), through.fates.map(([text]) => text).sort());
      await eachSeenOnce(through);
      return `executions that ended before they did anything: ${through.executions - ARRIVING}`;
    });

  for (const [mode, options] of [
    ['answering at once', {}],
    ['answering when finished', { answer: 'finished' }],
  ]) {
    await check(
      `outage: n8n is restarted ${RESTARTS} times while ${ARRIVING} messages arrive, ${mode}: each does its work once, none is lost`,
      () => restarted(`restart ${mode.split(' ')[1]}`, options),
    );
  }
}

/** n8n that is killed shows what it was doing as crashed; the gateway has its answer, unless it waits for the end. */
async function n8nKilled({ check, stage }) {
  const slow = { slow: true, during: killing(stage) };

  await check(
    'outage: n8n is killed in the middle of its work: what it cut off it shows, and none is answered twice',
    async () => {
      const { fates, wanted, seen } = await writeThrough(stage, { prefix: 'killed', ...slow });
      assert.equal(
        otherThan((succeeded, all) => succeeded > 0 || all.includes('crashed'), fates),
        '',
      );
      assert.ok(crashedIn(fates) > 0, 'the kill has cut nothing off');
      const whole = fates.filter(([, statuses]) => statuses.includes('success'));
      const answered = async () => (await seen()).length >= whole.length;
      await eventually(answered, { what: 'the answers of what ended well' });
      const answers = await seen();
      assert.equal(new Set(answers).size, answers.length, 'an answer is seen twice');
      assert.ok(answers.every((answer) => wanted.includes(answer)));
      return `${crashedIn(fates)} crashed, ${wanted.length - answers.length} of ${wanted.length} not answered`;
    },
  );

  await check(
    'outage: n8n is killed in the middle of its work, answering when finished: none is lost, each is answered once',
    async () => {
      const options = { answer: 'finished' };
      const through = await writeThrough(stage, { prefix: 'finished', options, ...slow });
      assert.equal(
        otherThan((succeeded) => succeeded > 0, through.fates),
        '',
      );
      assert.ok(crashedIn(through.fates) > 0, 'the kill has cut nothing off');
      await eachSeenOnce(through);
      return `${crashedIn(through.fates)} crashed and started anew`;
    },
  );
}

export async function restarts(given) {
  await n8nRestarted(given);
  await n8nKilled(given);
}
