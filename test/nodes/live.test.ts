/**
 * The four nodes in n8n's execution engine against a running gateway and a simulated WhatsApp: no HTTP is faked here.
 */
import type { INode, Workflow } from 'n8n-workflow';

import { runNode, surroundings } from './support/engine';
import { activate, callHook, callWebhook, type WebhookRun } from './support/hooks';
import { LIVE_KEY, startLive, startWebhookPort, type Live, type WebhookPort } from './support/live';
import { startsExecution, workflowOf } from './support/trigger';

const PHONE = '4915550010001';
const BOB = '4915550010002';
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FAAhKDveksOjmAAAAAElFTkSuQmCC';

let live: Live;
let port: WebhookPort;
let trigger: Workflow;
const runs: WebhookRun[] = [];
let wake = (): void => undefined;

beforeAll(async () => {
  port = await startWebhookPort(async (body, headers) => {
    const run = await callWebhook(trigger, Object.values(trigger.nodes)[0] as INode, {
      body,
      headers: headers as Record<string, string>,
    });
    runs.push(run);
    wake();
    return run.status ?? 200;
  });
  live = await startLive(port.target);
  surroundings.credential = { baseUrl: live.url, apiKey: LIVE_KEY };
  surroundings.webhookBaseUrl = port.url;
  await live.control('POST /phones', { number: PHONE, name: 'Ada' });
  await live.control('POST /contacts', { number: BOB, name: 'Bob' });
}, 60_000);

afterAll(async () => {
  await live.stop();
  await port.stop();
});

/** The next call of the webhook that no test has looked at. */
const nextRun = async (): Promise<WebhookRun> =>
  await new Promise((resolve) => {
    wake = () => {
      const run = runs.shift();
      if (run === undefined) return;
      wake = () => undefined;
      resolve(run);
    };
    wake();
  });

const seenBy = async (
  number: string,
  waId: string,
): Promise<{ text: string; message: Record<string, unknown> }[]> =>
  (
    await live.control<{ items: { text: string; message: Record<string, unknown> }[] }>(
      `GET /messages?to=${number}&waId=${waId}&device=0&waitForCount=1&timeoutMs=20000`,
    )
  ).items;

test('Session QR creates the session and shows its code as a PNG; scanned, it is connected', async () => {
  const session = { mode: 'id', value: 'live', __rl: true };
  const shown = await runNode('sessionQr', {
    parameters: { resource: 'connection', operation: 'getQr', session },
  });
  expect(shown.error).toBeUndefined();
  const png = Buffer.from(shown.items[0]?.binary?.qr?.data ?? '', 'base64');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  await live.control(`POST /phones/${PHONE}/scan`, { qr: shown.items[0]?.json.qr });
  const waited = await runNode('sessionQr', {
    parameters: { resource: 'connection', operation: 'waitUntilConnected', session },
  });
  expect(waited.items[0]?.json).toMatchObject({ status: 'connected', phone: PHONE });
});

test('Send Message sends a text that the recipient decrypts', async () => {
  const { items, error } = await runNode('sendMessage', {
    parameters: {
      operation: 'text',
      to: `+${BOB}`,
      message: 'Hello from n8n',
      options: { waitFor: 'delivered' },
    },
  });
  expect(error).toBeUndefined();
  expect(items[0]?.json).toMatchObject({ status: 'delivered' });
  const [seen] = await seenBy(BOB, items[0]?.json.waId as string);
  expect(seen?.text).toBe('Hello from n8n');
});

test('Send Media sends an image from a binary property', async () => {
  const input = { json: {}, binary: { data: { data: PIXEL, mimeType: 'image/png', fileName: 'dot.png' } } };
  const { items, error } = await runNode(
    'sendMedia',
    {
      run: { executionId: '4712' },
      parameters: {
        to: BOB,
        mediaKind: 'image',
        source: 'binary',
        caption: 'A dot',
        options: { waitFor: 'delivered' },
      },
    },
    [input],
  );
  expect(error).toBeUndefined();
  const [seen] = await seenBy(BOB, items[0]?.json.waId as string);
  expect(seen?.message).toMatchObject({ imageMessage: { caption: 'A dot', mimetype: 'image/png' } });
});

test('Incoming Message Trigger registers, starts for a message, and removes its webhook', async () => {
  trigger = workflowOf({ events: ['message.received'] });
  await activate(trigger);
  await live.control(`POST /phones/${PHONE}/messages`, { from: BOB, text: 'Hello n8n' });
  const run = await nextRun();
  expect(startsExecution(run)).toBe(true);
  expect(JSON.stringify(run.result.workflowData)).toContain('Hello n8n');
  const headers = { 'x-api-key': LIVE_KEY };
  const webhooks = async (): Promise<unknown[]> =>
    ((await (await fetch(`${live.url}/v1/webhooks`, { headers })).json()) as { data: unknown[] }).data;
  expect(await webhooks()).toHaveLength(1);
  expect(await callHook(trigger, 'delete')).toBe(true);
  expect(await webhooks()).toEqual([]);
});

test('a webhook call that the gateway did not sign starts nothing', async () => {
  trigger = workflowOf({ events: ['message.received'] });
  await activate(trigger);
  const response = await fetch(`${port.url}/hook-id/sluice`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'evt_1', type: 'message.received', data: {} }),
  });
  const run = await nextRun();
  expect([response.status, startsExecution(run)]).toEqual([401, false]);
});

test('what the owner types on the phone starts a workflow that includes own messages', async () => {
  await fetch(`${live.url}/v1/sessions/live`, {
    method: 'PATCH',
    headers: { 'x-api-key': LIVE_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ ownMessages: true }),
  });
  const typed = async (options: Record<string, boolean>): Promise<WebhookRun> => {
    trigger = workflowOf({ events: ['message.received'], options });
    await activate(trigger);
    await live.control(`POST /phones/${PHONE}/typed`, { to: BOB, text: 'By hand' });
    const run = await nextRun();
    await callHook(trigger, 'delete');
    return run;
  };
  expect((await typed({})).result.webhookResponse).toEqual({ ok: true, ignored: 'filtered' });
  const { workflowData } = (await typed({ ownMessages: true })).result;
  expect(workflowData?.[0]?.[0]?.json).toMatchObject({ text: 'By hand', fromMe: true, chatKind: 'direct' });
});
