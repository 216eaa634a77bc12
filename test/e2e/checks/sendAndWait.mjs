// Send and Wait: the workflow sleeps until the person answers in that chat, through a restart of n8n too, or until the time
// is up.

import assert from 'node:assert/strict';
import { eventually } from '../lib/checks.mjs';
import { PHONE, SESSION } from '../lib/stage.mjs';
import { byId, chain, node, sluice } from '../lib/workflows.mjs';

function question(person, more = {}) {
  const nodes = [
    node('Run', 'n8n-nodes-base.manualTrigger'),
    sluice('Ask', 'sendMessage', {
      resource: 'newMessage',
      operation: 'sendAndWait',
      session: byId(SESSION),
      to: `+${person}`,
      message: `Shall we, ${person}?`,
      ...more,
    }),
    node('After', 'n8n-nodes-base.noOp'),
  ];
  return { name: 'Ask', nodes, connections: chain(...nodes) };
}

const isWaiting = (execution) => execution.status === 'waiting';

export async function sendAndWait({ check, stage }) {
  const { workflows, phone, people, n8n, gateway } = stage;
  const [first, second, third, fourth] = people;
  const waits = async () =>
    (await gateway.call('GET', '/v1/webhooks')).data.filter(({ url }) => url.includes('webhook-waiting'));

  /** Asks and returns the sleeping execution, once the person has the question. */
  const ask = async (person, more) => {
    const workflow = await workflows.create(question(person, more));
    const execution = await workflows.run(workflow, 'Run', { until: isWaiting });
    await phone.messages.waitFor({ to: person, text: `Shall we, ${person}?` });
    return execution;
  };

  // n8n looks for waits that are over once a minute: this one runs while the others are checked.
  const limited = await ask(fourth, { limitWaitTime: true, waitAmount: 0.1, waitUnit: 'minutes' });

  await check('send and wait: another chat does not wake it, the reply does', async () => {
    const asleep = await ask(first);
    await phone.sendTo(PHONE, { from: second, text: 'not me' });
    await stage.delivered();
    assert.equal((await workflows.read(asleep.id)).status, 'waiting');
    await phone.sendTo(PHONE, { from: first, text: 'Yes' });
    const execution = await workflows.finished(asleep.id);
    const [{ data, replied, reply }] = execution.json('After');
    assert.deepEqual([data.text, data.approved, replied], ['Yes', true, true]);
    assert.equal(reply.from.phone, first);
  });

  await check('send and wait: a reply that comes while n8n is down wakes it afterwards', async () => {
    const asleep = await ask(third);
    await n8n.stop();
    const waId = await phone.sendTo(PHONE, { from: third, text: 'No, thank you' });
    await phone.deliveries.waitFor({ waId, acknowledged: true });
    await n8n.start();
    const execution = await workflows.finished(asleep.id);
    const [{ data }] = execution.json('After');
    assert.deepEqual([data.text, data.approved], ['No, thank you', false]);
  });

  await check('send and wait: without a reply it goes on when the time is up', async () => {
    const execution = await workflows.finished(limited.id);
    assert.equal(execution.status, 'success', execution.error?.message);
    assert.equal(execution.json('After')[0].replied, undefined);
  });

  await check('send and wait: no webhook of an answered wait stays behind', () =>
    eventually(async () => (await waits()).length <= 1, { what: 'no webhook but that of the ended wait' }),
  );
}
