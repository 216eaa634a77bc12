// n8n with a limit of executions: a call of the trigger waits until there is room, longer than the gateway waits for it.

import assert from 'node:assert/strict';
import { SLOW_MS, listener } from '../lib/arrivals.mjs';
import { eventually } from '../lib/checks.mjs';
import { PHONE } from '../lib/stage.mjs';
import { startTable } from '../lib/table.mjs';
import { chain, node } from '../lib/workflows.mjs';

/** The gateway waits 20 seconds for an answer; the second call waits for the end of the first execution. */
const TAKES_SECONDS = 25;
const TEXTS = ['limit 0', 'limit 1'];

async function calledAgain({ gateway }, [webhook]) {
  const { data } = await gateway.call('GET', `/v1/webhooks/${webhook.id}/deliveries`);
  return data.some(({ attempts }) => attempts.length > 1);
}

async function slowly({ stage, table }) {
  const { workflows, phone, people } = stage;
  const [message] = listener('', 'limit').nodes;
  const pause = node(
    'Pause',
    'n8n-nodes-base.wait',
    { amount: TAKES_SECONDS, unit: 'seconds' },
    { typeVersion: 1.1 },
  );
  const nodes = [message, table.adding(), pause];
  const workflow = await workflows.create({ name: 'One at a time', nodes, connections: chain(...nodes) });
  await workflows.activate(workflow);
  const hooks = await stage.registered(workflow);
  await phone.sendManyTo(
    PHONE,
    TEXTS.map((text) => ({ from: people[0], text })),
  );
  await eventually(() => calledAgain(stage, hooks), {
    timeoutMs: SLOW_MS,
    what: 'a call that was made again',
  });
  await stage.delivered();
  const ended = async () =>
    (await workflows.executions(workflow)).every(({ status }) => status === 'success');
  await eventually(ended, { timeoutMs: SLOW_MS, what: 'all executions ended' });
  await workflows.deactivate(workflow);
  assert.deepEqual([...table.rows].sort(), TEXTS);
}

export async function limit({ check, stage }) {
  await check(
    'limit: with one execution at a time, what has to wait for longer than a call does its work once',
    async () => {
      const table = await startTable();
      await stage.n8n.stop();
      await stage.n8n.start({ N8N_CONCURRENCY_PRODUCTION_LIMIT: '1' });
      try {
        await slowly({ stage, table });
      } finally {
        await table.stop();
        await stage.n8n.stop();
        await stage.n8n.start();
      }
    },
  );
}
