/**
 * Incoming Message Trigger that answers the gateway when its workflow has finished: an event is the gateway's until then.
 */
import type { INode, INodeParameters, Workflow } from 'n8n-workflow';

import { resetGateway } from './support/gateway';
import { received, signed, type WebhookRun } from './support/hooks';
import { nodeTypes } from './support/nodeTypes';
import { SECRET, call, registered, startsExecution } from './support/trigger';

const finished: INodeParameters = { options: { answer: 'finished' } };

/** The `attempt`th delivery of an event: the gateway signs each with its own time. */
const deliver = (workflow: Workflow, id: string, attempt = 0): Promise<WebhookRun> => {
  const body = received(id);
  const timestamp = Math.floor(Date.now() / 1000) - 60 + attempt;
  return call(workflow, body, signed(SECRET, { id, body, timestamp }));
};

const modeOf = (parameters: INodeParameters): unknown[] => {
  const workflow = registered(parameters);
  const own = Object.values(workflow.nodes)[0] as INode;
  const [hook] = nodeTypes.getByNameAndVersion(own.type).description.webhooks ?? [];
  return [hook?.responseMode, hook?.responseData].map((value) =>
    workflow.expression.getSimpleParameterValue(own, value, 'webhook', {}),
  );
};

beforeEach(resetGateway);

it('asks n8n to answer at once, and only when told so after the last node, without its data', () => {
  expect(modeOf({})).toEqual(['onReceived', '']);
  expect(modeOf({ options: { answer: 'atOnce' } })).toEqual(['onReceived', '']);
  expect(modeOf(finished)).toEqual(['lastNode', 'noData']);
});

it('leaves the event with the gateway while its workflow runs, and takes it once', async () => {
  const workflow = registered(finished);
  const first = await deliver(workflow, 'evt_running');
  expect(startsExecution(first)).toBe(true);
  const early = await deliver(workflow, 'evt_running', 1);
  expect([early.status, early.headers['retry-after'], startsExecution(early)]).toEqual([503, '5', false]);
  first.finish(200);
  const late = await deliver(workflow, 'evt_running', 2);
  expect(late.result).toEqual({ webhookResponse: { ok: true, ignored: 'repeated' } });
});

it('starts a workflow that has failed again, three times in all', async () => {
  const workflow = registered(finished);
  const started: boolean[] = [];
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const run = await deliver(workflow, 'evt_failing', attempt);
    started.push(startsExecution(run));
    run.finish(500);
  }
  expect(started).toEqual([true, true, true, false, false]);
});

it('refuses a call that was recorded and is replayed', async () => {
  const workflow = registered(finished);
  expect(startsExecution(await deliver(workflow, 'evt_recorded'))).toBe(true);
  expect((await deliver(workflow, 'evt_recorded')).status).toBe(401);
});

it('writes nothing into the memory of n8n: an event that a crash cuts off is not remembered as handled', async () => {
  const workflow = registered(finished);
  await deliver(workflow, 'evt_crash');
  expect(workflow.staticData['node:Trigger']).toEqual({ webhooks: expect.anything() as unknown });
});

it('tells workflows apart: each gets the event for itself', async () => {
  const [one, other] = [registered(finished), registered(finished)];
  expect(startsExecution(await deliver(one, 'evt_two'))).toBe(true);
  expect(startsExecution(await deliver(other, 'evt_two'))).toBe(true);
  expect(startsExecution(await deliver(one, 'evt_two', 1))).toBe(false);
});

it('remembers a bounded number of events', async () => {
  const workflow = registered(finished);
  for (let i = 0; i <= 300; i += 1) (await deliver(workflow, `evt_many_${i}`)).finish(200);
  expect(startsExecution(await deliver(workflow, 'evt_many_1', 1))).toBe(false);
  expect(startsExecution(await deliver(workflow, 'evt_many_0', 1))).toBe(true);
});
