// Things that stop while others go on: n8n restarted while messages arrive, the gateway killed while n8n sends and receives,
// and a workflow deactivated while the gateway is down. Nothing is lost and nothing is doubled.

import assert from 'node:assert/strict';
import { eventually } from '../lib/checks.mjs';
import { PHONE, SESSION } from '../lib/stage.mjs';
import { byId, chain, node, sluice } from '../lib/workflows.mjs';

const ARRIVING = 120;
const PER_BURST = 10;
/** On a machine that does much else n8n takes seconds for each call. */
const SLOW_MS = 500_000;
const SENT = 60;

function listener(name, prefix) {
  const nodes = [
    sluice('Message', 'incomingMessageTrigger', {
      events: ['message.received'],
      filters: { textStartsWith: prefix },
    }),
    node('After', 'n8n-nodes-base.noOp'),
  ];
  return { name, nodes, connections: chain(...nodes) };
}

/** People write `count` messages, in bursts; `between` runs after each burst. @returns the texts */
async function write(stage, { prefix, count, between = () => undefined }) {
  const texts = Array.from({ length: count }, (_, index) => `${prefix} ${index}`);
  for (let from = 0; from < count; from += PER_BURST) {
    const burst = texts.slice(from, from + PER_BURST);
    const messages = burst.map((text, index) => ({ from: stage.people[index % 7], text }));
    await stage.phone.sendManyTo(PHONE, messages);
    await between(from);
  }
  return texts;
}

/** The texts that the workflow's executions ended with, sorted; one that failed counts as nothing. */
async function handled(stage, workflow, count) {
  const executions = await stage.workflows.ended(workflow, count, SLOW_MS);
  const good = executions.filter(({ status }) => status === 'success');
  return good.flatMap((one) => one.json('Message').map(({ text }) => text)).sort();
}

