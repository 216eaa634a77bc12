/**
 * Sending in batches: few requests, an outcome and a paired item per item, skipping, and what cannot be taken whole.
 */
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { NOT_NOW } from '../../nodes/shared/outgoing/batch';
import { runNode, type NodeRun, type NodeSettings } from './support/engine';
import { accepted, gateway, problem, resetGateway, type Call } from './support/gateway';

const BATCH = 'POST /v1/messages/batch';
const phone = (i: number): string => `+49151${String(10_000_000 + i)}`;
const rows = (count: number): IDataObject[] =>
  Array.from({ length: count }, (_, i) => ({ phone: phone(i), name: `n${i}` }));
const messagesOf = (call: Call): Array<Record<string, unknown>> =>
  call.body.messages as Array<Record<string, unknown>>;

/** Takes all but the numbers in `refused`; the ids name the recipient. */
const taking =
  (refused: Record<string, string> = {}) =>
  (call: Call) => {
    const messages = messagesOf(call);
    const rejected = messages.flatMap(({ to }, index) => {
      const code = refused[String(to)];
      return code === undefined ? [] : [{ index, code, message: `Refused: ${code}` }];
    });
    const ids = messages
      .filter(({ to }) => refused[String(to)] === undefined)
      .map(({ to }) => `msg_${String(to)}`);
    return { status: 202, body: { accepted: ids.length, rejected, ids } };
  };

interface Sending {
  options?: Record<string, number | boolean | string>;
  parameters?: NodeSettings['parameters'];
  onError?: NodeSettings['onError'];
}

/** Sends a text to each row, in batches. */
const send = (
  input: IDataObject[],
  { options = {}, parameters = {}, ...more }: Sending = {},
): Promise<NodeRun> => {
  const text = { operation: 'text', to: '={{ $json.phone }}', message: '=Hi {{ $json.name }}' };
  return runNode(
    'sendMessage',
    { parameters: { ...text, sendInBatches: true, options, ...parameters }, ...more },
    input,
  );
};

/** The same, going on after rows that fail. @returns the output items */
const outcomes = async (input: IDataObject[], more: Sending = {}): Promise<INodeExecutionData[]> => {
  const { items, error } = await send(input, { ...more, onError: 'continueRegularOutput' });
  expect(error).toBeUndefined();
  return items;
};

beforeEach(resetGateway);

it('sends 1,050 items in three requests, each with its own key and output', async () => {
  const calls = gateway({ [BATCH]: taking() });
  const { items, error } = await send(rows(1050));
  expect(error).toBeUndefined();
  expect(calls.map((call) => messagesOf(call).length)).toEqual([500, 500, 50]);
  const keys = calls.flatMap(messagesOf).map(({ idempotencyKey }) => idempotencyKey);
  expect(new Set(keys).size).toBe(1050);
  expect(items).toHaveLength(1050);
  expect(items[1049]).toEqual({
    json: { id: `msg_${phone(1049)}`, status: 'queued', to: phone(1049), type: 'text', reference: undefined },
    pairedItem: { item: 1049 },
  });
});

it('groups by session and honours the batch size', async () => {
  const calls = gateway({ [BATCH]: taking() });
  const session = { __rl: true, mode: 'id', value: '={{ $json.session }}' };
  const input = ['a', 'a', 'a', 'b'].map((session, i) => ({ phone: phone(i), session }));
  await send(input, { parameters: { session }, options: { batchSize: 2 } });
  expect(calls.map((call) => [call.body.sessionId, messagesOf(call).length])).toEqual([
    ['a', 2],
    ['a', 1],
    ['b', 1],
  ]);
});

it('gives mixed outcomes, bad rows included, to the right items', async () => {
  gateway({
    [BATCH]: taking({ [phone(1)]: 'recipient_not_on_whatsapp', [phone(3)]: 'daily_limit_reached' }),
    'POST /v1/messages': problem('daily_limit_reached', 429, { retryAfterSeconds: 7200 }),
  });
  const input = [...rows(4), { phone: 'none' }, { phone: phone(5) }];
  const items = await outcomes(input);
  expect(items.map(({ json }) => json.code ?? json.id ?? json.error)).toEqual([
    `msg_${phone(0)}`,
    'recipient_not_on_whatsapp',
    `msg_${phone(2)}`,
    'daily_limit_reached',
    expect.stringContaining('The recipient "none" is not valid'),
    `msg_${phone(5)}`,
  ]);
  expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2, 3, 4, 5].map((item) => ({ item })));
});

it('understands ids that stand beside their messages', async () => {
  gateway({
    [BATCH]: {
      body: {
        accepted: 1,
        rejected: [{ index: 0, code: 'recipient_invalid', message: 'No' }],
        ids: [null, 'msg_b'],
      },
    },
  });
  const items = await outcomes(rows(2));
  expect(items.map(({ json }) => json.code ?? json.id)).toEqual(['recipient_invalid', 'msg_b']);
});

it('skips recipients who cannot be reached when told so', async () => {
  gateway({ [BATCH]: taking({ [phone(0)]: 'recipient_opted_out' }) });
  const { items, error } = await send(rows(2), { options: { skipUnreachable: true } });
  expect(error).toBeUndefined();
  expect(items[0]?.json).toMatchObject({ status: 'skipped', code: 'recipient_opted_out', to: phone(0) });
  expect(items[1]?.json.status).toBe('queued');
});

