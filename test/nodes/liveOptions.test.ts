/**
 * The options of the sending nodes against a running gateway and a simulated WhatsApp: what they promise is seen at the
 * recipient's phone. No HTTP is faked here.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IDataObject } from 'n8n-workflow';

import { runNode, surroundings, type NodeRun } from './support/engine';
import { LIVE_KEY, startLive, type Live } from './support/live';

const PHONE = '4915550030001';
const [ANN, BOB, CARL, DORA] = ['4915550030002', '4915550030003', '4915550030004', '4915550030005'];
const NOBODY = '4915550039999';
const WAIT = 'device=0&waitForCount=1&timeoutMs=20000';

interface Seen {
  waId: string;
  to: string;
  text: string;
  at: string;
  message: Record<string, { title?: string | null }>;
}

let live: Live;
let site: Server;
let visits = 0;
let executions = 9000;

const address = (): string => `127.0.0.1:${(site.address() as AddressInfo).port}`;

async function api<T = Record<string, unknown>>(call: string, body?: unknown): Promise<T> {
  const [method, path = ''] = call.split(' ');
  const response = await fetch(`${live.url}${path}`, {
    method: method ?? 'GET',
    headers: { 'x-api-key': LIVE_KEY, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${call}: ${response.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

const setPolicy = (policy: object): Promise<unknown> => api('PATCH /v1/sessions/live', { policy });

/** One run of Send Message, as an execution of its own. */
function send(
  rows: IDataObject[],
  { options = {}, ...more }: { options?: IDataObject; sendInBatches?: boolean } = {},
): Promise<NodeRun> {
  return runNode(
    'sendMessage',
    {
      run: { executionId: String((executions += 1)) },
      parameters: {
        operation: 'text',
        to: '={{ $json.to }}',
        message: '={{ $json.text }}',
        options: options as Record<string, string>,
        ...more,
      },
    },
    rows,
  );
}

const existing = (operation: string, messageId: string): Promise<NodeRun> =>
  runNode('sendMessage', { parameters: { resource: 'existingMessage', operation, messageId } });

const seenAt = async (to: string, text: string): Promise<Seen | undefined> =>
  (await live.control<{ items: Seen[] }>(`GET /messages?to=${to}&text=${encodeURIComponent(text)}&${WAIT}`))
    .items[0];

const allSeen = async (to: string): Promise<string[]> =>
  (await live.control<{ items: Seen[] }>(`GET /messages?to=${to}&device=0`)).items.map(({ text }) => text);

