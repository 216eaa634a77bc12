/**
 * Many requests at the same moment through two gateways on one Postgres: one key makes one message, and a recipient's
 * cooldown lets one through.
 */
import { randomBytes } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { openTestFolder, type TestFolder } from '../support/folder.js';
import type { Answer, GatewayProcess } from '../support/gatewayProcess.js';
import { useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const BOB = '4915550023002';
let folder: TestFolder;
let gateways: [GatewayProcess, GatewayProcess];

beforeAll(async () => {
  folder = await openTestFolder();
  const env = {
    SLUICE_DATABASE_URL: await folder.postgresUrl('postgres'),
    SLUICE_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  };
  const start = () => world.start({ dataDir: world.newDataDir(), env });
  gateways = [await start(), await start()];
  const policy = { preset: 'unpaced' };
  await gateways[0].ask('POST', '/v1/sessions', { id: 'free', start: false, policy });
  await gateways[0].ask('POST', '/v1/sessions', {
    id: 'cool',
    start: false,
    policy: { preset: 'otp', checkRecipient: false },
  });
});
afterAll(() => folder.close());

/** Half of them through each gateway, all at once. */
const fifty = (body: object, headers: Record<string, string> = {}) =>
  Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      (gateways[index % 2] ?? gateways[0]).call<MessageJson & { code: string }>(
        'POST',
        '/v1/messages',
        body,
        {
          headers,
        },
      ),
    ),
  );
const countOf = async (sessionId: string): Promise<number> =>
  (await gateways[0].ask<{ data: unknown[] }>('GET', `/v1/messages?sessionId=${sessionId}&limit=200`)).data
    .length;
const statuses = (answers: Answer<unknown>[]): number[] => answers.map(({ status }) => status).sort();

test('fifty parallel posts with one idempotency key make one message', async () => {
  const answers = await fifty({ sessionId: 'free', to: BOB, text: 'once' }, { 'idempotency-key': 'race-1' });
  expect(statuses(answers)).toEqual(Array<number>(50).fill(202));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
  expect(await countOf('free')).toBe(1);
});

test('of fifty parallel posts to one recipient a cooldown that rejects lets one through', async () => {
  const answers = await fifty({ sessionId: 'cool', to: BOB, text: 'code' });
  const refused = answers.filter(({ status }) => status !== 202);
  expect(answers.length - refused.length).toBe(1);
  expect(new Set(refused.map(({ status, body }) => `${String(status)} ${body.code}`))).toEqual(
    new Set(['429 recipient_cooldown']),
  );
  for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await countOf('cool')).toBe(1);
});

test('one batch of two thousand through both gateways at once makes each message once, in its order', async () => {
  await gateways[0].ask('POST', '/v1/sessions', {
    id: 'batch',
    start: false,
    policy: { preset: 'unpaced', checkRecipient: false },
  });
  const messages = Array.from({ length: 2_000 }, (_, index) => ({
    to: BOB,
    text: `number ${String(index)}`,
    reference: String(index),
    idempotencyKey: `both-${String(index)}`,
  }));
  const post = (gateway: GatewayProcess) =>
    gateway.ask<{ accepted: number; ids: string[] }>('POST', '/v1/messages/batch', {
      sessionId: 'batch',
      messages,
    });
  const [one, other] = await Promise.all(gateways.map(post));
  expect([one?.accepted, new Set(one?.ids).size, other?.ids]).toEqual([2_000, 2_000, one?.ids]);
  const { queue } = await gateways[0].ask<{ queue: { size: number } }>('GET', '/v1/sessions/batch');
  expect(queue.size).toBe(2_000);
  const references: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: { data: { reference: string }[]; nextCursor: string | null } = await gateways[1].ask(
      'GET',
      `/v1/messages?sessionId=batch&limit=200${cursor && `&cursor=${cursor}`}`,
    );
    references.push(...page.data.map(({ reference }) => reference));
    cursor = page.nextCursor;
  }
  expect(references.reverse()).toEqual(messages.map(({ reference }) => reference));
});

test('a campaign through one gateway is made once, whichever makes it', async () => {
  const recipients = Array.from({ length: 300 }, (_, n) => ({ to: `4915553${String(n).padStart(6, '0')}` }));
  const { id } = await gateways[0].ask<{ id: string }>('POST', '/v1/campaigns', {
    name: 'both',
    sessionIds: ['free'],
    message: { text: 'x' },
    recipients,
  });
  interface Counted {
    counts: { pending: number; queued: number };
  }
  await eventually('all of it', async () => {
    const { counts } = await gateways[1].ask<Counted>('GET', `/v1/campaigns/${id}`);
    return counts.pending === 0;
  });
  const { counts } = await gateways[1].ask<Counted>('GET', `/v1/campaigns/${id}`);
  expect(counts.queued).toBe(300);
});
