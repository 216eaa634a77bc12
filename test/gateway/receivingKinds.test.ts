/**
 * Every kind of message, call and group change that a simulated WhatsApp sends, with the real client: each is an event
 * with its content, from people and groups, by phone number and by LID.
 */
import type { IncomingMessage } from '../../gateway/src/simulator/control/schemas.js';
import type { GatewayProcess, Json } from '../support/gatewayProcess.js';
import { eventsOf, pair, useWorld, type EventJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550014001';
const BOB = '4915550014002';
const EVE = '4915550014003';
const SESSION = 'kinds-in';
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  await world.phone().createContacts([
    { number: BOB, name: 'Bob' },
    { number: EVE, name: 'Eve' },
  ]);
  await pair(gateway, world.phone(), { id: SESSION, number: PHONE });
});

const lastSeq = async (): Promise<number> => {
  const { data } = await gateway.ask<{ data: EventJson[] }>(
    'GET',
    `/v1/events?sessionId=${SESSION}&afterSeq=0&limit=200`,
  );
  return data.at(-1)?.seq ?? 0;
};

/** The next event of a type after what `act` does. */
async function eventAfter(type: string, act: () => Promise<unknown>): Promise<EventJson> {
  const afterSeq = await lastSeq();
  await act();
  const { data } = await gateway.ask<{ data: EventJson[] }>(
    'GET',
    `/v1/events?sessionId=${SESSION}&types=${type}&afterSeq=${String(afterSeq)}&waitSeconds=15`,
  );
  const [event] = data;
  if (!event) throw new Error(`no ${type} came\n${gateway.output()}`);
  return event;
}

const received = (message: Omit<IncomingMessage, 'from'>): Promise<EventJson> =>
  eventAfter('message.received', () => world.phone().sendTo(PHONE, { from: BOB, ...message }));

test.each<[string, IncomingMessage['content'], Json]>([
  [
    'a forwarded text with a quote and a mention',
    {
      kind: 'text',
      text: 'yes',
      quote: { waId: 'Q1', author: BOB, text: 'really?' },
      mentions: [EVE],
      forwarded: true,
    },
    {
      kind: 'text',
      text: 'yes',
      quoted: { messageId: 'Q1', text: 'really?', from: expect.objectContaining({ phone: BOB }) as Json },
      mentions: [`${EVE}@s.whatsapp.net`],
      forwarded: true,
    },
  ],
  [
    'a disappearing text',
    { kind: 'text', text: 'soon gone', expiresInSeconds: 86_400 },
    { kind: 'text', text: 'soon gone' },
  ],
  [
    'a place',
    { kind: 'location', latitude: 52.5, longitude: 13.4, name: 'Berlin', address: 'Mitte' },
    {
      kind: 'location',
      location: { latitude: 52.5, longitude: 13.4, name: 'Berlin', address: 'Mitte', live: false },
    },
  ],
  [
    'a live location',
    { kind: 'location', latitude: 1, longitude: 2, live: true },
    { kind: 'location', location: expect.objectContaining({ live: true }) },
  ],
  [
    'contact cards',
    { kind: 'contacts', contacts: [{ name: 'Eve', number: EVE }] },
    { kind: 'contacts', contacts: [expect.objectContaining({ name: 'Eve', phones: [EVE] })] },
  ],
  [
    'the answer to a button',
    { kind: 'button_reply', waId: 'B1', id: 'yes', text: 'Yes!' },
    {
      kind: 'button_reply',
      text: 'Yes!',
      reply: { id: 'yes', title: 'Yes!' },
      quoted: expect.objectContaining({ messageId: 'B1' }),
    },
  ],
  [
    'the answer to a list',
    { kind: 'list_reply', waId: 'L1', id: 'r1', title: 'Large', description: 'XL' },
    { kind: 'list_reply', text: 'Large', reply: { id: 'r1', title: 'Large', description: 'XL' } },
  ],
  [
    'a template of a business',
    {
      kind: 'raw',
      message: {
        templateMessage: {
          hydratedTemplate: {
            hydratedTitleText: 'Order 7',
            hydratedContentText: 'is on its way',
            hydratedButtons: [{ index: 0, quickReplyButton: { displayText: 'Thanks', id: 'thx' } }],
          },
        },
      },
    },
    { kind: 'text', text: 'Order 7\nis on its way', buttons: [{ id: 'thx', title: 'Thanks', url: null }] },
  ],
  [
    'a kind that nobody knows',
    { kind: 'raw', message: { pinInChatMessage: { type: 'PIN_FOR_ALL', key: { id: 'P1' } } } },
    { kind: 'unsupported', typeName: 'pinInChatMessage' },
  ],
])('%s', async (_name, content, expected) => {
  const event = await received({ content });
  expect(event.data).toMatchObject(expected);
  const bob = await world.phone().contact(BOB);
  expect(event.data).toMatchObject({
    from: { phone: BOB, lid: bob.lid, name: 'Bob' },
    chat: { jid: `${BOB}@s.whatsapp.net`, kind: 'direct' },
    offline: false,
  });
});

