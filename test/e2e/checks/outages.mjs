// Things that stop while n8n goes on: the gateway killed while n8n sends and receives, and a workflow deactivated while the
// gateway is down. Nothing is lost and nothing is doubled. restarts.mjs has the opposite: n8n stops.

import assert from 'node:assert/strict';
import { SLOW_MS, listener, write } from '../lib/arrivals.mjs';
import { eventually } from '../lib/checks.mjs';
import { PHONE, SESSION } from '../lib/stage.mjs';
import { byId, chain, node, sluice } from '../lib/workflows.mjs';

const SENT = 60;

/** The texts that the workflow's executions ended with, sorted; one that failed counts as nothing. */
async function handled(stage, workflow, count) {
  const executions = await stage.workflows.ended(workflow, count, SLOW_MS);
  const good = executions.filter(({ status }) => status === 'success');
  return good.flatMap((one) => one.json('Message').map(({ text }) => text)).sort();
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
  await gatewayRestarted(given);
  await deactivatedMeanwhile(given);
}
