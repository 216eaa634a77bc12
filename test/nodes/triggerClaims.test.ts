/**
 * An event that starts two executions, because n8n was stopped before it answered or took long to: one of them goes on.
 */
import type { INodeParameters, Workflow } from 'n8n-workflow';

import { resetGateway } from './support/gateway';
import { received, signed, type WebhookRun } from './support/hooks';
import { SECRET, call, execute, registered, startsExecution } from './support/trigger';

const finished: INodeParameters = { options: { answer: 'finished' } };

const secondsAgo = (seconds: number): number => Math.floor(Date.now() / 1000) - seconds;

/** The `attempt`th delivery of an event: the gateway signs each with its own time. */
const deliver = (workflow: Workflow, id: string, attempt = 0): Promise<WebhookRun> => {
  const body = received(id);
  return call(workflow, body, signed(SECRET, { id, body, timestamp: secondsAgo(60 - attempt) }));
};

/** What a process of n8n that has ended gave for this event, when the one that runs now knows nothing of it. */
const writtenDown = async (parameters: INodeParameters, id: string): Promise<WebhookRun> =>
  await deliver(registered(parameters), id);

beforeEach(resetGateway);
afterEach(() => jest.useRealTimers());

describe.each([true, false])('with simplify %s', (simplify) => {
  it('an execution gives the event on as it came', async () => {
    const workflow = registered({ simplify });
    const run = await deliver(workflow, 'evt_once');
    const given = run.result.workflowData?.[0]?.[0]?.json;
    const { items, hints } = await execute(workflow, run, { id: '1' });
    expect(items).toEqual([expect.objectContaining({ json: given })]);
    expect(hints).toEqual([]);
  });

  it('one that n8n takes up goes on, and the delivery that comes after it starts none', async () => {
    const workflow = registered({ simplify });
    const old = await writtenDown({ simplify }, 'evt_up');
    expect((await execute(workflow, old, { id: '1', takenUp: true })).items).toHaveLength(1);
    const again = await deliver(workflow, 'evt_up', 1);
    expect(again.result).toEqual({ webhookResponse: { ok: true, ignored: 'repeated' } });
  });

  it('one that n8n takes up ends when the delivery was first, and says which one goes on', async () => {
    const workflow = registered({ simplify });
    const old = await writtenDown({ simplify }, 'evt_down');
    expect((await execute(workflow, await deliver(workflow, 'evt_down', 1), { id: '2' })).items).toHaveLength(
      1,
    );
    const { items, hints } = await execute(workflow, old, { id: '1', takenUp: true });
    expect(items).toEqual([]);
    expect(hints).toEqual(['Execution 2 runs for this event: it was delivered again.']);
  });
});

it('both are told apart by the event alone when both were started before either ran', async () => {
  const workflow = registered();
  const old = await writtenDown({}, 'evt_race');
  const fresh = await deliver(workflow, 'evt_race', 1);
  expect(startsExecution(fresh)).toBe(true);
  expect((await execute(workflow, old, { id: '1', takenUp: true })).items).toHaveLength(1);
  expect((await execute(workflow, fresh, { id: '2' })).items).toEqual([]);
});

it('an execution that n8n runs once more under its own number goes on', async () => {
  const workflow = registered();
  const run = await deliver(workflow, 'evt_same');
  expect((await execute(workflow, run, { id: '1' })).items).toHaveLength(1);
  expect((await execute(workflow, run, { id: '1' })).items).toHaveLength(1);
});

it.each(['retry', 'manual'] as const)('one that a person starts goes on: %s', async (mode) => {
  const workflow = registered();
  const run = await deliver(workflow, 'evt_hand');
  expect((await execute(workflow, run, { id: '1' })).items).toHaveLength(1);
  expect((await execute(workflow, run, { id: '2', mode })).items).toHaveLength(1);
});

it('workflows have the event each for itself', async () => {
  const [one, other] = [registered(), registered()];
  expect((await execute(one, await deliver(one, 'evt_each'), { id: '1' })).items).toHaveLength(1);
  expect((await execute(other, await deliver(other, 'evt_each'), { id: '2' })).items).toHaveLength(1);
});

it('remembers a bounded number of executions', async () => {
  const workflow = registered();
  const runs = new Map<string, WebhookRun>();
  for (let i = 0; i <= 2000; i += 1) {
    const run = await deliver(registered(), `evt_bound_${i}`);
    if (i < 2) runs.set(`evt_bound_${i}`, run);
    await execute(workflow, run, { id: String(i) });
  }
  const again = async (id: string): Promise<number> =>
    (await execute(workflow, runs.get(id) as WebhookRun, { id: 'again' })).items.length;
  expect(await again('evt_bound_1')).toBe(0);
  expect(await again('evt_bound_0')).toBe(1);
});

describe('answering when the workflow has finished', () => {
  it('one that n8n takes up ends: nobody waits for its answer, the event is delivered again', async () => {
    const workflow = registered(finished);
    const old = await writtenDown(finished, 'evt_left');
    const { items, hints } = await execute(workflow, old, { id: '1', takenUp: true });
    expect(items).toEqual([]);
    expect(hints).toEqual(['n8n was stopped meanwhile: another execution runs for this event.']);
    const again = await deliver(workflow, 'evt_left', 1);
    expect(startsExecution(again)).toBe(true);
    expect((await execute(workflow, again, { id: '2' })).items).toHaveLength(1);
  });

  it('a workflow that has failed runs again', async () => {
    const workflow = registered(finished);
    for (const attempt of [0, 1, 2]) {
      const run = await deliver(workflow, 'evt_fails', attempt);
      expect((await execute(workflow, run, { id: String(attempt) })).items).toHaveLength(1);
      run.finish(500);
    }
  });
});

describe('answering at once, while n8n has not started the workflow because of its limit of executions', () => {
  it('the event stays with the gateway and starts no other execution', async () => {
    const workflow = registered();
    expect(startsExecution(await deliver(workflow, 'evt_limit'))).toBe(true);
    workflow.staticData = registered().staticData;
    const again = await deliver(workflow, 'evt_limit', 1);
    expect([again.status, again.headers['retry-after'], startsExecution(again)]).toEqual([503, '5', false]);
  });

  it('it is handled once the execution has begun, also when n8n never answers', async () => {
    const workflow = registered();
    const run = await deliver(workflow, 'evt_begun');
    await execute(workflow, run, { id: '1' });
    workflow.staticData = registered().staticData;
    const again = await deliver(workflow, 'evt_begun', 1);
    expect(again.result).toEqual({ webhookResponse: { ok: true, ignored: 'repeated' } });
  });

  it('one that n8n could not start is started again, however often', async () => {
    const workflow = registered();
    for (const attempt of [0, 1, 2, 3, 4]) {
      workflow.staticData = registered().staticData;
      const run = await deliver(workflow, 'evt_unable', attempt);
      expect(startsExecution(run)).toBe(true);
      run.finish(500);
    }
  });

  it('an answer that never comes holds the events of the session for ten minutes, not for ever', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const workflow = registered();
    await deliver(workflow, 'evt_mute');
    workflow.staticData = registered().staticData;
    jest.advanceTimersByTime(9 * 60_000);
    expect((await deliver(workflow, 'evt_mute', 1)).status).toBe(503);
    jest.advanceTimersByTime(2 * 60_000);
    expect(startsExecution(await deliver(workflow, 'evt_mute', 2))).toBe(true);
  });
});