it('fails after the others are queued, and says which and how many', async () => {
  gateway({ [BATCH]: taking({ [phone(1)]: 'recipient_opted_out', [phone(2)]: 'recipient_opted_out' }) });
  const { error } = await send(rows(3));
  expect(error?.message).toContain(
    '2 of 3 messages were refused, the others are queued. First, item 1: Refused: recipient_opted_out.',
  );
  expect(error?.httpCode).toBe('422');
  expect(error?.context?.itemIndex).toBe(1);
});

it('a bad row stops the run before anything is sent', async () => {
  const calls = gateway({ [BATCH]: taking() });
  const { error } = await send([...rows(2), { phone: '12' }]);
  expect(error?.message).toContain('The recipient "12" is not valid');
  expect(error?.context?.itemIndex).toBe(2);
  expect(calls).toHaveLength(0);
});

it.each([
  ['invalid_request', 400],
  ['payload_too_large', 413],
])('halves a batch that is refused as %s until the item at fault stands alone', async (code, status) => {
  const take = taking();
  const calls = gateway({
    [BATCH]: (call) =>
      messagesOf(call).some(({ to }) => to === phone(2)) ? problem(code, status) : take(call),
  });
  const items = await outcomes(rows(4));
  expect(items.map(({ json }) => json.code ?? json.status)).toEqual(['queued', 'queued', code, 'queued']);
  expect(calls.map((call) => messagesOf(call).length)).toEqual([4, 2, 2, 1, 1]);
});

it('waits when the gateway says "not now", and keeps the keys', async () => {
  const calls = gateway({
    [BATCH]: [
      problem('queue_full', 503, { retryAfterSeconds: 0 }),
      { body: { accepted: 1, rejected: [], ids: ['m'] } },
    ],
  });
  const { items } = await send(rows(1));
  expect(items[0]?.json.id).toBe('m');
  expect(messagesOf(calls[0] as Call)).toEqual(messagesOf(calls[1] as Call));
});

it('a gateway without a session fails every item of the batch with its words', async () => {
  gateway({ [BATCH]: problem('no_session', 503) });
  const items = await outcomes(rows(2), { options: { maxWaitSeconds: 0 } });
  expect(items.map(({ json }) => json.code)).toEqual(['no_session', 'no_session']);
});

it('hands in again what is refused for now, by itself, under its key and no longer than allowed', async () => {
  const later = problem('recipient_cooldown', 429, { retryAfterSeconds: 0 });
  const calls = gateway({
    [BATCH]: taking({ [phone(0)]: 'recipient_cooldown', [phone(2)]: 'daily_limit_reached' }),
    'POST /v1/messages': ({ body }) =>
      body.to === phone(2)
        ? problem('daily_limit_reached', 429, { retryAfterSeconds: 7200 })
        : calls.length < 3
          ? later
          : accepted({ id: 'msg_later' }),
  });
  const items = await outcomes(rows(3));
  expect(items.map(({ json }) => json.id ?? json.code)).toEqual([
    'msg_later',
    `msg_${phone(1)}`,
    'daily_limit_reached',
  ]);
  expect(items[2]?.json).toMatchObject({ httpCode: 429, retryAfterSeconds: 7200 });
  expect(items[2]?.json.error).toContain('It can go on in 7200 seconds.');
  const [batch, ...single] = calls;
  const { idempotencyKey, ...first } = messagesOf(batch as Call)[0] ?? {};
  expect(single.map(({ body }) => body.to)).toEqual([phone(0), phone(0), phone(2)]);
  expect(single[0]?.body).toEqual(first);
  expect(single[0]?.headers['idempotency-key']).toBe(idempotencyKey);
});

it('knows every refusal of the gateway that passes with time', () => {
  const table = readFileSync(join(__dirname, '../../docs/reference/errors.md'), 'utf8');
  const passing = [...table.matchAll(/<\/a>`(\w+)` \| (429|503) \|/g)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  expect(Object.entries(NOT_NOW).sort()).toEqual(passing.sort());
});

it('a dry run asks for each message by itself: the answer is about that message', async () => {
  const calls = gateway({ 'POST /v1/messages': { status: 200, body: { id: 'msg_dry', status: 'queued' } } });
  const { items } = await send(rows(2), { options: { dryRun: true } });
  expect(calls.map(({ path, body }) => [path, body.dryRun])).toEqual([
    ['/v1/messages', true],
    ['/v1/messages', true],
  ]);
  expect(items).toHaveLength(2);
});

it('says which messages wait for their time, and does not wait for a status that was chosen before', async () => {
  const calls = gateway({ [BATCH]: taking() });
  const input = [{ phone: phone(0), at: '2999-01-01T00:00:00Z' }, { phone: phone(1) }];
  const { items } = await send(input, { options: { sendAt: '={{ $json.at }}', waitFor: 'read' } });
  expect(items.map(({ json }) => json.status)).toEqual(['scheduled', 'queued']);
  expect(calls).toHaveLength(1);
});
