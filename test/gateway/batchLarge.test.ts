/**
 * Ten thousand messages in one request: each with its verdict while others are answered, and each once when the request
 * has to be made again, because its connection was cut or the gateway was killed in the middle.
 */
import { eventually } from '../support/eventually.js';
import { ADMIN_KEY, type GatewayProcess } from '../support/gatewayProcess.js';
import { connected, pair, useWorld, type SessionJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550071001';
const PEOPLE = Array.from({ length: 100 }, (_, index) => `4915551${String(index).padStart(6, '0')}`);
const GONE = '4915550071003';
const OTHER = '4915550071002';
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  await Promise.all([...PEOPLE, GONE].map((number) => world.phone().createContact({ number, name: number })));
  await pair(gateway, world.phone(), { id: 'large', number: PHONE });
});

interface BatchJson {
  accepted: number;
  rejected: { index: number; code: string; message: string }[];
  ids: (string | null)[];
}
interface Item {
  to: string;
  text: string;
  idempotencyKey?: string;
}

const post = (sessionId: string, messages: Item[]): Promise<BatchJson> =>
  gateway.ask<BatchJson>('POST', '/v1/messages/batch', { sessionId, messages });
const sizeOf = async (id: string): Promise<number> =>
  (await gateway.ask<SessionJson>('GET', `/v1/sessions/${id}`)).queue.size;
const personOf = (index: number): string => PEOPLE[index % PEOPLE.length] ?? '';

/** Of each hundred: one to nobody, one that is no number, one that is opted out, one with the key of the one before. */
function mixed(index: number): Item {
  const item = {
    to: personOf(index),
    text: `mixed ${String(index)}`,
    idempotencyKey: `mixed-${String(index)}`,
  };
  switch (index % 100) {
    case 11:
      return { ...item, to: `49155599${String(index).padStart(5, '0')}` };
    case 22:
      return { ...item, to: 'Bob' };
    case 33:
      return { ...item, to: GONE };
    case 44:
      return mixed(index - 1);
    case 55:
      return { ...item, idempotencyKey: `mixed-${String(index - 1)}` };
    default:
      return item;
  }
}

const codesOf = ({ rejected }: BatchJson): Record<string, number> => {
  const codes: Record<string, number> = {};
  for (const { code } of rejected) codes[code] = (codes[code] ?? 0) + 1;
  return codes;
};

test('ten thousand with every verdict, while others are answered; the same again makes none', async () => {
  await gateway.ask('POST', '/v1/sessions/large/pause');
  await gateway.ask('PUT', `/v1/opt-outs/${GONE}`, {});
  const messages = Array.from({ length: 10_000 }, (_, index) => mixed(index));
  const running = { batch: true, answered: 0 };
  const others = (async () => {
    while (running.batch) {
      expect((await gateway.call('GET', '/v1/sessions/large')).status).toBe(200);
      running.answered += 1;
    }
  })();
  const first = await post('large', messages);
  running.batch = false;
  await others;
  expect(running.answered).toBeGreaterThan(50);
  expect(codesOf(first)).toEqual({
    recipient_not_on_whatsapp: 100,
    recipient_invalid: 100,
    recipient_opted_out: 100,
    idempotency_key_reused: 100,
  });
  expect([first.accepted, first.ids.length]).toEqual([9_600, 10_000]);
  // One in a hundred is the one before it once more.
  expect(first.ids[44]).toBe(first.ids[43]);
  expect(new Set(first.ids.filter((id) => id !== null)).size).toBe(9_500);
  expect(await sizeOf('large')).toBe(9_500);
  expect(first.rejected.map(({ index }) => index % 100)).toEqual(
    Array.from({ length: 100 }, () => [11, 22, 33, 55]).flat(),
  );
  const again = await post('large', messages);
  expect([again.ids, await sizeOf('large')]).toEqual([first.ids, 9_500]);
});

