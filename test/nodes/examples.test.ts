/**
 * The workflows of examples/: each is run in n8n's engine. Nodes of n8n that reach outside (files, sheets, forms,
 * mail, the language model) give pinned data; Set and If are evaluated as n8n evaluates them.
 */
import type { IDataObject, INodeExecutionData, IRun } from 'n8n-workflow';

import { resume, runWorkflow } from './support/engine';
import { imported } from './support/examples';
import { accepted, gateway, resetGateway, type Call } from './support/gateway';

/** Runs the example; the first node and those named in `pins` give the pinned items. */
function run(
  file: string,
  start: { node: string; items: IDataObject[] },
  pins: Record<string, IDataObject[]> = {},
): Promise<IRun> {
  const toItems = (list: IDataObject[]): INodeExecutionData[] => list.map((json) => ({ json }));
  const pinData = Object.fromEntries(Object.entries(pins).map(([name, list]) => [name, toItems(list)]));
  return runWorkflow(imported(file), {
    node: start.node,
    items: toItems(start.items),
    pinData: pinData,
  });
}

const outputOf = (execution: IRun, name: string): IDataObject[] =>
  execution.data.resultData.runData[name]?.[0]?.data?.main?.[0]?.map(({ json }) => json) ?? [];

const bodies = (calls: Call[], path = '/v1/messages'): unknown[] =>
  calls.filter((call) => call.path === path && call.method === 'POST').map(({ body }) => body);

const incoming = (more: IDataObject = {}): IDataObject => ({
  messageId: '3EB0',
  sessionId: 'shop',
  chat: '4915112345678@s.whatsapp.net',
  chatKind: 'direct',
  from: '4915112345678',
  fromName: 'Ann',
  text: '2',
  ...more,
});

beforeEach(resetGateway);

describe('bulk send', () => {
  const rows = [
    { row_number: 2, phone: '+4915112345678', name: 'Ann', text: 'one' },
    { row_number: 3, phone: 'none', name: 'Bob', text: 'two' },
    { row_number: 4, phone: '+4915187654321', name: 'Cem', text: 'three' },
  ];
  const answer = {
    status: 202,
    body: {
      accepted: 1,
      rejected: [{ index: 1, code: 'recipient_opted_out', message: 'Opted out' }],
      ids: ['msg_a'],
    },
  };

  it('from a CSV file reports every row', async () => {
    const calls = gateway({ 'POST /v1/messages/batch': answer });
    const pins = { 'Read File': [{}], Rows: rows, 'Report as CSV': [{}] };
    const execution = await run('bulk-send-csv.json', { node: 'Run', items: [{}] }, pins);
    expect(execution.data.resultData.error).toBeUndefined();
    expect(calls).toHaveLength(1);
    expect((calls[0]?.body.messages as IDataObject[])[0]).toMatchObject({
      text: { body: 'Hi Ann, one' },
      reference: 'row 2',
    });
    expect(outputOf(execution, 'Report per Row')).toEqual([
      { phone: '+4915112345678', status: 'queued', messageId: 'msg_a', problem: '' },
      {
        phone: 'none',
        status: 'refused',
        messageId: '',
        problem: expect.stringContaining('not valid') as unknown,
      },
      {
        phone: '+4915187654321',
        status: 'skipped',
        messageId: '',
        problem: expect.stringContaining('Opted out') as unknown,
      },
    ]);
  });

  it('from Google Sheets reports every row by its number', async () => {
    gateway({ 'POST /v1/messages/batch': answer });
    const execution = await run(
      'bulk-send-google-sheets.json',
      { node: 'Run', items: [{}] },
      { Rows: rows, 'Write Report': [{}] },
    );
    expect(
      outputOf(execution, 'Report per Row').map(({ row_number, status }) => [row_number, status]),
    ).toEqual([
      [2, 'queued'],
      [3, 'refused'],
      [4, 'skipped'],
    ]);
  });
});

it.each([
  ['2', 'You find us at Sluice Lane 1.'],
  ['hi', 'Hello! Send 1'],
])('the chatbot answers %j', async (text, words) => {
  const calls = gateway({ 'POST /v1/messages': accepted() });
  await run('chatbot-menu.json', { node: 'WhatsApp Message', items: [incoming({ text })] });
  expect(bodies(calls)).toEqual([
    {
      sessionId: 'shop',
      to: '4915112345678@s.whatsapp.net',
      type: 'text',
      text: { body: expect.stringContaining(words) as unknown },
      context: { messageId: '3EB0' },
    },
  ]);
});

