/**
 * Incoming Message Trigger: calls of its webhook, genuine and not, and what they start.
 */
import type { INode, INodeParameters } from 'n8n-workflow';

import { resetGateway } from './support/gateway';
import { callWebhook, received, signed } from './support/hooks';
import { SECRET, call, deliver, newSecret, registered, startsExecution, workflowOf } from './support/trigger';

/** The same values, each by an expression. */
const asExpressions = (values: INodeParameters): INodeParameters =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, `={{ ${JSON.stringify(value)} }}`]),
  );

beforeEach(resetGateway);

describe('a call of the webhook', () => {
  it('emits a simplified message and answers at once', async () => {
    const run = await deliver(registered(), 'evt_1', received('evt_1'));
    expect(run.result.webhookResponse).toEqual({ ok: true });
    expect(run.result.workflowData).toEqual([
      [
        {
          json: {
            eventId: 'evt_1',
            type: 'message.received',
            messageId: '3EB0BBBB',
            sessionId: 'main',
            chat: '4915112345678@s.whatsapp.net',
            chatKind: 'direct',
            chatName: null,
            from: '4915112345678',
            fromName: 'Ann',
            kind: 'text',
            text: 'Hello there',
            quotedMessageId: null,
            sentAt: '2026-11-20T09:59:58.000Z',
          },
        },
      ],
    ]);
  });

  it.each([false, '={{ false }}', '={{ "false" }}'])(
    'emits the whole event with simplify %s',
    async (simplify) => {
      const run = await deliver(registered({ simplify }), 'evt_1', received('evt_1'));
      expect(run.result.workflowData?.[0]?.[0]?.json).toMatchObject({
        id: 'evt_1',
        seq: 1,
        data: { messageId: '3EB0BBBB' },
      });
    },
  );

  it('reads a body that n8n has not read', async () => {
    const workflow = registered();
    const body = received('evt_1');
    const own = Object.values(workflow.nodes)[0] as INode;
    const run = await callWebhook(workflow, own, {
      body,
      headers: signed(SECRET, { id: 'evt_1', body: body }),
      unread: true,
    });
    expect(startsExecution(run)).toBe(true);
  });

  const body = received('evt_1');
  const good = (): Record<string, string> => signed(SECRET, { id: 'evt_1', body: body });
  const nowSeconds = (): number => Math.floor(Date.now() / 1000);
  it.each<[string, () => Record<string, string>]>([
    ['no signature headers', () => ({})],
    ['a missing signature', () => ({ ...good(), 'webhook-signature': '' })],
    ['a missing id', () => ({ ...good(), 'webhook-id': '' })],
    ['another secret', () => signed(newSecret(), { id: 'evt_1', body: body })],
    [
      'a signature of another body',
      () => signed(SECRET, { id: 'evt_1', body: received('evt_1', { text: 'Other' }) }),
    ],
    ['a signature of another id', () => ({ ...good(), 'webhook-id': 'evt_2' })],
    ['an older time', () => signed(SECRET, { id: 'evt_1', body: body, timestamp: nowSeconds() - 301 })],
    [
      'a time in the future',
      () => signed(SECRET, { id: 'evt_1', body: body, timestamp: nowSeconds() + 301 }),
    ],
    ['a time that is none', () => ({ ...good(), 'webhook-timestamp': 'now' })],
    ['a changed time', () => ({ ...good(), 'webhook-timestamp': String(nowSeconds() - 10) })],
    [
      'an unknown version',
      () => ({ ...good(), 'webhook-signature': good()['webhook-signature']?.replace('v1,', 'v2,') ?? '' }),
    ],
    ['a short signature', () => ({ ...good(), 'webhook-signature': 'v1,AAAA' })],
  ])('with %s gets 401 and starts nothing', async (_name, headers) => {
    const run = await call(registered(), body, headers());
    expect(run.status).toBe(401);
    expect(run.answer).toMatchObject({ ok: false });
    expect(run.result).toEqual({ noWebhookResponse: true });
  });

  it('to a node without registration gets 401', async () => {
    expect((await call(workflowOf(), body, good())).status).toBe(401);
  });

  it('is genuine when one of several signatures fits', async () => {
    const headers = good();
    headers['webhook-signature'] =
      `v1,${Buffer.alloc(32).toString('base64')} ${headers['webhook-signature'] ?? ''}`;
    expect(startsExecution(await call(registered(), body, headers))).toBe(true);
  });

  it('with changed white space is not genuine: the raw body counts', async () => {
    const spaced = Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1));
    expect((await call(registered(), spaced, good())).status).toBe(401);
  });

  it('is taken once', async () => {
    const workflow = registered();
    expect(startsExecution(await deliver(workflow, 'evt_1', body))).toBe(true);
    const timestamp = Math.floor(Date.now() / 1000) + 5;
    const again = await call(workflow, body, signed(SECRET, { id: 'evt_1', body, timestamp }));
    expect(startsExecution(again)).toBe(false);
    expect(again.result.webhookResponse).toEqual({ ok: true, ignored: 'repeated' });
    expect(startsExecution(await deliver(workflow, 'evt_2', received('evt_2')))).toBe(true);
  });

  it('that was recorded and is replayed gets 401 and starts nothing', async () => {
    const workflow = registered();
    const headers = good();
    expect(startsExecution(await call(workflow, body, headers))).toBe(true);
    const replayed = await call(workflow, body, headers);
    expect([replayed.status, startsExecution(replayed)]).toEqual([401, false]);
  });

  it('remembers a bounded number of events', async () => {
    const workflow = registered();
    for (let i = 0; i < 305; i++) await deliver(workflow, `evt_${i}`, received(`evt_${i}`));
    const { events } = workflow.staticData['node:Trigger'] as { events: string[] };
    expect(events).toHaveLength(300);
    expect(events.at(-1)).toMatch(/^evt_304 \d+$/);
  });

  it('a test of the gateway is answered and starts nothing', async () => {
    const run = await deliver(registered(), 'evt_t', received('evt_t', {}, { type: 'webhook.test' }));
    expect(run.result).toEqual({ webhookResponse: { ok: true, ignored: 'test' } });
  });

  const group = { chat: { jid: '120363012345678901@g.us', kind: 'group', name: 'Team' } };
  it.each<[INodeParameters, Record<string, unknown>, boolean]>([
    [{ chatKind: 'direct' }, {}, true],
    [{ chatKind: 'direct' }, group, false],
    [{ chatKind: 'group' }, group, true],
    [{ chatKind: 'group' }, {}, false],
    [{ from: '+49 151 12345678' }, {}, true],
    [{ from: '+4915100000000, 111222333@lid' }, {}, true],
    [{ from: '120363012345678901@g.us' }, group, true],
    [{ from: '+4915100000000' }, {}, false],
    [{ textEquals: 'hello THERE ' }, {}, true],
    [{ textEquals: 'Hello' }, {}, false],
    [{ textEquals: 'hello there', caseSensitive: true }, {}, false],
    [{ textContains: 'LO TH' }, {}, true],
    [{ textContains: 'bye' }, {}, false],
    [{ textStartsWith: 'hello' }, {}, true],
    [{ textStartsWith: 'there' }, {}, false],
    [{ textMatches: '^hello\\s' }, {}, true],
    [{ textMatches: '^hello\\s', caseSensitive: true }, {}, false],
    [{ textContains: 'invoice' }, { text: null, media: { id: 'med_1', caption: 'Your invoice' } }, true],
    [{ textContains: 'hello', chatKind: 'direct', from: '4915112345678' }, {}, true],
  ])('with the filters %j and the message %j starts: %j', async (filters, data, starts) => {
    for (const given of [filters, asExpressions(filters)]) {
      const run = await deliver(registered({ filters: given }), 'evt_f', received('evt_f', data));
      expect(startsExecution(run)).toBe(starts);
    }
  });

  it('that tells what the owner typed on the phone starts a workflow that wants it, and no other', async () => {
    const typed = received('evt_o', { fromMe: true });
    expect(startsExecution(await deliver(registered(), 'evt_o', typed))).toBe(false);
    for (const ownMessages of [true, '={{ true }}', '={{ "true" }}']) {
      const run = await deliver(registered({ options: { ownMessages } }), 'evt_o', typed);
      expect(run.result.workflowData?.[0]?.[0]?.json).toMatchObject({ text: 'Hello there', fromMe: true });
    }
  });

  it.each([
    { reply: { id: 'b1', title: 'Yes' } },
    { poll: { question: 'Tea?', options: ['a', 'b'], multiple: false } },
    { location: { latitude: 1, longitude: 2 } },
    { reason: { code: 'undecryptable', message: 'm' } },
  ])('keeps %j in the simplified output', async (member) => {
    const run = await deliver(registered(), 'evt_m', received('evt_m', member));
    expect(run.result.workflowData?.[0]?.[0]?.json).toMatchObject(member);
  });

  it('of another session or event starts nothing', async () => {
    expect(startsExecution(await deliver(registered({ sessions: ['shop'] }), 'evt_1', body))).toBe(false);
    const listed = { sessions: '={{ "shop, main" }}', events: '={{ "message.received,poll.vote" }}' };
    expect(startsExecution(await deliver(registered(listed), 'evt_1', body))).toBe(true);
    expect(startsExecution(await deliver(registered({ events: ['message.read'] }), 'evt_1', body))).toBe(
      false,
    );
  });

  it.each(['session.disconnected', 'message.delivered'])(
    '%s starts a workflow that wants it',
    async (type) => {
      const event = Buffer.from(
        JSON.stringify({
          id: 'evt_9',
          seq: 2,
          type,
          timestamp: 't',
          sessionId: 'main',
          data: { reason: 'x' },
        }),
      );
      const run = await deliver(
        registered({ events: ['*'], filters: { textContains: 'never' } }),
        'evt_9',
        event,
      );
      expect(run.result.workflowData?.[0]?.[0]?.json).toEqual({
        eventId: 'evt_9',
        type,
        timestamp: 't',
        sessionId: 'main',
        reason: 'x',
      });
    },
  );

  it('keeps the type of the event apart from the type of its message', async () => {
    const event = {
      id: 'evt_9',
      seq: 2,
      type: 'message.sent',
      timestamp: 't',
      sessionId: 'main',
      data: { type: 'text' },
    };
    const run = await deliver(registered({ events: ['*'] }), 'evt_9', Buffer.from(JSON.stringify(event)));
    expect(run.result.workflowData?.[0]?.[0]?.json).toMatchObject({
      type: 'message.sent',
      messageType: 'text',
    });
  });
});
