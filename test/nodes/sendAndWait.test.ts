/**
 * Send and Wait for Reply: the execution sleeps, and wakes with the person's next message or when the time is up.
 */
import type { INode, INodeParameters, IRun, Workflow } from 'n8n-workflow';

import { EXECUTION_ID, node, resume, runWorkflow, toWorkflow } from './support/engine';
import { accepted, gateway, problem, resetGateway, type Call } from './support/gateway';
import { callWebhook, received, type HttpCall, type WebhookRun } from './support/hooks';

const HOOKS = '/v1/webhooks';
const none = { body: { data: [], nextCursor: null } };
const routes = {
  [`GET ${HOOKS}`]: none,
  [`POST ${HOOKS}`]: { status: 201, body: { id: 'whk_9', secret: 'whsec_x' } },
};

const ask = (more: INodeParameters = {}): Workflow =>
  toWorkflow({
    nodes: [
      node('Start', 'test.start'),
      node('Ask', 'n8n-nodes-sluice.sendMessage', {
        parameters: { operation: 'sendAndWait', to: '={{ $json.to }}', message: 'May I?', ...more },
      }),
      node('After', 'test.collect'),
    ],
    connections: {
      Start: { main: [[{ node: 'Ask', type: 'main', index: 0 }]] },
      Ask: { main: [[{ node: 'After', type: 'main', index: 0 }]] },
    },
  });

const start = (workflow: Workflow, to = '+49 151 12345678'): Promise<IRun> =>
  runWorkflow(workflow, { node: 'Start', items: [{ json: { to } }] });

const after = (run: IRun): unknown =>
  run.data.resultData.runData.After?.[0]?.data?.main?.[0]?.map(({ json }) => json);

const queryOf = (calls: Call[]): Record<string, string> => {
  const hook = calls.find(({ method, path }) => method === 'POST' && path === HOOKS);
  return Object.fromEntries(new URL(String(hook?.body.url)).searchParams);
};

/** A message arrives at the resume address of the waiting execution. */
const reply = (
  workflow: Workflow,
  query: Record<string, string>,
  body: Buffer,
  more: Partial<HttpCall> = {},
): Promise<WebhookRun> => callWebhook(workflow, workflow.nodes.Ask as INode, { body, query, ...more });

beforeEach(resetGateway);

