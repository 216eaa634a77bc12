/**
 * Many messages in one request: each with its own verdict, in the order of the array, once per key.
 */
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550014001';
const BOB = '4915550014002';
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'batch', number: PHONE });
});

interface Answer {
  accepted: number;
  rejected: { index: number; code: string; message: string }[];
  ids: (string | null)[];
}

const post = (body: object) =>
  gateway.ask<Answer>('POST', '/v1/messages/batch', { sessionId: 'batch', ...body });

test('two hundred arrive in the order of the array, with the defaults under each', async () => {
  const messages = Array.from({ length: 200 }, (_, index) => ({ text: `number ${String(index)}` }));
  const { accepted, rejected, ids } = await post({ defaults: { to: BOB, reference: 'many' }, messages });
  expect([accepted, rejected, new Set(ids).size]).toEqual([200, [], 200]);
  await world.phone().messages.waitFor({ to: BOB }, { count: 200, timeoutMs: 60_000 });
  const seen = await world.phone().messages.list({ to: BOB, device: 0 });
  expect(seen.map(({ text }) => text)).toEqual(messages.map(({ text }) => text));
  const last = await gateway.ask<MessageJson & { reference: string }>(
    'GET',
    `/v1/messages/${String(ids.at(-1))}`,
  );
  expect(last.reference).toBe('many');
});

test('a bad message refuses itself and no other, with its place, code and reason', async () => {
  const { accepted, rejected, ids } = await post({
    defaults: { to: BOB },
    messages: [
      { text: 'good' },
      { text: '' },
      { to: 'Bob', text: 'x' },
      { to: '4915550019999', text: 'x' },
      { text: 'x', sessionId: 'nobody' },
      { type: 'reaction', reaction: { messageId: 'UNKNOWN', emoji: '👍' } },
      { type: 'image', image: { id: 'med_unknown' } },
      'no object',
      { text: 'x', dryRun: true },
      { text: 'x', txt: 'y' },
      { type: 'location', location: { latitude: 1, longitude: 2 } },
    ],
  });
  expect(accepted).toBe(2);
  expect(rejected.map(({ index, code }) => [index, code])).toEqual([
    [1, 'invalid_request'],
    [2, 'recipient_invalid'],
    [3, 'recipient_not_on_whatsapp'],
    [4, 'session_not_found'],
    [5, 'message_not_found'],
    [6, 'media_not_found'],
    [7, 'invalid_request'],
    [8, 'invalid_request'],
    [9, 'invalid_request'],
  ]);
  expect(rejected.at(-1)?.message).toMatch(/^txt: /);
  expect(ids.map((id) => id !== null)).toEqual([true, ...new Array<boolean>(9).fill(false), true]);
});

test('the same keys again make the same messages, also within one batch', async () => {
  const messages = [
    { text: 'once', idempotencyKey: 'a' },
    { text: 'once', idempotencyKey: 'a' },
    { text: 'other', idempotencyKey: 'a' },
    { text: 'two', idempotencyKey: 'b' },
  ];
  const first = await post({ defaults: { to: BOB }, messages });
  expect(first.rejected.map(({ index, code }) => [index, code])).toEqual([[2, 'idempotency_key_reused']]);
  expect(first.ids[0]).toBe(first.ids[1]);
  const again = await post({ defaults: { to: BOB }, messages });
  expect(again.ids).toEqual(first.ids);
});

test('what does not fit into the queue any more is refused, and the rest is taken', async () => {
  await gateway.ask('POST', '/v1/sessions', {
    id: 'small',
    start: false,
    policy: { queueMax: 2, checkRecipient: false },
  });
  const messages = ['1', '2', '3'].map((text) => ({ to: BOB, text }));
  const { accepted, rejected } = await post({ sessionId: 'small', messages });
  expect([accepted, rejected.map(({ index, code }) => [index, code])]).toEqual([2, [[2, 'queue_full']]]);
});

test.each<[string, object, string]>([
  ['no messages', { messages: [] }, 'messages'],
  ['more than ten thousand', { messages: new Array<number>(10_001).fill(1) }, 'messages'],
  ['defaults that are no object', { defaults: 'x', messages: [{}] }, 'defaults'],
  ['an unknown field', { messages: [{}], wait: 'sent' }, 'wait'],
])('%s: refused as a whole', async (_what, body, path) => {
  const { status, body: problem } = await gateway.call<{ errors: { path: string }[] }>(
    'POST',
    '/v1/messages/batch',
    body,
  );
  expect([status, problem.errors[0]?.path]).toEqual([400, path]);
});
