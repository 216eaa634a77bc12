// The trigger in production and in test mode at once, many workflows on one session, and calls of its address that the
// gateway did not make.

import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { eventually } from '../lib/checks.mjs';
import { PHONE } from '../lib/stage.mjs';
import { chain, node, sluice } from '../lib/workflows.mjs';

function listener(name, filters = {}) {
  const nodes = [
    sluice('Message', 'incomingMessageTrigger', { events: ['message.received'], filters }),
    node('After', 'n8n-nodes-base.noOp'),
  ];
  return { name, nodes, connections: chain(...nodes) };
}

const textsOf = (executions) => executions.map((one) => one.json('After')[0]?.text).sort();

function signed(secret, { id, body, timestamp = Math.floor(Date.now() / 1000) }) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` };
}

const incoming = (id, text) =>
  JSON.stringify({
    id,
    seq: 1,
    type: 'message.received',
    timestamp: new Date().toISOString(),
    sessionId: 'shop',
    data: {
      messageId: 'FORGED',
      from: { phone: '4915551000001', lid: null, jid: '4915551000001@s.whatsapp.net', name: null },
      chat: { jid: '4915551000001@s.whatsapp.net', kind: 'direct', name: null },
      kind: 'text',
      text,
      media: null,
      sentAt: new Date().toISOString(),
    },
  });

/** Where n8n takes the trigger's calls, and what they are signed with: as the workflow remembers it. */
async function registrationOf(stage, workflow) {
  const { staticData } = await stage.n8n.rest('GET', `/workflows/${workflow.id}`);
  const [[path, { secret }]] = Object.entries(staticData['node:Message'].webhooks);
  return { url: `${stage.n8n.url}${path}`, secret };
}

async function besideEachOther({ check, stage }) {
  const { workflows, phone, people } = stage;
  const [person] = people;
  const workflow = await workflows.create(listener('Production and test'));

  await check('trigger: activated, it registers by itself', async () => {
    await workflows.activate(workflow);
    await stage.registered(workflow);
  });

  await check('trigger: in production and in test mode at once, each gets the message once', async () => {
    await workflows.listen(workflow, 'Message');
    await stage.registered(workflow, 2);
    await phone.sendTo(PHONE, { from: person, text: 'for both' });
    const both = await workflows.ended(workflow, 2);
    assert.deepEqual(textsOf(both), ['for both', 'for both']);
    assert.deepEqual(both.map(({ mode }) => mode).sort(), ['manual', 'webhook']);
  });

  await check('trigger: after the test event only production is left, and goes on', async () => {
    await stage.registered(workflow, 1);
    await phone.sendTo(PHONE, { from: person, text: 'for production' });
    const all = await workflows.ended(workflow, 3);
    assert.deepEqual(textsOf(all), ['for both', 'for both', 'for production']);
  });

  await check('trigger: several workflows on one session, each with its filter', async () => {
    const orders = await workflows.create(listener('Orders', { textStartsWith: 'order' }));
    await workflows.activate(orders);
    await stage.registered(orders);
    await phone.sendManyTo(PHONE, [
      { from: person, text: 'order 7' },
      { from: person, text: 'hello' },
    ]);
    assert.deepEqual(textsOf((await workflows.ended(workflow, 5)).slice(0, 2)), ['hello', 'order 7']);
    assert.deepEqual(
      textsOf(
        await workflows
          .executions(orders)
          .then((list) => Promise.all(list.map(({ id }) => workflows.read(id)))),
      ),
      ['order 7'],
    );
    await workflows.deactivate(orders);
  });
  return workflow;
}

async function forgeries({ check, stage }, workflow) {
  const { workflows } = stage;
  const { url, secret } = await registrationOf(stage, workflow);
  const post = async (body, headers = {}) => {
    const own = { 'content-type': 'application/json', ...headers };
    const response = await fetch(url, { method: 'POST', body, headers: own });
    return response.status;
  };
  const body = incoming('evt_forged', 'forged');
  const hour = 3600;
  const now = Math.floor(Date.now() / 1000);
  const other = `whsec_${Buffer.from(randomUUID()).toString('base64')}`;
  const calls = {
    'no signature': [body, {}],
    'a signature of another secret': [body, signed(other, { id: 'evt_forged', body })],
    'an old signature': [body, signed(secret, { id: 'evt_forged', body, timestamp: now - hour })],
    'a signature of the future': [body, signed(secret, { id: 'evt_forged', body, timestamp: now + hour })],
    'the signature of another body': [
      incoming('evt_forged', 'changed'),
      signed(secret, { id: 'evt_forged', body }),
    ],
    'the signature of another event': [
      body,
      { ...signed(secret, { id: 'evt_1', body }), 'webhook-id': 'evt_forged' },
    ],
  };
  const before = (await workflows.executions(workflow)).length;
  for (const [what, [text, headers]] of Object.entries(calls)) {
    await check(`trigger: ${what} gets 401 and starts nothing`, async () => {
      assert.equal(await post(text, headers), 401);
      assert.equal((await workflows.executions(workflow)).length, before);
    });
  }
  await check('trigger: a replayed call gets 401, a repeated delivery 200; both start nothing', async () => {
    const genuine = incoming('evt_genuine', 'genuine');
    const headers = signed(secret, { id: 'evt_genuine', body: genuine, timestamp: now });
    assert.equal(await post(genuine, headers), 200);
    const count = async () => (await workflows.executions(workflow)).length === before + 1;
    await eventually(count, { what: 'one execution' });
    assert.equal(await post(genuine, headers), 401);
    const again = signed(secret, { id: 'evt_genuine', body: genuine, timestamp: now + 5 });
    assert.equal(await post(genuine, again), 200);
    assert.equal((await workflows.executions(workflow)).length, before + 1);
  });
}

export async function trigger({ check, stage }) {
  const workflow = await besideEachOther({ check, stage });
  await forgeries({ check, stage }, workflow);

  await check('trigger: deactivated, it removes its webhook', async () => {
    await stage.workflows.deactivate(workflow);
    await stage.registered(workflow, 0);
  });
}