it('listens first, then sends, then sleeps until the time is up', async () => {
  const calls = gateway({ ...routes, 'POST /v1/messages': accepted() });
  const run = await start(ask({ waitAmount: 2, waitUnit: 'days' }));
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET ${HOOKS}`,
    `POST ${HOOKS}`,
    'POST /v1/messages',
  ]);
  expect(calls[1]?.body).toMatchObject({
    events: ['message.received'],
    filter: { chatKind: 'direct', from: '4915112345678' },
    description: expect.stringMatching(/^n8n waits for a reply \([0-9a-f]{24}\) until \d{4}-/) as unknown,
  });
  const url = new URL(String(calls[1]?.body.url));
  expect(url.pathname).toBe(`/webhook-waiting/${EXECUTION_ID}/id-of-Ask`);
  expect(url.searchParams.get('signature')).toMatch(/^[0-9a-f]{20,}$/);
  expect(run.status).toBe('waiting');
  const inTwoDays = Date.now() + 2 * 86_400_000;
  expect(Math.abs(new Date(run.waitTill ?? 0).getTime() - inTwoDays)).toBeLessThan(60_000);
  expect(run.data.validateSignature).toBe(true);
  expect(after(run)).toBeUndefined();
});

it('goes on with the next message in that chat, and stops listening', async () => {
  const calls = gateway({ ...routes, 'POST /v1/messages': accepted() });
  const workflow = ask();
  const run = await start(workflow);
  const query = queryOf(calls);
  resetGateway();
  const mine = {
    id: 'whk_9',
    url: 'x',
    description: `n8n waits for a reply (${query.wait ?? ''}) until 2999-01-01T00:00:00.000Z`,
  };
  const clearing = gateway({
    [`GET ${HOOKS}`]: { body: { data: [mine, { id: 'whk_other', url: 'y' }] } },
    [`DELETE ${HOOKS}/whk_9`]: { status: 204 },
  });
  const { result } = await reply(workflow, query, received('evt_1', { text: 'Yes!' }));
  expect(clearing.map(({ method }) => method)).toEqual(['GET', 'DELETE']);
  expect(result.webhookResponse).toEqual({ ok: true });
  const done = await resume(workflow, run, result.workflowData?.[0]);
  expect(done.status).toBe('success');
  expect(after(done)).toEqual([
    {
      data: { text: 'Yes!', approved: true },
      replied: true,
      reply: expect.objectContaining({ messageId: '3EB0BBBB', sessionId: 'main' }) as unknown,
    },
  ]);
});

it('goes on with the input item when the time is up', async () => {
  gateway({ ...routes, 'POST /v1/messages': accepted() });
  const workflow = ask();
  const done = await resume(workflow, await start(workflow));
  expect(done.status).toBe('success');
  expect(after(done)).toEqual([{ to: '+49 151 12345678' }]);
});

it.each([
  ['Yes', true],
  ['  ok. ', true],
  ['no', false],
  ['yes, but later', false],
])('the reply %j counts as approval: %j', async (text, approved) => {
  gateway({ [`GET ${HOOKS}`]: none });
  const { result } = await reply(ask(), { wait: 't', chat: '+4915112345678' }, received('e', { text }));
  expect(result.workflowData?.[0]?.[0]?.json.data).toEqual({ text, approved });
});

const person = { phone: '4915199999999', lid: '9@lid', jid: '4915199999999@s.whatsapp.net', name: null };
const group = { jid: '120363012345678901@g.us', kind: 'group', name: null };
it.each<[string, Record<string, unknown>, boolean]>([
  ['+4915112345678', {}, true],
  ['111222333@lid', {}, true],
  ['4915112345678@s.whatsapp.net', {}, true],
  ['+4915112345678', { from: person, chat: { jid: person.jid, kind: 'direct', name: null } }, false],
  ['+4915112345678', { chat: group }, false],
  ['+4915112345678', { fromMe: true }, false],
  ['120363012345678901@g.us', { chat: group }, true],
  ['120363012345678901@g.us', {}, false],
])('waiting for %s, the message %j wakes it: %j', async (chat, data, wakes) => {
  gateway({ [`GET ${HOOKS}`]: none });
  const { result } = await reply(ask(), { wait: 't', chat }, received('e', data));
  expect(result.workflowData !== undefined).toBe(wakes);
  expect(result.webhookResponse).toMatchObject({ ok: true });
});

it('sleeps on for an event that is no message, and refuses an address that is not its own', async () => {
  gateway({});
  const { result } = await reply(
    ask(),
    { wait: 't', chat: '+4915112345678' },
    received('e', {}, { type: 'webhook.test' }),
  );
  expect(result).toEqual({ webhookResponse: { ok: true, ignored: 'not a message' } });
  await expect(reply(ask(), {}, received('e'))).rejects.toThrow('waits for a reply');
});

it('does not lose the reply when the gateway cannot be asked to stop', async () => {
  gateway({ [`GET ${HOOKS}`]: problem('internal', 500) });
  const { result } = await reply(ask(), { wait: 't', chat: '+4915112345678' }, received('e'));
  expect(result.workflowData).toBeDefined();
});

it('keeps the wait while n8n is being stopped: the gateway delivers the reply again', async () => {
  const calls = gateway({});
  const run = await reply(ask(), { wait: 't', chat: '+4915112345678' }, received('e'), { stopping: true });
  expect([run.status, run.headers['retry-after'], run.result.workflowData]).toEqual([503, '5', undefined]);
  expect(calls).toHaveLength(0);
});

it('clears away what timed-out waits have left behind', async () => {
  const old = (id: string, until: string) => ({
    id,
    url: 'x',
    description: `n8n waits for a reply (abc) until ${until}`,
  });
  const data = [
    old('whk_old', '2020-01-01T00:00:00.000Z'),
    old('whk_new', '2999-01-01T00:00:00.000Z'),
    { id: 'whk_own', url: 'y', description: 'mine' },
  ];
  const calls = gateway({
    ...routes,
    [`GET ${HOOKS}`]: { body: { data } },
    [`DELETE ${HOOKS}/whk_old`]: { status: 204 },
    'POST /v1/messages': accepted(),
  });
  await start(ask());
  expect(calls.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
});

it('stops listening when the message is refused, and fails', async () => {
  const calls = gateway({
    ...routes,
    [`DELETE ${HOOKS}/whk_9`]: { status: 204 },
    'POST /v1/messages': problem('recipient_not_on_whatsapp', 422),
  });
  const run = await start(ask());
  expect(run.status).toBe('error');
  expect(run.data.resultData.error?.message).toContain('Title of recipient_not_on_whatsapp');
  expect(calls.at(-1)?.method).toBe('DELETE');
});

it('refuses several items and a recipient of the wrong shape before any call', async () => {
  const calls = gateway({});
  const many = await runWorkflow(ask(), {
    node: 'Start',
    items: [{ json: { to: '1' } }, { json: { to: '2' } }],
  });
  expect(many.data.resultData.error?.message).toContain('one person at a time, but got 2 items');
  expect((await start(ask(), 'Ann')).data.resultData.error?.message).toContain(
    'The recipient "Ann" is not valid',
  );
  expect(calls).toHaveLength(0);
});

it('can wait for ever', async () => {
  const calls = gateway({ ...routes, 'POST /v1/messages': accepted() });
  const run = await start(ask({ limitWaitTime: false }));
  expect(new Date(run.waitTill ?? 0).getFullYear()).toBe(3000);
  expect(calls[1]?.body.description).toMatch(/until it comes$/);
});

it('hands its options over, by value and by expression', async () => {
  const calls = gateway({ ...routes, 'POST /v1/messages': accepted() });
  await start(
    ask({
      options: {
        linkPreview: '={{ "false" }}',
        priority: 50,
        reference: '={{ 7 + 1 }}',
        showTyping: true,
      } as INodeParameters,
    }),
  );
  expect(calls.at(-1)?.body).toEqual({
    to: '+49 151 12345678',
    type: 'text',
    text: { body: 'May I?', linkPreview: false },
    priority: 50,
    reference: '8',
    typing: true,
  });
});