/** Answers each message that begins so, in its chat. */
function answering(name, prefix) {
  const { nodes } = listener(name, prefix);
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

/**
 * n8n takes calls while it shuts down. An execution that it was writing down then runs after its start, although the
 * gateway got no answer and delivers the event again; one that it had just begun is shown as crashed. Both can happen to
 * the one call that was under way, and n8n says so; what people see is never one answer too many.
 */
async function n8nRestarted({ check, stage }) {
  const { workflows, n8n } = stage;
  await check(`outage: n8n is restarted while ${ARRIVING} messages arrive`, async () => {
    const workflow = await workflows.create(answering('While n8n restarts', 'restart'));
    await workflows.activate(workflow);
    await stage.registered(workflow);
    let restarting;
    const between = (from) => {
      if (from !== ARRIVING / 4) return undefined;
      restarting = n8n.stop().then(() => n8n.start());
      return undefined;
    };
    const texts = await write(stage, { prefix: 'restart', count: ARRIVING, between });
    await restarting;
    const taken = await handled(stage, workflow, ARRIVING);
    await stage.delivered();
    await stage.queueEmpty();
    const crashed = (await workflows.executions(workflow)).filter(
      ({ status }) => status === 'crashed',
    ).length;
    const missing = texts.filter((text) => !taken.includes(text));
    assert.ok(missing.length <= crashed && crashed <= 1, `${missing.join()} lost, ${crashed} crashed`);
    const wanted = texts
      .map((text, index) => [text, `${stage.people[(index % PER_BURST) % 7]} Got ${text}`])
      .filter(([text]) => !missing.includes(text))
      .map(([, answer]) => answer);
    const answers = () => stage.shown(/^Got restart \d+$/);
    await eventually(async () => (await answers()).length >= wanted.length, { what: 'all answers' });
    const seen = (await answers()).filter((one) => !missing.some((text) => one.endsWith(` Got ${text}`)));
    assert.deepEqual(seen.sort(), wanted.sort());
    const twice = taken.length - new Set(taken).size;
    assert.ok(twice <= 1, `${twice} executions too many`);
    await workflows.deactivate(workflow);
    return `each answered once; ${crashed} crashed with n8n, ${twice} started twice by n8n`;
  });
}

/** Sends one by one, each with "Retry On Fail", as a loop round of its own. */
function sender() {
  const rows = Array.from({ length: SENT }, (_, index) => ({ index }));
  const nodes = [
    node('Run', 'n8n-nodes-base.manualTrigger'),
    node('Rows', 'n8n-nodes-base.code', {
      jsCode: `return ${JSON.stringify(rows)}.map((json) => ({ json }));`,
    }),
    node('Loop', 'n8n-nodes-base.splitInBatches', { batchSize: 5, options: {} }, { typeVersion: 3 }),
    sluice(
      'Send',
      'sendMessage',
      {
        resource: 'newMessage',
        operation: 'text',
        session: byId(SESSION),
        to: '={{ "+" + (4915551000001 + $json.index % 7) }}',
        message: '=through {{ $json.index }}',
        options: { maxWaitSeconds: 60 },
      },
      { retryOnFail: true, maxTries: 5, waitBetweenTries: 5000 },
    ),
    node('After', 'n8n-nodes-base.noOp'),
  ];
  const [run, list, loop, send, after] = nodes;
  const connections = {
    ...chain(run, list, loop),
    ...chain(send, loop),
    [loop.name]: {
      main: [[{ node: after.name, type: 'main', index: 0 }], [{ node: send.name, type: 'main', index: 0 }]],
    },
  };
  return { name: 'Send while the gateway dies', nodes, connections };
}

async function gatewayRestarted({ check, stage }) {
  const { workflows, gateway, phone } = stage;
  await check(
    `outage: the gateway is killed while n8n sends ${SENT} and receives: 0 lost, 0 doubled`,
    async () => {
      const listening = await workflows.create(listener('While the gateway dies', 'through'));
      await workflows.activate(listening);
      await stage.registered(listening);
      const sending = await workflows.create(sender());
      const running = workflows.run(sending, 'Run', { timeoutMs: SLOW_MS });
      await phone.messages.waitFor({ from: PHONE, text: 'through 7' }, { timeoutMs: 60_000 });
      await gateway.kill9();
      const texts = await write(stage, { prefix: 'through all', count: 20 });
      await gateway.start();
      const execution = await running;
      assert.equal(execution.status, 'success', execution.error?.message);
      await gateway.call('GET', `/v1/sessions/${SESSION}?waitFor=connected&timeoutSeconds=30`);
      await stage.queueEmpty();
      const wanted = Array.from(
        { length: SENT },
        (_, index) => `${4915551000001 + (index % 7)} through ${index}`,
      );
      const all = async () => (await stage.shown(/^through \d+$/)).length >= SENT;
      await eventually(all, { what: `${SENT} messages at the phones` });
      assert.deepEqual((await stage.shown(/^through \d+$/)).sort(), wanted.sort());
      assert.deepEqual(await handled(stage, listening, 20), texts.sort());
      await workflows.deactivate(listening);
    },
  );
}

async function deactivatedMeanwhile({ check, stage }) {
  const { workflows, gateway } = stage;
  await check(
    'outage: deactivated while the gateway is down, the orphan starts nothing; activated again it works once',
    async () => {
      const workflow = await workflows.create(listener('Orphan', 'orphan'));
      await workflows.activate(workflow);
      await stage.registered(workflow);
      await gateway.stop();
      await workflows.deactivate(workflow);
      await gateway.start();
      await gateway.call('GET', `/v1/sessions/${SESSION}?waitFor=connected&timeoutSeconds=30`);
      const [hook] = await stage.registered(workflow);
      const missed = await write(stage, { prefix: 'orphan early', count: 3 });
      const refused = async () => {
        const { data } = await gateway.call('GET', `/v1/webhooks/${hook.id}/deliveries`);
        return data.some(({ attempts }) => attempts.some(({ status }) => status === 404));
      };
      await eventually(refused, { what: 'a 404 from n8n' });
      assert.equal((await workflows.executions(workflow)).length, 0);
      await workflows.activate(workflow);
      const later = await write(stage, { prefix: 'orphan late', count: 3 });
      const all = await handled(stage, workflow, missed.length + later.length);
      assert.deepEqual(all, [...missed, ...later].sort());
      await stage.registered(workflow);
      await workflows.deactivate(workflow);
      await stage.registered(workflow, 0);
    },
  );
}

export async function outages(given) {
  await n8nRestarted(given);
  await gatewayRestarted(given);
  await deactivatedMeanwhile(given);
}
