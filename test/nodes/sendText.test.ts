/**
 * Send Message, operation Send Text, one by one: the request, its key, expressions, errors and item linking.
 */
import type { IDataObject } from 'n8n-workflow';

import { NODE, node, runNode, runWorkflow, toWorkflow, type NodeSettings } from './support/engine';
import { accepted, gateway, problem, resetGateway } from './support/gateway';

const TO = '+49 151 1234-5678';
const text = (more: Record<string, unknown> = {}): NodeSettings['parameters'] => ({
  operation: 'text',
  to: TO,
  message: 'Hello',
  ...more,
});

beforeEach(resetGateway);

describe('Send Text', () => {
  it('posts the message with the key of the item and outputs what the gateway stored', async () => {
    const calls = gateway({ 'POST /v1/messages': accepted() });
    const { items, error } = await runNode('sendMessage', { parameters: text() });
    expect(error).toBeUndefined();
    expect(calls).toHaveLength(1);
    expect(calls[0]?.body).toEqual({ to: TO, type: 'text', text: { body: 'Hello' } });
    expect(calls[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f]{12}:wf1:4711:|^sha256:[0-9a-f]{64}$/);
    expect(items).toEqual([
      expect.objectContaining({
        json: expect.objectContaining({ id: 'msg_1', status: 'queued' }) as unknown,
      }),
    ]);
  });

  it('resolves expressions per item and links each output to its input', async () => {
    const calls = gateway({ 'POST /v1/messages': [accepted({ id: 'msg_a' }), accepted({ id: 'msg_b' })] });
    const parameters = text({ to: '={{ $json.phone }}', message: '=Hi {{ $json.name }}' });
    const { items } = await runNode('sendMessage', { parameters }, [
      { phone: 4915112345678, name: 'Ann' },
      { phone: '+4915187654321', name: 'Bob' },
    ]);
    expect(calls.map(({ body }) => [body.to, body.text])).toEqual([
      ['4915112345678', { body: 'Hi Ann' }],
      ['+4915187654321', { body: 'Hi Bob' }],
    ]);
    expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
  });

  it('names the session, by list, by id and by expression, or leaves it to the gateway', async () => {
    const calls = gateway({ 'POST /v1/messages': accepted() });
    for (const session of [
      { __rl: true, mode: 'list', value: 'shop' },
      { __rl: true, mode: 'id', value: '={{ $json.session }}' },
      { __rl: true, mode: 'list', value: '*' },
    ]) {
      await runNode('sendMessage', { parameters: text({ session }) }, [{ session: 'support' }]);
    }
    expect(calls.map(({ body }) => body.sessionId)).toEqual(['shop', 'support', undefined]);
  });

  it('sends the options that are set, dates in the time zone of the workflow', async () => {
    const calls = gateway({ 'POST /v1/messages': { status: 200, body: { id: 'msg_1', status: 'sent' } } });
    const options = {
      dryRun: true,
      expiresAt: '2026-12-24T20:00:00+02:00',
      linkPreview: false,
      mentions: '+4915112345678, +4915187654321',
      priority: 50,
      reference: 'order 7',
      replyTo: '3EB0FFFF',
      sendAt: '2026-07-01T09:00:00',
      showTyping: false,
      waitFor: 'sent',
      waitSeconds: 20,
    };
    await runNode('sendMessage', { parameters: text({ options }) });
    expect(calls[0]?.body).toEqual({
      to: TO,
      type: 'text',
      text: { body: 'Hello', linkPreview: false, mentions: ['+4915112345678', '+4915187654321'] },
      context: { messageId: '3EB0FFFF' },
      sendAt: '2026-07-01T07:00:00.000Z',
      expiresAt: '2026-12-24T18:00:00.000Z',
      priority: 50,
      typing: false,
      reference: 'order 7',
      dryRun: true,
    });
    expect(Object.fromEntries(calls[0]?.query ?? [])).toEqual({ wait: 'sent', timeoutSeconds: '20' });
  });

  it('fails with the words of the gateway when the awaited message failed', async () => {
    const failure = {
      code: 'recipient_not_on_whatsapp',
      message: 'The number is not on WhatsApp',
      retryable: false,
    };
    gateway({
      'POST /v1/messages': { status: 200, body: { id: 'msg_1', status: 'failed', error: failure } },
    });
    const { error } = await runNode('sendMessage', { parameters: text({ options: { waitFor: 'sent' } }) });
    expect(error?.message).toContain('The number is not on WhatsApp.');
    expect(error?.message).toContain('can skip such recipients');
  });
});