beforeAll(async () => {
  site = createServer((_request, response) => {
    visits += 1;
    response.setHeader('content-type', 'text/html');
    response.end('<title>The shop</title>');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  live = await startLive(address());
  surroundings.credential = { baseUrl: live.url, apiKey: LIVE_KEY };
  await live.control('POST /phones', { number: PHONE, name: 'Shop' });
  for (const number of [ANN, BOB, CARL, DORA]) await live.control('POST /contacts', { number, name: number });
  await api('POST /v1/sessions', { id: 'live', policy: { preset: 'unpaced', checkRecipient: true } });
  const { qr } = await api<{ qr: string }>('GET /v1/sessions/live/qr?waitSeconds=30');
  await live.control(`POST /phones/${PHONE}/scan`, { qr });
  await api('GET /v1/sessions/live?waitFor=connected&timeoutSeconds=30');
}, 60_000);

afterAll(async () => {
  await live.stop();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
});

test('"Wait For" delivered and read come back when that has happened, and as it stands when the time is up', async () => {
  await live.control(`PATCH /contacts/${ANN}/policy`, { read: true });
  const read = await send([{ to: ANN, text: 'read me' }], { options: { waitFor: 'read', waitSeconds: 20 } });
  expect(read.items[0]?.json.status).toBe('read');
  const unread = await send([{ to: BOB, text: 'or not' }], { options: { waitFor: 'read', waitSeconds: 2 } });
  expect(unread.error).toBeUndefined();
  expect(['sent', 'delivered']).toContain(unread.items[0]?.json.status);
});

test('"Priority" goes first between chats', async () => {
  await api('POST /v1/sessions/live/pause');
  const rows = [
    { to: ANN, text: 'usual', priority: 0 },
    { to: BOB, text: 'last', priority: -10 },
    { to: CARL, text: 'first', priority: 10 },
  ];
  const { error } = await send(rows, { options: { priority: '={{ $json.priority }}' } });
  expect(error).toBeUndefined();
  await api('POST /v1/sessions/live/resume');
  const seen = await Promise.all(rows.map(({ to, text }) => seenAt(to, text)));
  const inOrder = seen.sort((a, b) => Date.parse(a?.at ?? '') - Date.parse(b?.at ?? ''));
  expect(inOrder.map((one) => one?.text)).toEqual(['first', 'usual', 'last']);
});

test('"Show Typing" shows it before the text, and not otherwise', async () => {
  await live.control('DELETE /records');
  const quiet = await send([{ to: CARL, text: 'silent' }], {
    options: { showTyping: false, waitFor: 'delivered' },
  });
  expect(quiet.items[0]?.json.status).toBe('delivered');
  const composing = `GET /presences?from=${PHONE}&type=composing`;
  expect((await live.control<{ items: unknown[] }>(composing)).items).toEqual([]);
  await send([{ to: BOB, text: 'typed by hand' }], { options: { showTyping: true, waitFor: 'delivered' } });
  const { items } = await live.control<{ items: { to: string }[] }>(
    `${composing}&waitForCount=1&timeoutMs=20000`,
  );
  expect(items).toHaveLength(1);
});

test('"Link Preview" shows the title of the page, or nothing and asks for no page', async () => {
  const link = `http://${address()}/offer`;
  await send([{ to: ANN, text: `Look ${link}` }], { options: { waitFor: 'sent' } });
  const shown = await seenAt(ANN, `Look ${link}`);
  expect(shown?.message.extendedTextMessage?.title).toBe('The shop');
  expect(visits).toBe(1);
  await send([{ to: ANN, text: `Quiet ${link}` }], { options: { linkPreview: false, waitFor: 'sent' } });
  const plain = await seenAt(ANN, `Quiet ${link}`);
  expect(plain?.message.extendedTextMessage?.title ?? null).toBeNull();
  expect(visits).toBe(1);
});

test('people who have opted out and numbers without WhatsApp are skipped, one by one and in batches', async () => {
  await live.control(`POST /phones/${PHONE}/messages`, { from: DORA, text: 'Stop!' });
  const told = await api<{ data: unknown[] }>(
    'GET /v1/events?sessionId=live&types=recipient.opted_out&waitSeconds=20',
  );
  expect(told.data).toHaveLength(1);
  const rows = [
    { to: DORA, text: 'unwanted' },
    { to: NOBODY, text: 'nobody' },
    { to: CARL, text: 'wanted' },
  ];
  const wanted = [
    ['skipped', 'recipient_opted_out'],
    ['skipped', 'recipient_not_on_whatsapp'],
    ['queued', undefined],
  ];
  for (const sendInBatches of [false, true]) {
    const { items, error } = await send(rows, { sendInBatches, options: { skipUnreachable: true } });
    expect(error).toBeUndefined();
    expect(items.map(({ json }) => [json.status, json.code])).toEqual(wanted);
    expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
  }
  const refused = await send(rows.slice(0, 1));
  expect(refused.error?.message).toContain('can skip such recipients');
  expect(await allSeen(DORA)).toEqual([]);
});

test('a message of later has its status and can be canceled; what is gone cannot', async () => {
  const { items } = await send([{ to: BOB, text: 'never' }], {
    options: { sendAt: '={{ $now.plus({ hours: 2 }) }}', reference: 'order 7' },
  });
  const id = items[0]?.json.id as string;
  expect(items[0]?.json).toMatchObject({ status: 'scheduled', reference: 'order 7' });
  expect((await existing('getStatus', id)).items[0]?.json).toMatchObject({ id, status: 'scheduled' });
  expect((await existing('cancel', id)).items[0]?.json).toMatchObject({ id, status: 'canceled' });
  const sent = await send([{ to: BOB, text: 'gone' }], { options: { waitFor: 'delivered' } });
  const { waId } = sent.items[0]?.json ?? {};
  expect((await existing('getStatus', waId as string)).items[0]?.json.status).toBe('delivered');
  expect((await existing('cancel', waId as string)).error?.httpCode).toBe('409');
  expect(await allSeen(BOB)).not.toContain('never');
});

test('a dry run says what would become of each row, also of a batch, and sends nothing', async () => {
  const rows = [
    { to: CARL, text: 'only looking' },
    { to: NOBODY, text: 'only looking' },
  ];
  const { items, error } = await send(rows, {
    sendInBatches: true,
    options: { dryRun: true, skipUnreachable: true },
  });
  expect(error).toBeUndefined();
  expect(items.map(({ json }) => json.status)).toEqual(['queued', 'skipped']);
  const { id } = items[0]?.json ?? {};
  expect((await existing('getStatus', id as string)).error?.httpCode).toBe('404');
  expect(await allSeen(CARL)).not.toContain('only looking');
});

test('"not now" is waited out, one by one and in batches; without patience it says how long it takes', async () => {
  await setPolicy({
    preset: 'unpaced',
    recipientCooldownMs: 2_000,
    onLimit: 'reject',
    checkRecipient: false,
  });
  const twice = (text: string): IDataObject[] =>
    [1, 2].map((round) => ({ to: CARL, text: `${text} ${round}` }));
  for (const sendInBatches of [false, true]) {
    const text = sendInBatches ? 'batched' : 'single';
    const { items, error } = await send(twice(text), { sendInBatches });
    expect(error).toBeUndefined();
    expect(items).toHaveLength(2);
    for (const { text: said } of twice(text) as { text: string }[])
      expect(await seenAt(CARL, said)).toBeDefined();
  }
  const hasty = await send([{ to: CARL, text: 'at once' }], { options: { maxWaitSeconds: 0 } });
  expect(hasty.error?.message).toMatch(/It can go on in \d+ seconds/);
  expect(hasty.error?.httpCode).toBe('429');
});
