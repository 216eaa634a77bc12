/**
 * Incoming Message Trigger: its webhook at the gateway, from activation to deactivation.
 */
import nock from 'nock';
import type { Workflow } from 'n8n-workflow';

import { BASE_URL } from './support/credentials';
import { gateway, problem, resetGateway } from './support/gateway';
import { activate, callHook } from './support/hooks';
import { SECRET, URL_PRODUCTION, URL_TEST, newSecret, workflowOf } from './support/trigger';

const HOOKS = '/v1/webhooks';

const none = { body: { data: [], nextCursor: null } };
const hook = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: 'whk_1',
  url: URL_PRODUCTION,
  events: ['message.received'],
  sessionIds: [],
  filter: null,
  ...more,
});
const made = (more: Record<string, unknown> = {}) => ({
  status: 201,
  body: hook({ secret: SECRET, ...more }),
});

beforeEach(resetGateway);

describe('activation', () => {
  it('registers the address of the workflow and keeps id and secret', async () => {
    const calls = gateway({ [`GET ${HOOKS}`]: none, [`POST ${HOOKS}`]: made() });
    const workflow = workflowOf();
    await activate(workflow);
    expect(calls.at(-1)?.body).toEqual({
      url: URL_PRODUCTION,
      events: ['message.received'],
      description: 'n8n workflow "Test workflow", node "Trigger"',
    });
    expect(workflow.staticData).toMatchObject({
      'node:Trigger': { webhooks: { '/webhook/hook-id/sluice': { id: 'whk_1', secret: SECRET } } },
    });
  });

  it('passes on what the gateway can filter', async () => {
    const calls = gateway({ [`GET ${HOOKS}`]: none, [`POST ${HOOKS}`]: made() });
    const filters = { chatKind: 'direct', from: '+49 151 12345678' };
    await activate(
      workflowOf({ events: ['message.read', 'message.received'], sessions: ['b', 'a'], filters }),
    );
    expect(calls.at(-1)?.body).toMatchObject({
      events: ['message.read', 'message.received'],
      sessionIds: ['a', 'b'],
      filter: { chatKind: 'direct', from: '4915112345678' },
    });
  });

  it('finds a webhook that is as wanted and leaves it alone', async () => {
    const calls = gateway({
      [`GET ${HOOKS}`]: none,
      [`POST ${HOOKS}`]: made(),
      [`GET ${HOOKS}/whk_1`]: { body: hook() },
    });
    const workflow = workflowOf();
    await activate(workflow);
    calls.length = 0;
    expect(await callHook(workflow, 'checkExists')).toBe(true);
    expect(calls.map(({ method }) => method)).toEqual(['GET']);
  });

  it('registers again when the gateway has forgotten the webhook', async () => {
    gateway({
      [`GET ${HOOKS}`]: none,
      [`POST ${HOOKS}`]: made(),
      [`GET ${HOOKS}/whk_1`]: problem('webhook_not_found', 404),
    });
    const workflow = workflowOf();
    await activate(workflow);
    expect(await callHook(workflow, 'checkExists')).toBe(false);
  });

  it('enables a paused webhook again and keeps its secret', async () => {
    gateway({
      [`GET ${HOOKS}`]: none,
      [`POST ${HOOKS}`]: [made(), { status: 200, body: hook() }],
      [`GET ${HOOKS}/whk_1`]: { body: hook({ state: 'paused' }) },
    });
    const workflow = workflowOf();
    await activate(workflow);
    await activate(workflow);
    expect(JSON.stringify(workflow.staticData)).toContain(SECRET);
  });

  it('replaces a webhook whose events have changed', async () => {
    const calls = gateway({
      [`GET ${HOOKS}`]: none,
      [`POST ${HOOKS}`]: made(),
      [`GET ${HOOKS}/whk_1`]: { body: hook({ events: ['message.read'] }) },
      [`DELETE ${HOOKS}/whk_1`]: { status: 204 },
    });
    const workflow = workflowOf();
    await activate(workflow);
    await activate(workflow);
    expect(calls.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'DELETE', 'GET', 'POST']);
  });

  it('rotates the secret when n8n has lost it, and removes strays on the same address', async () => {
    const fresh = newSecret();
    const calls = gateway({
      [`GET ${HOOKS}`]: [
        {
          body: {
            data: [hook({ id: 'whk_0', events: ['*'] }), hook({ id: 'whk_x', url: 'http://other.test/' })],
            nextCursor: 'c2',
          },
        },
        { body: { data: [hook()], nextCursor: null } },
      ],
      [`DELETE ${HOOKS}/whk_0`]: { status: 204 },
      [`POST ${HOOKS}/whk_1/rotate-secret`]: { body: { secret: fresh } },
    });
    const workflow = workflowOf();
    expect(await callHook(workflow, 'checkExists')).toBe(true);
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET ${HOOKS}`,
      `GET ${HOOKS}`,
      `DELETE ${HOOKS}/whk_0`,
      `POST ${HOOKS}/whk_1/rotate-secret`,
    ]);
    expect(JSON.stringify(workflow.staticData)).toContain(fresh);
  });

  it('keeps test and production side by side', async () => {
    const calls = gateway({
      [`GET ${HOOKS}`]: none,
      [`POST ${HOOKS}`]: [made(), made({ id: 'whk_2', url: URL_TEST })],
      [`DELETE ${HOOKS}/whk_2`]: { status: 204 },
    });
    const workflow = workflowOf();
    await activate(workflow);
    await activate(workflow, true);
    expect(calls.filter(({ method }) => method === 'POST').map(({ body }) => body.url)).toEqual([
      URL_PRODUCTION,
      URL_TEST,
    ]);
    await callHook(workflow, 'delete', true);
    expect(JSON.stringify(workflow.staticData)).toContain('whk_1');
    expect(JSON.stringify(workflow.staticData)).not.toContain('whk_2');
  });

  it.each([
    [{ events: [] }, 'No event is chosen'],
    [{ filters: { from: 'Ann' } }, 'The sender "Ann"'],
    [{ filters: { textMatches: '(' } }, 'regular expression "("'],
  ])('refuses the settings %j before any call', async (parameters, words) => {
    const calls = gateway({ [`GET ${HOOKS}`]: none });
    await expect(callHook(workflowOf(parameters), 'checkExists')).rejects.toThrow(words);
    expect(calls).toHaveLength(0);
  });

  it.each([
    ['forbidden', 403],
    ['target_not_allowed', 422],
    ['internal', 500],
  ])('shows %s', async (code, status) => {
    gateway({ [`GET ${HOOKS}`]: none, [`POST ${HOOKS}`]: problem(code, status) });
    await expect(activate(workflowOf())).rejects.toThrow(`Title of ${code}`);
  });

  it('shows that the gateway is not there', async () => {
    nock(BASE_URL)
      .get(HOOKS)
      .replyWithError(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    await expect(activate(workflowOf())).rejects.toThrow('cannot be reached');
  });
});

describe('deactivation', () => {
  const active = async (): Promise<Workflow> => {
    gateway({ [`GET ${HOOKS}`]: none, [`POST ${HOOKS}`]: made() });
    const workflow = workflowOf();
    await activate(workflow);
    return workflow;
  };

  it.each([
    ['removes the webhook', { status: 204 }],
    ['is content when it is gone', problem('webhook_not_found', 404)],
  ])('%s', async (_name, answer) => {
    const workflow = await active();
    const calls = gateway({ [`DELETE ${HOOKS}/whk_1`]: answer });
    expect(await callHook(workflow, 'delete')).toBe(true);
    expect(calls).toHaveLength(1);
    expect(JSON.stringify(workflow.staticData)).not.toContain('whk_1');
    expect(await callHook(workflow, 'delete')).toBe(true);
  });

  it('says so when the gateway fails, and remembers the webhook', async () => {
    const workflow = await active();
    gateway({ [`DELETE ${HOOKS}/whk_1`]: problem('internal', 500) });
    await expect(callHook(workflow, 'delete')).rejects.toThrow('Title of internal');
    expect(JSON.stringify(workflow.staticData)).toContain('whk_1');
  });
});