describe('the idempotency key', () => {
  const keys = (calls: Array<{ headers: Record<string, string> }>): string[] =>
    calls.map(({ headers }) => headers['idempotency-key'] ?? '');

  it('stays the same over "Retry On Fail"', async () => {
    const calls = gateway({ 'POST /v1/messages': [problem('internal', 500), accepted()] });
    const { error } = await runNode('sendMessage', {
      parameters: text(),
      retryOnFail: true,
      maxTries: 2,
      waitBetweenTries: 1,
    });
    expect(error).toBeUndefined();
    expect(new Set(keys(calls)).size).toBe(1);
    expect(calls).toHaveLength(2);
  });

  it('differs per item, per loop round and per execution', async () => {
    const calls = gateway({ 'POST /v1/messages': accepted() });
    const workflow = toWorkflow({
      nodes: [
        node('Start', 'test.start'),
        node('A', 'test.collect'),
        node(NODE, 'n8n-nodes-sluice.sendMessage', { parameters: text() }),
      ],
      connections: {
        Start: {
          main: [
            [
              { node: NODE, type: 'main', index: 0 },
              { node: 'A', type: 'main', index: 0 },
            ],
          ],
        },
        A: { main: [[{ node: NODE, type: 'main', index: 0 }]] },
      },
    });
    const start = { node: 'Start', items: [{ json: {} }, { json: {} }] };
    await runWorkflow(workflow, start);
    expect(calls).toHaveLength(4);
    await runWorkflow(workflow, start, { executionId: '4712' });
    expect(new Set(keys(calls)).size).toBe(8);
  });

  it.each(['Senden an Müller', '发送消息', 'x'.repeat(300), 'a\nb'])(
    'fits into a header for a node named %j',
    async (name) => {
      const calls = gateway({ 'POST /v1/messages': accepted() });
      const { error } = await runNode('sendMessage', { name, parameters: text() });
      expect(error).toBeUndefined();
      expect(keys(calls)[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
    },
  );

  it('is plain and readable for a simple name', async () => {
    const calls = gateway({ 'POST /v1/messages': accepted() });
    await runNode('sendMessage', { name: 'Send', parameters: text() });
    expect(keys(calls)[0]).toMatch(/^[0-9a-f]{12}:wf1:4711:Send:0:0$/);
  });
});

describe('the idempotency key of an execution that an event has started', () => {
  const EVENT = 'evt_01a1fb58a5ac76b2b9bf5c12e7bc0ee6';
  const workflow = toWorkflow({
    nodes: [
      node('Trigger', 'n8n-nodes-sluice.incomingMessageTrigger'),
      node('Send', 'n8n-nodes-sluice.sendMessage', { parameters: text() }),
    ],
    connections: { Trigger: { main: [[{ node: 'Send', type: 'main', index: 0 }]] } },
  });

  /** The keys of several executions of the same event. */
  async function keysOf(json: IDataObject, runs: Parameters<typeof runWorkflow>[2][]): Promise<string[]> {
    const calls = gateway({ 'POST /v1/messages': accepted() });
    for (const settings of runs) {
      const run = await runWorkflow(workflow, { node: 'Trigger', items: [{ json }, { json }] }, settings);
      expect(run.data.resultData.error).toBeUndefined();
    }
    return calls.map(({ headers }) => headers['idempotency-key'] ?? '');
  }

  it.each([
    ['simplified', { eventId: EVENT, text: 'Hi' }],
    ['whole', { id: EVENT, data: {} }],
  ])('is the same when n8n runs the event twice, %s', async (_how, json) => {
    const twice = await keysOf(json, [
      { mode: 'webhook', executionId: '4711' },
      { mode: 'webhook', executionId: '4712' },
    ]);
    expect(twice).toHaveLength(4);
    expect(twice.slice(0, 2)).toEqual(twice.slice(2));
    expect(new Set(twice).size).toBe(2);
    expect(twice[0]).toContain(`:${EVENT}:Send:0:0`);
  });

  it('differs when somebody runs it by hand or retries it: then it is meant to send', async () => {
    const keys = await keysOf({ eventId: EVENT }, [
      { mode: 'webhook', executionId: '4711' },
      { mode: 'manual', executionId: '4712' },
      { mode: 'retry', executionId: '4713' },
    ]);
    expect(new Set(keys).size).toBe(6);
  });

  it.each([{}, { eventId: 'something else' }, { id: 7 }])('is that of the execution for %j', async (json) => {
    const [key] = await keysOf(json, [{ mode: 'webhook', executionId: '4711' }]);
    expect(key).toContain(':4711:Send:0:0');
  });
});

describe('a recipient of the wrong shape', () => {
  it.each([
    ['', 'it is empty'],
    ['call me', 'digits only'],
    ['0151 12345678', 'country code'],
    ['123', '7 to 15 digits'],
    ['1234567890123456', '7 to 15 digits'],
    ['4.91511E+12', 'format the column as text'],
    ['someone@example.com', '@s.whatsapp.net'],
  ])('%j fails before any call', async (to, words) => {
    const calls = gateway({ 'POST /v1/messages': accepted() });
    const { error } = await runNode('sendMessage', { parameters: text({ to: '={{ $json.to }}' }) }, [{ to }]);
    expect(error?.message).toContain(words);
    expect(error?.message).toContain('+4915112345678');
    expect(error?.context?.itemIndex).toBe(0);
    expect(calls).toHaveLength(0);
  });

  it.each([
    '4915112345678@s.whatsapp.net',
    '4915112345678@c.us',
    '123456789012345@lid',
    '120363012345678901@g.us',
    '+1 (555) 010-9999',
  ])('%j is accepted', async (to) => {
    const calls = gateway({ 'POST /v1/messages': accepted() });
    const { error } = await runNode('sendMessage', { parameters: text({ to }) });
    expect(error).toBeUndefined();
    expect(calls[0]?.body.to).toBe(to);
  });
});
