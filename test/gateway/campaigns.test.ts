/**
 * Campaigns with the real client: one message for many with values of their own, spread over sessions, every recipient
 * with a verdict, paused, resumed, cancelled, reported; and nothing lost or twice through kill -9 while they are made.
 */
import { eventually } from '../support/eventually.js';
import type { GatewayProcess, Json } from '../support/gatewayProcess.js';
import { pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const ONE = '4915550021001';
const TWO = '4915550021002';
const person = (n: number): string => `49155500220${String(n).padStart(2, '0')}`;
let gateway: GatewayProcess;
let dataDir: string;

interface CampaignJson {
  id: string;
  status: string;
  total: number;
  counts: Record<string, number>;
  failures: Record<string, number>;
  estimatedEndAt: string | null;
  rejected: { row: number; to: string; code: string; message: string }[];
}
interface Listed extends MessageJson {
  to: string;
  sessionId: string;
  campaignId: string | null;
}

beforeAll(async () => {
  dataDir = world.newDataDir();
  gateway = await world.start({ dataDir });
  for (let n = 1; n <= 12; n += 1)
    await world.phone().createContact({ number: person(n), name: `Person ${String(n)}` });
  await pair(gateway, world.phone(), { id: 'one', number: ONE });
  await pair(gateway, world.phone(), { id: 'two', number: TWO });
});

const create = (body: Json, headers: Record<string, string> = {}) =>
  gateway.call<CampaignJson>(
    'POST',
    '/v1/campaigns',
    { name: 'c', sessionIds: ['one', 'two'], message: { text: 'Hi {{name}}' }, ...body },
    { headers },
  );
const campaignOf = (id: string) => gateway.ask<CampaignJson>('GET', `/v1/campaigns/${id}`);
const reaches = (id: string, status: string) =>
  eventually(`the campaign to be ${status}`, async () => (await campaignOf(id)).status === status);
const messagesOf = async (id: string): Promise<Listed[]> =>
  (await gateway.ask<{ data: Listed[] }>('GET', `/v1/messages?campaignId=${id}&limit=200`)).data;
const act = (id: string, verb: string) => gateway.call<CampaignJson>('POST', `/v1/campaigns/${id}/${verb}`);

test('everybody gets the text with their own values, through both sessions; bad rows are told and cost nobody else', async () => {
  const recipients = [
    ...Array.from({ length: 8 }, (_, n) => ({
      to: `+${person(n + 1)}`,
      variables: { name: `N${String(n)}` },
    })),
    { to: 'Bob', variables: { name: 'B' } },
    { to: person(9), variables: { nome: 'x' } },
    { to: person(1), variables: { name: 'again' } },
    { to: '4915550099999', variables: { name: 'nobody' } },
  ];
  const { status, body } = await create({ recipients });
  expect([status, body.total]).toEqual([202, 12]);
  expect(body.rejected.map(({ row, code }) => [row, code])).toEqual([
    [9, 'recipient_invalid'],
    [10, 'variable_missing'],
    [11, 'recipient_repeated'],
  ]);
  expect(body.rejected[1]?.message).toBe('There is no value for {{name}}.');
  await reaches(body.id, 'completed');
  const after = await campaignOf(body.id);
  expect(after.counts).toMatchObject({ pending: 0, queued: 0, rejected: 4 });
  expect((after.counts.sent ?? 0) + (after.counts.delivered ?? 0) + (after.counts.read ?? 0)).toBe(8);
  expect(after.failures).toEqual({
    recipient_invalid: 1,
    variable_missing: 1,
    recipient_repeated: 1,
    recipient_not_on_whatsapp: 1,
  });
  for (let n = 0; n < 8; n += 1) {
    const seen = await world.phone().messages.list({ to: person(n + 1), device: 0 });
    expect(seen.map(({ text }) => text)).toEqual([`Hi N${String(n)}`]);
  }
  const messages = await messagesOf(body.id);
  expect(messages.map(({ campaignId }) => campaignId)).toEqual(Array<string>(8).fill(body.id));
  expect(messages.filter(({ sessionId }) => sessionId === 'one')).toHaveLength(4);
});

test('a table as CSV, with its report; no cell becomes a formula', async () => {
  const recipients = `\uFEFFphone;name\r\n+${person(10)};"Ada; the first"\r\n=1+1;Eve\r\n`;
  const { body } = await create({ recipients });
  await reaches(body.id, 'completed');
  const [seen] = await world.phone().messages.waitFor({ to: person(10) });
  expect(seen?.text).toBe('Hi Ada; the first');
  const answer = await gateway.call<string>('GET', `/v1/campaigns/${body.id}/report.csv`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
  const lines = answer.body.trim().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toBe('row,to,status,code,reason,sessionId,messageId,sentAt,deliveredAt,readAt');
  expect(lines[1]).toMatch(new RegExp(`^1,${person(10)},(sent|delivered),,,one,msg_[0-9a-f]+,20`));
  expect(lines[2]).toMatch(/^2,'=1\+1,rejected,recipient_invalid,/);
});

test('the same key and body again is the same campaign, and another body is refused', async () => {
  const recipients = [{ to: person(11), variables: { name: 'once' } }];
  const key = { 'idempotency-key': 'campaign-1' };
  const answers = await Promise.all(Array.from({ length: 5 }, () => create({ recipients }, key)));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect((await create({ recipients, name: 'other' }, key)).status).toBe(422);
  await reaches(answers[0]?.body.id ?? '', 'completed');
  expect(await world.phone().messages.list({ to: person(11), device: 0 })).toHaveLength(1);
});

test('paused, its messages hold with a reason and nobody waits behind them; resumed, they go; cancelled, they end', async () => {
  await gateway.ask('POST', '/v1/sessions/one/pause');
  const recipients = [{ to: person(12), variables: { name: 'later' } }];
  const { body } = await create({ sessionIds: ['one'], recipients });
  await eventually('the message', async () => (await messagesOf(body.id)).length === 1);
  expect((await act(body.id, 'pause')).body).toMatchObject({ status: 'paused', estimatedEndAt: null });
  await gateway.ask('POST', '/v1/sessions/one/resume');
  // An ordinary message to the same person, younger than the one that the campaign holds.
  const other = await gateway.call<MessageJson>('POST', '/v1/messages?wait=sent&timeoutSeconds=20', {
    sessionId: 'one',
    to: person(12),
    text: 'now',
  });
  expect(other.status).toBe(200);
  const [held] = await messagesOf(body.id);
  expect(held).toMatchObject({
    status: 'scheduled',
    hold: { code: 'campaign_paused', message: 'the campaign is paused until it is resumed', until: null },
    sendAt: null,
    estimatedSendAt: null,
  });
  expect((await act(body.id, 'resume')).body.status).toBe('running');
  await reaches(body.id, 'completed');
  const texts = await world.phone().messages.list({ to: person(12), device: 0 });
  expect(texts.map(({ text }) => text)).toEqual(['now', 'Hi later']);

  await gateway.ask('POST', '/v1/sessions/one/pause');
  const second = (await create({ sessionIds: ['one'], recipients })).body;
  await eventually('the message', async () => (await messagesOf(second.id)).length === 1);
  expect((await act(second.id, 'cancel')).body.status).toBe('canceled');
  await eventually('it to end', async () => (await campaignOf(second.id)).counts.canceled === 1);
  expect((await act(second.id, 'resume')).status).toBe(409);
  await gateway.ask('POST', '/v1/sessions/one/resume');
});

test('a key sees and changes its own campaigns only; a reader makes none', async () => {
  const keyOf = async (role: string) =>
    (await gateway.ask<{ key: string }>('POST', '/v1/keys', { name: role, role })).key;
  const [sender, reader] = [await keyOf('sender'), await keyOf('reader')];
  const body = {
    name: 'own',
    sessionIds: ['one'],
    message: { text: 'x' },
    recipients: [{ to: person(1) }],
    sendAt: '2040-01-01T00:00:00Z',
  };
  const own = await gateway.call<CampaignJson>('POST', '/v1/campaigns', body, { key: sender });
  expect(own.status).toBe(202);
  const other = (await create({ ...body })).body;
  expect((await gateway.call('POST', '/v1/campaigns', body, { key: reader })).status).toBe(403);
  expect((await gateway.call('GET', `/v1/campaigns/${other.id}`, undefined, { key: sender })).status).toBe(
    403,
  );
  expect(
    (await gateway.call('POST', `/v1/campaigns/${other.id}/cancel`, undefined, { key: sender })).status,
  ).toBe(403);
  const list = async (key: string) =>
    (await gateway.call<{ data: CampaignJson[] }>('GET', '/v1/campaigns', undefined, { key })).body.data;
  expect((await list(sender)).map(({ id }) => id)).toEqual([own.body.id]);
  expect((await list(reader)).map(({ id }) => id)).toContain(other.id);
  for (const id of [own.body.id, other.id]) expect((await act(id, 'cancel')).status).toBe(200);
});

test.each<[string, Json, string]>([
  ['no name', { name: ' ' }, 'name'],
  ['no sessions', { sessionIds: [] }, 'sessionIds'],
  ['the same session twice', { sessionIds: ['one', 'one'] }, 'sessionIds'],
  ['no recipients', { recipients: [] }, 'recipients'],
  ['recipients that are a number', { recipients: 5 }, 'recipients'],
  ['a recipient without a number', { recipients: [{ variables: {} }] }, 'recipients.0.to'],
  [
    'a variable that is a list',
    { recipients: [{ to: ONE, variables: { a: [] } }] },
    'recipients.0.variables.a',
  ],
  ['a CSV without a number', { recipients: 'name\nAda\n' }, 'recipients'],
  ['a CSV with a header only', { recipients: 'to,name\n' }, 'recipients'],
  ['a CSV with a torn line', { recipients: 'to,name\n1,2,3\n' }, 'recipients'],
  ['a message without content', { message: {} }, 'message.text'],
  ['a message with a recipient', { message: { text: 'x', to: ONE } }, 'message.to'],
  ['a reaction', { message: { type: 'reaction', reaction: { messageId: 'A', emoji: 'x' } } }, 'message.type'],
  [
    'a link with a variable beside an id',
    { message: { type: 'image', image: { link: 'https://example.com/{{name}}.png', id: 'med_1' } } },
    'message.image',
  ],
  [
    'a link with a variable in something that is no link',
    { message: { type: 'image', image: { link: 'https://example.com/{{name}}.png', width: 1 } } },
    'message.image.width',
  ],
  ['a time in words', { sendAt: 'soon' }, 'sendAt'],
  ['an unknown field', { colour: 'red' }, 'colour'],
])('%s is refused by its name', async (_what, part, path) => {
  const recipients = [{ to: person(1), variables: { name: 'x' } }];
  const { status, body } = await create({ recipients, ...part });
  const problem = body as unknown as { code: string; errors: { path: string; message: string }[] };
  expect([status, problem.code, problem.errors[0]?.path]).toEqual([400, 'invalid_request', path]);
});

test('kill -9 in the middle of its creation, several times: every recipient has one message', async () => {
  const SIZE = 2_000;
  await gateway.ask('POST', '/v1/sessions', { id: 'idle', start: false, policy: { preset: 'unpaced' } });
  const recipients = Array.from({ length: SIZE }, (_, n) => ({
    to: `4915551${String(n).padStart(6, '0')}`,
    variables: { name: String(n) },
  }));
  const { id } = (await create({ sessionIds: ['idle'], recipients })).body;
  let kills = 0;
  for (const progress of [50, 400, 900]) {
    const { counts } = await eventually('some of its messages', async () => {
      const now = await campaignOf(id);
      return (now.counts.queued ?? 0) >= progress && now;
    });
    if ((counts.pending ?? 0) > 0) kills += 1;
    await gateway.kill9();
    gateway = await world.start({ dataDir });
  }
  expect(kills).toBeGreaterThan(0);
  await eventually('all of them', async () => (await campaignOf(id)).counts.queued === SIZE);
  const report = await gateway.ask<string>('GET', `/v1/campaigns/${id}/report.csv`);
  const lines = report.trim().split('\r\n').slice(1);
  expect(lines.map((line) => line.split(',')[1])).toEqual(recipients.map(({ to }) => to));
  expect(new Set(lines.map((line) => line.split(',')[6])).size).toBe(SIZE);
  expect((await campaignOf(id)).counts).toMatchObject({ pending: 0, rejected: 0, queued: SIZE });
});
