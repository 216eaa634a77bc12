// The credential: its test in the editor when all is well, with a key the gateway does not know, with one that may only read,
// with an address where nothing listens, and with another program's address; and the HTTP Request node using it.

import assert from 'node:assert/strict';
import { eventually } from '../lib/checks.mjs';
import { SESSION } from '../lib/stage.mjs';
import { chain, node } from '../lib/workflows.mjs';

/** What the editor gets when the user presses "Test". */
async function tested(stage, data) {
  const credentials = { id: '', name: 'Sluice', type: 'sluiceApi', data };
  return await stage.n8n.rest('POST', '/credentials/test', { credentials });
}

/** A campaign: one of the things that no node of ours does. */
async function campaign({ check, stage }) {
  const { workflows, gateway, people } = stage;
  await check('credential: the HTTP Request node makes a campaign with it', async () => {
    const recipients = people.slice(0, 3).map((to, index) => ({ to, variables: { index } }));
    const body = { name: 'Spring', sessionIds: [SESSION], message: { text: 'Spring {{index}}' }, recipients };
    const parameters = {
      method: 'POST',
      url: `${gateway.url}/v1/campaigns`,
      authentication: 'predefinedCredentialType',
      nodeCredentialType: 'sluiceApi',
      sendBody: true,
      specifyBody: 'json',
      jsonBody: JSON.stringify(body),
    };
    const request = node('Campaign', 'n8n-nodes-base.httpRequest', parameters, {
      typeVersion: 4.2,
      credentials: workflows.credentials,
    });
    const nodes = [node('Run', 'n8n-nodes-base.manualTrigger'), request];
    const workflow = await workflows.create({ name: 'Campaign', nodes, connections: chain(...nodes) });
    const execution = await workflows.run(workflow, 'Run');
    assert.equal(execution.status, 'success', execution.error?.message);
    const arrived = async () => (await stage.shown(/^Spring \d$/)).length === recipients.length;
    await eventually(arrived, { what: 'the messages of the campaign' });
    const wanted = recipients.map(({ to }, index) => `${to} Spring ${index}`);
    assert.deepEqual((await stage.shown(/^Spring \d$/)).sort(), wanted);
  });
}

export async function credential({ check, stage }) {
  const baseUrl = stage.gateway.url;

  await check('credential: a good key passes', async () => {
    const answer = await tested(stage, { baseUrl, apiKey: stage.key });
    assert.equal(answer.status, 'OK', answer.message);
  });

  await check('credential: a wrong key is named', async () => {
    const answer = await tested(stage, { baseUrl, apiKey: 'slk_live_wrong' });
    assert.equal(answer.status, 'Error');
    assert.match(answer.message, /does not know this API key/);
  });

  await check('credential: a key that may only read is named', async () => {
    const answer = await tested(stage, { baseUrl, apiKey: await stage.gateway.key('reader') });
    assert.equal(answer.status, 'Error');
    assert.match(answer.message, /only read/);
  });

  await check('credential: an unreachable gateway is named, with the way out of Docker', async () => {
    const answer = await tested(stage, { baseUrl: 'http://127.0.0.1:9', apiKey: stage.key });
    assert.equal(answer.status, 'Error');
    assert.match(answer.message, /cannot be reached at http:\/\/127\.0\.0\.1:9/);
    assert.match(answer.message, /host\.docker\.internal/);
  });

  await check('credential: another program at the address is named', async () => {
    const answer = await tested(stage, { baseUrl: stage.n8n.url, apiKey: stage.key });
    assert.equal(answer.status, 'Error');
    assert.match(answer.message, /not a Sluice gateway|not in the way a Sluice gateway does/);
  });

  await campaign({ check, stage });
}
