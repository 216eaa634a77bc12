/**
 * Incoming Message Trigger: what it remembers survives n8n's way of saving it, and a registration that was lost comes back.
 */
import { gateway, problem, resetGateway } from './support/gateway';
import { received, signed } from './support/hooks';
import {
  SECRET,
  URL_PRODUCTION,
  call,
  deliver,
  newSecret,
  registered,
  startsExecution,
  workflowOf,
} from './support/trigger';

const NEW_SECRET = newSecret();
const webhook = (id: string): Record<string, unknown> => ({ id, url: URL_PRODUCTION, events: ['*'] });
const list = (...data: unknown[]): { body: unknown } => ({ body: { data, nextCursor: null } });
const rotated = { 'POST /v1/webhooks/whk_2/rotate-secret': { body: { secret: NEW_SECRET } } };

/** The registration in static data is another than the gateway's: its secret fits no delivery. */
const stale = (): ReturnType<typeof workflowOf> =>
  workflowOf(
    {},
    { 'node:Trigger': { webhooks: { '/webhook/hook-id/sluice': { id: 'whk_1', secret: newSecret() } } } },
  );

beforeEach(resetGateway);

it('marks its memory as changed when n8n asks for the answer: n8n 2.41 clears the mark before it saves', async () => {
  const workflow = registered();
  const run = await deliver(workflow, 'evt_1', received('evt_1'));
  workflow.staticData.__dataChanged = false;
  expect(run.result.webhookResponse).toEqual({ ok: true });
  expect(workflow.staticData.__dataChanged).toBe(true);
  expect(startsExecution(await deliver(workflow, 'evt_1', received('evt_1')))).toBe(false);
});

it('starts nothing while n8n is being stopped: the gateway delivers the event again, and then it starts', async () => {
  const workflow = registered();
  const body = received('evt_1');
  const run = await call(workflow, body, signed(SECRET, { id: 'evt_1', body }), { stopping: true });
  expect([run.status, startsExecution(run), run.headers['retry-after']]).toEqual([503, false, '5']);
  expect(startsExecution(await deliver(workflow, 'evt_1', body))).toBe(true);
});

it('takes the new registration when the gateway has another for its address', async () => {
  const workflow = stale();
  const calls = gateway({ 'GET /v1/webhooks': list(webhook('whk_2')), ...rotated });
  expect((await deliver(workflow, 'evt_1', received('evt_1'))).status).toBe(401);
  expect(calls.map(({ path }) => path)).toEqual(['/v1/webhooks', '/v1/webhooks/whk_2/rotate-secret']);
  const { webhooks } = workflow.staticData['node:Trigger'] as { webhooks: unknown };
  expect(webhooks).toEqual({ '/webhook/hook-id/sluice': { id: 'whk_2', secret: NEW_SECRET } });
});

it('takes it when n8n remembers nothing at all', async () => {
  const workflow = workflowOf();
  gateway({ 'GET /v1/webhooks': list(webhook('whk_2')), ...rotated });
  expect((await deliver(workflow, 'evt_1', received('evt_1'))).status).toBe(401);
  expect(JSON.stringify(workflow.staticData)).toContain(NEW_SECRET);
});

it('rotates nothing when the registration is the same: the call was forged', async () => {
  const workflow = stale();
  const calls = gateway({ 'GET /v1/webhooks': list(webhook('whk_1')) });
  expect((await deliver(workflow, 'evt_1', received('evt_1'))).status).toBe(401);
  expect(calls).toHaveLength(1);
});

it('asks the gateway once a minute at most, however many calls do not fit', async () => {
  const workflow = stale();
  const calls = gateway({ 'GET /v1/webhooks': list(webhook('whk_1')) });
  for (let i = 0; i < 5; i++) await deliver(workflow, `evt_${i}`, received(`evt_${i}`));
  expect(calls).toHaveLength(1);
});

it('refuses the call as well when the gateway cannot be asked', async () => {
  gateway({ 'GET /v1/webhooks': problem('internal', 500) });
  const run = await deliver(stale(), 'evt_1', received('evt_1'));
  expect([run.status, startsExecution(run)]).toEqual([401, false]);
});

it('asks nothing for a delivery that fits', async () => {
  const calls = gateway({ 'GET /v1/webhooks': list() });
  expect(SECRET).not.toBe(NEW_SECRET);
  expect(startsExecution(await deliver(registered(), 'evt_1', received('evt_1')))).toBe(true);
  expect(calls).toEqual([]);
});
