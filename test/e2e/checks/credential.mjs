// The credential's test in the editor: good, with a key the gateway does not know, with one that may only read, with an
// address where nothing listens, and with another program's address.

import assert from 'node:assert/strict';

/** What the editor gets when the user presses "Test". */
async function tested(stage, data) {
  const credentials = { id: '', name: 'Sluice', type: 'sluiceApi', data };
  return await stage.n8n.rest('POST', '/credentials/test', { credentials });
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
}