test('a queue that is full after half of it: the rest is refused, and taken later under the same keys', async () => {
  const policy = { preset: 'unpaced', checkRecipient: false, queueMax: 5_050 };
  await gateway.ask('POST', '/v1/sessions', { id: 'half', start: false, policy });
  const messages = Array.from({ length: 10_000 }, (_, index) => ({
    to: personOf(index),
    text: `half ${String(index)}`,
    idempotencyKey: `half-${String(index)}`,
  }));
  const first = await post('half', messages);
  expect([first.accepted, codesOf(first)]).toEqual([5_050, { queue_full: 4_950 }]);
  expect([first.rejected[0]?.index, first.rejected.at(-1)?.index]).toEqual([5_050, 9_999]);
  await gateway.ask('PATCH', '/v1/sessions/half', { policy: { queueMax: 20_000 } });
  const second = await post('half', messages);
  expect([second.accepted, second.ids.slice(0, 5_050)]).toEqual([10_000, first.ids.slice(0, 5_050)]);
  expect(await sizeOf('half')).toBe(10_000);
});

test('a body over the limit is refused as a whole, and says how much is taken', async () => {
  const messages = Array.from({ length: 10_000 }, () => ({ to: personOf(0), text: 'x'.repeat(2_000) }));
  const { status, body } = await gateway.call<{ code: string; detail: string }>(
    'POST',
    '/v1/messages/batch',
    { sessionId: 'half', messages },
  );
  expect([status, body.code]).toEqual([413, 'payload_too_large']);
  expect(body.detail).toBe(
    'At most 16 MB are taken here. Send less at once; upload large files with POST /v1/media.',
  );
});

describe('made again', () => {
  const COUNT = 1_200;
  const listOf = (name: string): Item[] =>
    Array.from({ length: COUNT }, (_, index) => ({
      to: personOf(index),
      text: `${name} ${String(index)}`,
      idempotencyKey: `${name}-${String(index)}`,
    }));

  beforeAll(async () => {
    await gateway.ask('POST', '/v1/sessions', {
      id: 'cut',
      start: false,
      policy: { preset: 'unpaced', checkRecipient: false },
    });
  });

  /** Every message of the list once, and each person's in the order of the list. */
  async function expectOnce(from: string, messages: Item[]): Promise<void> {
    const { messages: seen } = world.phone();
    // Asked for person by person: the whole list, asked for again and again, would keep the simulator from its work.
    const count = COUNT / PEOPLE.length;
    for (const to of PEOPLE) await seen.waitFor({ from, to, device: 0 }, { count, timeoutMs: 100_000 });
    const all = await seen.list({ from, device: 0 });
    const textsOf = (list: { to: string; text?: string | null }[], person: string) =>
      list.filter(({ to }) => to === person).map(({ text }) => text);
    for (const person of PEOPLE) expect(textsOf(all, person)).toEqual(textsOf(messages, person));
  }

  test('after the connection was cut in the middle, while the first still runs', async () => {
    const messages = listOf('cut');
    const cutting = new AbortController();
    const lost = fetch(`${gateway.url}/v1/messages/batch`, {
      method: 'POST',
      headers: { 'x-api-key': ADMIN_KEY, 'content-type': 'application/json' },
      body: JSON.stringify({ sessionId: 'cut', messages }),
      signal: cutting.signal,
    });
    await eventually('the first messages', async () => (await sizeOf('cut')) > 0);
    cutting.abort();
    await expect(lost).rejects.toThrow();
    const answer = await post('cut', messages);
    expect([answer.accepted, new Set(answer.ids).size]).toEqual([COUNT, COUNT]);
    expect(await sizeOf('cut')).toBe(COUNT);
  });

  test('after kill -9 in the middle, when the first of it go out', async () => {
    await pair(gateway, world.phone(), {
      id: 'killed',
      number: OTHER,
      policy: { preset: 'unpaced', checkRecipient: false },
    });
    const messages = listOf('killed');
    const lost = post('killed', messages).then(
      () => 'answered',
      () => 'lost',
    );
    await eventually('the first messages', async () => (await sizeOf('killed')) > 0);
    await gateway.kill9();
    expect(await lost).toBe('lost');
    gateway = await world.start();
    const answer = await post('killed', messages);
    expect([answer.accepted, new Set(answer.ids).size]).toEqual([COUNT, COUNT]);
    await connected(gateway, 'killed');
    await expectOnce(OTHER, messages);
  });
});
