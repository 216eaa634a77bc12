/**
 * The "Test" button of the credential, in n8n's own context for credential tests: each way in which it can be wrong has
 * words of its own.
 */
import { CredentialTestContext } from 'n8n-core';
import type { INodeCredentialTestResult } from 'n8n-workflow';
import nock from 'nock';

import { testSluiceApi } from '../../nodes/shared/credentialTest';
import { API_KEY, BASE_URL } from './support/credentials';
import './support/engine';
import { gateway, problem, resetGateway } from './support/gateway';
import { nodeTypes } from './support/nodeTypes';

const tried = async (data: Record<string, string> = {}): Promise<INodeCredentialTestResult> =>
  await testSluiceApi.call(new CredentialTestContext(), {
    id: '1',
    name: 'Sluice',
    type: 'sluiceApi',
    data: { baseUrl: BASE_URL, apiKey: API_KEY, ...data },
  });

beforeEach(resetGateway);

it.each(['admin', 'operator', 'sender'])('a key with the role %s passes', async (role) => {
  gateway({ 'GET /v1/whoami': { body: { role } } });
  expect(await tried()).toEqual({ status: 'OK', message: `Connected. The role of this key is "${role}".` });
});

it('a slash at the end of the address and spaces around the key do no harm', async () => {
  gateway({ 'GET /v1/whoami': { body: { role: 'operator' } } });
  expect((await tried({ baseUrl: ` ${BASE_URL}/ `, apiKey: ` ${API_KEY} ` })).status).toBe('OK');
});

it.each([
  ['a wrong key', problem('invalid_key', 401), 'does not know this API key'],
  ['an expired key', problem('key_expired', 401), 'has expired'],
  ['a role that may only read', { body: { role: 'reader' } }, 'may only read'],
  ['another refusal', problem('internal', 500), 'Detail of internal'],
  ['another program', { status: 404, body: '<html></html>' }, 'not in the way a Sluice gateway does'],
  ['another program that says yes', { status: 200, body: 'hello' }, 'not in the way a Sluice gateway does'],
  ['another login', { status: 401, body: 'no' }, 'not in the way a Sluice gateway does'],
  ['a redirect', { status: 302, headers: { location: 'http://other.test/' } }, 'answered with status 302'],
])('%s is named', async (_what, answer, words) => {
  gateway({ 'GET /v1/whoami': answer });
  const { status, message } = await tried();
  expect([status, message]).toEqual(['Error', expect.stringContaining(words)]);
});

it('a gateway that cannot be reached is named, with the way out of Docker', async () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  nock(BASE_URL).get('/v1/whoami').replyWithError(cause);
  const { status, message } = await tried();
  expect(status).toBe('Error');
  expect(message).toContain(`cannot be reached at ${BASE_URL}`);
  expect(message).toContain('http://host.docker.internal:3777');
  expect(message).toContain('ECONNREFUSED');
});

it.each(['', 'gateway:3777', 'ftp://gateway', 'http://'])(
  'the address %j is refused before any call',
  async (baseUrl) => {
    const { status, message } = await tried({ baseUrl });
    expect([status, message]).toEqual(['Error', expect.stringContaining('base URL is not valid')]);
  },
);

it.each(['sendMessage', 'sendMedia', 'sessionQr', 'incomingMessageTrigger'])('%s names the test', (name) => {
  const { description, methods } = nodeTypes.getByNameAndVersion(`n8n-nodes-sluice.${name}`);
  expect(description.credentials?.[0]).toMatchObject({ name: 'sluiceApi', testedBy: 'sluiceApiTest' });
  expect(methods?.credentialTest?.sluiceApiTest).toBe(testSluiceApi);
});
