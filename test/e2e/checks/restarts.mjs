// n8n restarted and killed while messages arrive: what became of each message, in n8n and on the phone of its sender.

import assert from 'node:assert/strict';
import { SLOW_MS, listener, write, writerOf } from '../lib/arrivals.mjs';
import { eventually } from '../lib/checks.mjs';
import { byId, chain, sluice } from '../lib/workflows.mjs';

const ARRIVING = 120;

/** Answers each message that begins so, in its chat. */
function answering(name, prefix, options = {}) {
  const { nodes } = listener(name, prefix, options);
  const [message] = nodes;
  const answer = sluice('Answer', 'sendMessage', {
    resource: 'newMessage',
    operation: 'text',
    session: byId('={{ $json.sessionId }}'),
    to: '={{ $json.chat }}',
    message: '=Got {{ $json.text }}',
    options: { maxWaitSeconds: 60 },
  });
  return { name, nodes: [message, answer], connections: chain(message, answer) };
}

/** The text of the message that started an execution, also of one that was cut off before its first node. */
function textOf(execution) {
  const [done] = execution.json('Message');
  const [next] = execution.data.executionData?.nodeExecutionStack ?? [];
  return done?.text ?? next?.data.main[0]?.[0]?.json.text;
}

/** Waits until all is delivered and has ended. @returns by the text of each message, how its executions ended */
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
  return [...statuses];
}

/** Messages with more or fewer executions that ended well than wanted, as a text for the one who reads the failure. */
const otherThan = (wanted, fates) =>
  fates
    .filter(([, statuses]) => !wanted(statuses.filter((status) => status === 'success').length, statuses))
    .map(([text, statuses]) => `${text}: ${statuses.join(' ') || 'no execution'}`)
    .join('; ');

/** People write while n8n stops in that way and starts again. @returns texts, what they were answered, and the endings */
async function writeThrough(stage, { how, prefix, options }) {
  const { workflows, n8n, people } = stage;
  const workflow = await workflows.create(answering(`While n8n goes: ${prefix}`, prefix, options));
  await workflows.activate(workflow);
  await stage.registered(workflow);
  let restarting;
  const between = (from) => {
    if (from === ARRIVING / 4) restarting = n8n[how]().then(() => n8n.start());
  };
  const texts = await write(stage, { prefix, count: ARRIVING, between });
  await restarting;
  const fates = await endings(stage, workflow, texts);
  await stage.queueEmpty();
  await workflows.deactivate(workflow);
  const wanted = texts.map((text, index) => `${writerOf(people, index)} Got ${text}`);
  return { fates, wanted, seen: () => stage.shown(new RegExp(`^Got ${prefix} \\d+$`)) };
}

const eachSeenOnce = async ({ wanted, seen }) => {
  await eventually(async () => (await seen()).length >= wanted.length, { what: 'all answers' });
  assert.deepEqual((await seen()).sort(), wanted.sort());
};

const crashedIn = (fates) =>
  fates.flatMap(([, statuses]) => statuses).filter((status) => status === 'crashed').length;

async function n8nRestarted({ check, stage }) {
  await check(
    `outage: n8n is restarted while ${ARRIVING} messages arrive: one execution and one answer for each`,
    async () => {
      const through = await writeThrough(stage, { how: 'stop', prefix: 'restart' });
      assert.equal(
        otherThan((succeeded, all) => succeeded === 1 && all.length === 1, through.fates),
        '',
      );
      await eachSeenOnce(through);
    },
  );
}

/** n8n that is killed shows what it was doing as crashed; the gateway has its answer, unless it waits for the end. */
async function n8nKilled({ check, stage }) {
  await check(
    `outage: n8n is killed while ${ARRIVING} messages arrive: what it cut off it shows, and none is answered twice`,
    async () => {
      const { fates, wanted, seen } = await writeThrough(stage, { how: 'kill9', prefix: 'killed' });
      assert.equal(
        otherThan((succeeded, all) => succeeded > 0 || all.includes('crashed'), fates),
        '',
      );
      const whole = fates.filter(([, statuses]) => statuses.includes('success')).map(([text]) => text);
      const answered = async () => (await seen()).length >= whole.length;
      await eventually(answered, { what: 'the answers of what ended well' });
      const answers = await seen();
      assert.equal(new Set(answers).size, answers.length, 'an answer is seen twice');
      assert.ok(answers.every((answer) => wanted.includes(answer)));
      return `${crashedIn(fates)} crashed, ${wanted.length - answers.length} of ${wanted.length} not answered`;
    },
  );

  await check(
    `outage: n8n is killed while ${ARRIVING} messages arrive, answering when finished: none is lost, each is answered once`,
    async () => {
      const options = { answer: 'finished' };
      const through = await writeThrough(stage, { how: 'kill9', prefix: 'finished', options });
      assert.equal(
        otherThan((succeeded) => succeeded > 0, through.fates),
        '',
      );
      await eachSeenOnce(through);
      return `${crashedIn(through.fates)} crashed`;
    },
  );
}

export async function restarts(given) {
  await n8nRestarted(given);
  await n8nKilled(given);
}
