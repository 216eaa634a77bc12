/**
 * Groups, presence and read receipts through the API, with the real client: what WhatsApp is asked and what it sees.
 */
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { eventsOf, pair, useWorld } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550017001';
const BOB = '4915550017002';
const CAROL = '4915550017003';
let gateway: GatewayProcess;

interface GroupJson {
  jid: string;
  subject: string;
  size: number;
  owner: { phone: string | null };
  participants: { jid: string; phone: string | null; lid: string | null; role: string }[];
}

beforeAll(async () => {
  gateway = await world.start();
  for (const number of [BOB, CAROL]) await world.phone().createContact({ number, name: number });
  await pair(gateway, world.phone(), { id: 'chats', number: PHONE });
});

afterEach(() => world.phone().clearFaults());

const refusal = async (method: string, path: string, body?: object): Promise<[number, unknown]> => {
  const answer = await gateway.call<{ code?: string }>(method, `/v1/sessions/chats/${path}`, body);
  return [answer.status, answer.body.code];
};

describe('groups', () => {
  test.each(['pn', 'lid'] as const)('with their people, addressed by %s', async (addressing) => {
    const subject = `Team ${addressing}`;
    const { id } = await world.phone().createGroup({ subject, creator: BOB, members: [PHONE], addressing });
    const { data } = await gateway.ask<{ data: GroupJson[] }>('GET', '/v1/sessions/chats/groups');
    const listed = data.find(({ jid }) => jid === id);
    const one = await gateway.ask<GroupJson>('GET', `/v1/sessions/chats/groups/${id}`);
    expect(listed).toEqual(one);
    expect(one).toMatchObject({ jid: id, subject, size: 2, owner: { phone: BOB } });
    const people = one.participants.map(({ phone, role }) => [phone, role]);
    expect(people).toEqual(
      expect.arrayContaining([
        [BOB, 'superadmin'],
        [PHONE, 'member'],
      ]),
    );
    for (const { lid } of one.participants) expect(lid).toMatch(/^\d+@lid$/);
  });

  test('that are not there, or not of this number, or no group', async () => {
    const { id } = await world.phone().createGroup({ subject: 'Secret', creator: BOB, members: [CAROL] });
    expect(await refusal('GET', `groups/${id}`)).toEqual([404, 'group_not_found']);
    expect(await refusal('GET', 'groups/120363000000000000@g.us')).toEqual([404, 'group_not_found']);
    expect(await refusal('GET', `groups/${BOB}@s.whatsapp.net`)).toEqual([422, 'recipient_invalid']);
  });

  test('a query without an answer is no empty list', async () => {
    await world.phone().addFault({ kind: 'drop_query', session: PHONE, xmlns: 'w:g2', count: 1 });
    expect(await refusal('GET', 'groups')).toEqual([503, 'session_not_connected']);
  });
});

describe('presence', () => {
  test.each([
    ['typing', 'composing', BOB],
    ['recording', 'recording', BOB],
    ['paused', 'paused', BOB],
    ['composing', 'composing', CAROL],
  ])('%s is shown in the chat', async (state, type, chat) => {
    await gateway.ask('POST', '/v1/sessions/chats/presence', { chat: `+${chat}`, state });
    await world.phone().presences.waitFor({ from: PHONE, to: chat, type });
  });

  test('online and offline need no chat', async () => {
    for (const state of ['available', 'unavailable']) {
      await gateway.ask('POST', '/v1/sessions/chats/presence', { state });
      await world.phone().presences.waitFor({ from: PHONE, type: state });
    }
  });

  test('is refused when it does not fit', async () => {
    expect(await refusal('POST', 'presence', { state: 'typing' })).toEqual([400, 'invalid_request']);
    expect(await refusal('POST', 'presence', { chat: BOB, state: 'sleeping' })).toEqual([
      400,
      'invalid_request',
    ]);
    expect(await refusal('POST', 'presence', { chat: 'Bob', state: 'typing' })).toEqual([
      422,
      'recipient_invalid',
    ]);
  });
});

test('incoming messages are marked as read where they came in, directly and in a group', async () => {
  const phone = world.phone();
  const { id: group } = await phone.createGroup({ subject: 'Readers', creator: BOB, members: [PHONE] });
  const direct = await phone.sendTo(PHONE, { from: BOB, text: 'read me' });
  const inGroup = await phone.sendToGroup(group, { from: BOB, text: 'read me too' });
  await eventsOf(gateway, { sessionId: 'chats', type: 'message.received', count: 2 });
  const answer = await gateway.ask('POST', '/v1/sessions/chats/read', { messageIds: [direct, inGroup] });
  expect(answer).toEqual({ messageIds: [direct, inGroup] });
  for (const waId of [direct, inGroup])
    await phone.receipts.waitFor({ from: PHONE, to: BOB, waId, type: 'read' });
  expect(await refusal('POST', 'read', { messageIds: ['NEVER-CAME'] })).toEqual([404, 'message_not_found']);
  expect(await refusal('POST', 'read', { messageIds: [] })).toEqual([400, 'invalid_request']);
});

test('without a connection it is said, not pretended', async () => {
  await gateway.ask('POST', '/v1/sessions/chats/stop');
  await gateway.ask('GET', '/v1/sessions/chats?waitFor=stopped&timeoutSeconds=20');
  expect(await refusal('GET', 'groups')).toEqual([503, 'session_not_connected']);
  expect(await refusal('POST', 'presence', { chat: BOB, state: 'typing' })).toEqual([
    503,
    'session_not_connected',
  ]);
});

test('after all of it nothing was sent that the real server would have swallowed in silence', async () => {
  expect(await world.phone().errors.list()).toEqual([]);
});
