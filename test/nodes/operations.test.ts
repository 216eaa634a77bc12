/**
 * The other operations of Send Message: what each sends or asks, and its own bad input. And the list of sessions.
 */
import { LoadOptionsContext } from 'n8n-core';
import type { INodeListSearchResult } from 'n8n-workflow';

import { SendMessage } from '../../index';
import { loadSessions } from '../../nodes/shared/sessionLocator';
import { additionalData, node, runNode, toWorkflow, type NodeRun } from './support/engine';
import { accepted, gateway, message, problem, resetGateway } from './support/gateway';

const TO = '+4915112345678';
const run = (
  operation: string,
  more: Record<string, unknown> = {},
  resource = 'newMessage',
): Promise<NodeRun> =>
  runNode(
    'sendMessage',
    { parameters: { resource, operation, to: TO, ...(more as Record<string, string>) } },
    [{ lat: '52.5163', answers: ['A', 'B', 'B'], id: '3EB0' }],
  );

beforeEach(resetGateway);

it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  [
    'reply',
    { messageId: '={{ $json.id }}', message: 'Yes' },
    { type: 'text', text: { body: 'Yes' }, context: { messageId: '3EB0' } },
  ],
  [
    'location',
    { latitude: '={{ $json.lat }}', longitude: 13.3777, placeName: 'Gate', address: '' },
    { type: 'location', location: { latitude: 52.5163, longitude: 13.3777, name: 'Gate' } },
  ],
  [
    'contacts',
    { contactName: 'Ann', contactPhones: '+4915112345678, +4930123456' },
    { type: 'contacts', contacts: [{ name: 'Ann', phones: ['+4915112345678', '+4930123456'] }] },
  ],
  [
    'contacts',
    { contactSource: 'vcard', vcard: 'BEGIN:VCARD\nFN:Ann\nEND:VCARD\n' },
    { type: 'contacts', contacts: { vcard: 'BEGIN:VCARD\nFN:Ann\nEND:VCARD' } },
  ],
  [
    'poll',
    { question: 'When?', pollOptions: 'Today\n Tomorrow \n\n', multiple: true, options: { replyTo: 'x' } },
    {
      type: 'poll',
      poll: { question: 'When?', options: ['Today', 'Tomorrow'], multiple: true },
      context: { messageId: 'x' },
    },
  ],
  [
    'poll',
    { question: 'When?', pollOptions: '={{ $json.answers }}' },
    { type: 'poll', poll: { question: 'When?', options: ['A', 'B'], multiple: false } },
  ],
])('%s sends %j', async (operation, fields, body) => {
  const calls = gateway({ 'POST /v1/messages': accepted() });
  const { error } = await run(operation, fields);
  expect(error).toBeUndefined();
  expect(calls[0]?.body).toEqual({ to: TO, ...body });
});

it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  [
    'react',
    { messageId: '={{ $json.id }}', emoji: '+' },
    { type: 'reaction', reaction: { messageId: '3EB0', emoji: '+' } },
  ],
  ['react', { messageId: 'm' }, { type: 'reaction', reaction: { messageId: 'm', emoji: '' } }],
  ['edit', { messageId: 'm', message: 'New' }, { type: 'edit', edit: { messageId: 'm', body: 'New' } }],
  ['revoke', { messageId: 'm' }, { type: 'revoke', revoke: { messageId: 'm' } }],
])('%s sends %j', async (operation, fields, body) => {
  const calls = gateway({ 'POST /v1/messages': accepted() });
  expect((await run(operation, fields, 'existingMessage')).error).toBeUndefined();
  expect(calls[0]?.body).toEqual({ to: TO, ...body });
});

it.each([
  ['getStatus', 'GET /v1/messages/msg_1'],
  ['cancel', 'POST /v1/messages/msg_1/cancel'],
  ['retry', 'POST /v1/messages/msg_1/retry'],
])('%s asks %s', async (operation, route) => {
  const calls = gateway({ [route]: { body: message({ status: 'read' }) } });
  const { items } = await run(operation, { messageId: ' msg_1 ' }, 'existingMessage');
  expect(calls).toHaveLength(1);
  expect(items[0]).toMatchObject({ json: { id: 'msg_1', status: 'read' }, pairedItem: { item: 0 } });
  resetGateway();
  gateway({ [route]: problem('message_not_found', 404) });
  expect((await run(operation, { messageId: 'msg_1' }, 'existingMessage')).error?.message).toContain(
    'Take the ID',
  );
});

describe('the list of sessions', () => {
  const own = node('Send', 'n8n-nodes-sluice.sendMessage');
  const workflow = toWorkflow({ nodes: [own], connections: {} });
  const context = (): LoadOptionsContext =>
    new LoadOptionsContext(workflow, own, additionalData(workflow), '');
  const search = (filter?: string, token?: string): Promise<INodeListSearchResult> =>
    new SendMessage().methods.listSearch.searchSessions.call(context(), filter, token);
  const data = [
    { id: 'main', name: null, status: 'connected', phone: '49151' },
    { id: 'shop', name: 'Shop Berlin', status: 'logged_out', phone: null },
  ];

  it('offers the sessions and the choice of the gateway', async () => {
    const calls = gateway({ 'GET /v1/sessions': { body: { data, nextCursor: 'c1' } } });
    expect(await search()).toEqual({
      results: [
        { name: 'Let the Gateway Choose', value: '*' },
        { name: 'main - +49151, connected', value: 'main' },
        { name: 'Shop Berlin (shop) - logged out', value: 'shop' },
      ],
      paginationToken: 'c1',
    });
    expect((await search('berlin')).results.map(({ value }) => value)).toEqual(['shop']);
    await search(undefined, 'c1');
    expect(calls[2]?.query.get('cursor')).toBe('c1');
  });

  it('fills fields that take several, over all pages', async () => {
    gateway({
      'GET /v1/sessions': [
        { body: { data, nextCursor: 'c1' } },
        { body: { data: [{ id: 'x', status: 'qr' }] } },
      ],
    });
    expect((await loadSessions.call(context())).map(({ value }) => value)).toEqual(['main', 'shop', 'x']);
  });

  it('shows what is wrong', async () => {
    gateway({ 'GET /v1/sessions': problem('invalid_key', 401) });
    await expect(search()).rejects.toThrow('Put a valid API key');
  });
});