it('the AI agent answers in the chat it was asked in', async () => {
  const calls = gateway({ 'POST /v1/messages': accepted() });
  await run(
    'ai-agent.json',
    { node: 'WhatsApp Message', items: [incoming()] },
    { 'AI Agent': [{ output: 'Of course.' }] },
  );
  expect(bodies(calls)).toEqual([
    { sessionId: 'shop', to: '4915112345678@s.whatsapp.net', type: 'text', text: { body: 'Of course.' } },
  ]);
});

it('the one-time password is sent with an end, and its status goes back', async () => {
  const calls = gateway({ 'POST /v1/messages': { status: 200, body: { id: 'msg_1', status: 'delivered' } } });
  const execution = await run('one-time-password.json', {
    node: 'Request',
    items: [{ body: { phone: '+4915112345678' } }],
  });
  expect(execution.data.resultData.error).toBeUndefined();
  const [body] = bodies(calls) as [{ text: { body: string }; expiresAt: string }];
  expect(body.text.body).toMatch(/^Your code is \d{6}\./);
  const minutes = (Date.parse(body.expiresAt) - Date.now()) / 60_000;
  expect(Math.round(minutes)).toBe(5);
  expect(outputOf(execution, 'Send Code')[0]?.status).toBe('delivered');
});

it.each([
  [[{ json: { replied: true, data: { text: 'Try again' } } }], 'Try again'],
  [undefined, 'Nobody is free at the moment. We will write to you tomorrow.'],
])('the support hand-over passes on %j', async (reply, words) => {
  const hooks = {
    'GET /v1/webhooks': { body: { data: [] } },
    'POST /v1/webhooks': { status: 201, body: { id: 'w', secret: 's' } },
  };
  const calls = gateway({ ...hooks, 'POST /v1/messages': accepted() });
  const file = 'support-hand-over.json';
  const waiting = await run(file, {
    node: 'WhatsApp Message',
    items: [incoming({ text: 'support: it leaks' })],
  });
  expect(waiting.status).toBe('waiting');
  const done = await resume(imported(file), waiting, reply);
  expect(done.data.resultData.error).toBeUndefined();
  expect(bodies(calls).map((body) => (body as { to: string; text: { body: string } }).text.body)).toEqual([
    expect.stringContaining('Ann (4915112345678) asks: support: it leaks'),
    words,
  ]);
});

it('the alert says what happened and what to do', async () => {
  const reason = { code: 'logged_out', message: 'The phone has unlinked it.', action: 'Scan a new QR code.' };
  gateway({ 'GET /v1/sessions/shop': { body: { id: 'shop', status: 'logged_out', reason } } });
  const event = { type: 'session.logged_out', timestamp: '2026-11-20T10:00:00Z', sessionId: 'shop' };
  const execution = await run('alert-on-disconnect.json', { node: 'Session Event', items: [event] });
  expect(execution.data.resultData.error).toBeUndefined();
  expect(outputOf(execution, 'Send Email')[0]).toMatchObject({
    subject: 'WhatsApp number shop: logged_out',
    text: 'session.logged_out at 2026-11-20T10:00:00Z. The phone has unlinked it. Scan a new QR code.',
  });
});

it('the onboarding form shows the QR code and goes on when connected', async () => {
  const calls = gateway({
    'GET /v1/sessions/support-berlin': [
      { body: { id: 'support-berlin', status: 'qr' } },
      { body: { id: 'support-berlin', status: 'connected' } },
    ],
    'GET /v1/sessions/support-berlin/qr': { body: { qr: '2@x', image: 'data:image/png;base64,AAAA' } },
  });
  const execution = await run('qr-onboarding-form.json', {
    node: 'Form',
    items: [{ Name: 'Support Berlin' }],
  });
  expect(execution.data.resultData.error).toBeUndefined();
  const picture = 'http://n8n.test/webhook/whatsapp-qr?session=support-berlin';
  expect(JSON.stringify(outputOf(execution, 'Show QR Code'))).toContain(`src=\\"${picture}\\"`);
  expect(calls).toHaveLength(3);
  expect(outputOf(execution, 'Done')[0]).toMatchObject({ completionTitle: 'Your number is linked' });
});