test('reactions, edits and revokes name the message that they change', async () => {
  const waId = await world.phone().sendTo(PHONE, { from: BOB, text: 'first' });
  const say = (content: IncomingMessage['content']) => () =>
    world.phone().sendTo(PHONE, { from: BOB, content });
  const reaction = await eventAfter(
    'message.reaction',
    say({ kind: 'reaction', waId, author: BOB, emoji: '🎉' }),
  );
  expect(reaction.data.reaction).toEqual({ messageId: waId, emoji: '🎉' });
  const edit = await eventAfter('message.edited', say({ kind: 'edit', waId, text: 'second' }));
  expect(edit.data).toMatchObject({ editedMessageId: waId, kind: 'text', text: 'second' });
  const revoke = await eventAfter('message.revoked', say({ kind: 'revoke', waId }));
  expect(revoke.data).toMatchObject({ revokedMessageId: waId, chat: { jid: `${BOB}@s.whatsapp.net` } });
});

test('votes in a poll of ours are decrypted and counted, and the last vote of each counts', async () => {
  const poll = await gateway.ask<{ waId: string }>('POST', '/v1/messages?wait=sent', {
    sessionId: SESSION,
    to: BOB,
    type: 'poll',
    poll: { question: 'Lunch?', options: ['Pizza', 'Soup'] },
  });
  await world.phone().messages.waitFor({ to: BOB, waId: poll.waId });
  const vote = (option: string, addressing: 'pn' | 'lid') =>
    eventAfter('poll.vote', () =>
      world.phone().sendTo(PHONE, {
        from: BOB,
        addressing,
        content: { kind: 'vote', waId: poll.waId, options: [option] },
      }),
    );
  expect((await vote('Pizza', 'pn')).data).toMatchObject({
    pollMessageId: poll.waId,
    question: 'Lunch?',
    selectedOptions: ['Pizza'],
    results: [
      { option: 'Pizza', votes: 1 },
      { option: 'Soup', votes: 0 },
    ],
    voters: 1,
    error: null,
  });
  expect((await vote('Soup', 'lid')).data).toMatchObject({
    selectedOptions: ['Soup'],
    results: [
      { option: 'Pizza', votes: 0 },
      { option: 'Soup', votes: 1 },
    ],
    voters: 1,
  });
});

test('a call is one event, also when it ends', async () => {
  const call = await eventAfter('call.received', async () => {
    const callId = await world.phone().call(PHONE, { from: BOB, video: true });
    await world.phone().call(PHONE, { from: BOB, callId, event: 'terminate' });
    await world.phone().sendTo(PHONE, { from: BOB, text: 'after the call' });
  });
  expect(call.data).toMatchObject({ from: { phone: BOB }, video: true, status: 'ringing' });
  await eventsOf(gateway, { sessionId: SESSION, type: 'call.received', count: 1 });
  const { data } = await gateway.ask<{ data: EventJson[] }>(
    'GET',
    `/v1/events?sessionId=${SESSION}&types=call.received&afterSeq=0`,
  );
  expect(data).toHaveLength(1);
});

test('a group: that it began, what is written in it, and who comes', async () => {
  const created = { group: { id: '' } };
  const began = await eventAfter('group.updated', async () => {
    created.group = await world.phone().createGroup({ subject: 'Lunch', creator: BOB, members: [PHONE] });
  });
  const { id } = created.group;
  expect(began.data).toMatchObject({ chat: { jid: id, kind: 'group', name: 'Lunch' }, action: 'created' });
  const text = await eventAfter('message.received', () =>
    world.phone().sendToGroup(id, { from: BOB, text: 'who comes?' }),
  );
  const bob = await world.phone().contact(BOB);
  expect(text.data).toMatchObject({
    from: { phone: BOB, lid: bob.lid },
    chat: { jid: id, kind: 'group' },
    text: 'who comes?',
  });
  const came = await eventAfter('group.updated', () =>
    world.phone().changeGroup(id, { actor: BOB, action: 'add', members: [EVE] }),
  );
  expect(came.data).toMatchObject({
    action: 'participants_added',
    from: { phone: BOB },
    participants: [expect.objectContaining({ phone: EVE })],
  });
});

test('what the owner types on the phone is an event only when that is wanted', async () => {
  const type = (text: string) => () => world.phone().type(PHONE, { to: BOB, text });
  await type('not wanted')();
  await gateway.ask('PATCH', `/v1/sessions/${SESSION}`, { ownMessages: true });
  const own = await eventAfter('message.received', type('wanted'));
  expect(own.data).toMatchObject({
    text: 'wanted',
    fromMe: true,
    from: { phone: PHONE },
    chat: { jid: `${BOB}@s.whatsapp.net`, kind: 'direct' },
  });
  await gateway.ask('PATCH', `/v1/sessions/${SESSION}`, { ownMessages: false });
});
