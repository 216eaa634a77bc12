/**
 * Every kind of message from the API to the simulated recipient's phone, with the real client: the decrypted protobuf
 * says what arrived. Kinds with a file are in kindsMedia, bad input in kindsBadInput.
 */
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { eventsOf, pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550011001';
const BOB = '4915550011002';
const CAROL = '4915550011003';
const BOB_JID = `${BOB}@s.whatsapp.net`;
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  for (const number of [BOB, CAROL]) await world.phone().createContact({ number, name: number });
  await pair(gateway, world.phone(), { id: 'kinds', number: PHONE });
});

interface Problem {
  code: string;
  errors?: { path: string; message: string }[];
}

const call = <T = MessageJson>(body: object, query = '') =>
  gateway.call<T>('POST', `/v1/messages${query}`, { sessionId: 'kinds', to: BOB, ...body });

/** Sends and waits until it is sent; answers the message and the protobuf that the phone decrypted. */
async function sent(body: object) {
  const answer = await call(body, '?wait=sent&timeoutSeconds=20');
  if (answer.status !== 200) throw new Error(`${String(answer.status)} ${JSON.stringify(answer.body)}`);
  expect(answer.body).toMatchObject({ status: expect.stringMatching(/^(sent|delivered)$/) as unknown });
  const [seen] = await world.phone().messages.waitFor({ to: BOB, waId: answer.body.waId });
  return { message: answer.body, seen: seen?.message as Record<string, Record<string, unknown>> };
}

async function refused(body: object): Promise<[number, string, string | undefined]> {
  const { status, body: problem } = await call<Problem>(body);
  return [status, problem.code, problem.errors?.[0]?.path];
}

const targetOf = (waId: string, fromMe: boolean) => ({ remoteJid: BOB_JID, fromMe, id: waId });

describe('what is said without a file', () => {
  test('a location', async () => {
    const location = { latitude: 52.5163, longitude: 13.3777, name: 'Gate', address: 'Pariser Platz' };
    const { seen, message } = await sent({ type: 'location', location });
    expect(message).toMatchObject({ type: 'location' });
    expect(seen.locationMessage).toMatchObject({
      degreesLatitude: 52.5163,
      degreesLongitude: 13.3777,
      name: 'Gate',
      address: 'Pariser Platz',
    });
  });

  test('one contact, several contacts, and a vCard', async () => {
    const ada = { name: 'Ada, Countess', phones: ['+49 155 5001-1004'] };
    const one = await sent({ type: 'contacts', contacts: [ada] });
    expect(one.seen.contactMessage).toEqual({
      displayName: 'Ada, Countess',
      vcard: [
        'BEGIN:VCARD',
        'VERSION:3.0',
        'FN:Ada\\, Countess',
        'TEL;type=CELL;type=VOICE;waid=4915550011004:+4915550011004',
        'END:VCARD',
      ].join('\n'),
    });
    const two = await sent({ type: 'contacts', contacts: [ada, { name: 'Bob', phones: ['4915550011005'] }] });
    expect(two.seen.contactsArrayMessage).toMatchObject({
      contacts: [{ displayName: 'Ada, Countess' }, { displayName: 'Bob' }],
    });
    const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Eve\\, Dr.\nTEL:+4930123456\nEND:VCARD';
    const card = await sent({ type: 'contacts', contacts: { vcard } });
    expect(card.seen.contactMessage).toEqual({ displayName: 'Eve, Dr.', vcard });
  });

  test('a poll with one answer and one with several, each with a secret for its votes', async () => {
    const poll = { question: 'When?', options: ['Today', 'Tomorrow'] };
    const single = await sent({ type: 'poll', poll });
    expect(single.seen.pollCreationMessageV3).toMatchObject({
      name: 'When?',
      options: [{ optionName: 'Today' }, { optionName: 'Tomorrow' }],
      selectableOptionsCount: 1,
    });
    const several = await sent({ type: 'poll', poll: { ...poll, multiple: true } });
    expect(several.seen.pollCreationMessage).toMatchObject({ name: 'When?', selectableOptionsCount: 0 });
    for (const { seen } of [single, several]) {
      const secret = String(seen.messageContextInfo?.messageSecret);
      expect(Buffer.from(secret, 'base64')).toHaveLength(32);
    }
    // The phone can encrypt a vote with that secret.
    await world.phone().sendTo(PHONE, {
      from: BOB,
      content: { kind: 'vote', waId: single.message.waId, options: ['Today'] },
    });
  });

  test('mentions in a text', async () => {
    const { seen } = await sent({ text: { body: `hi @${CAROL}`, mentions: [`+${CAROL}`] } });
    expect(seen.extendedTextMessage).toMatchObject({
      text: `hi @${CAROL}`,
      contextInfo: { mentionedJid: [`${CAROL}@s.whatsapp.net`] },
    });
  });

  test('a message whose time has passed expires unsent', async () => {
    const expiresAt = new Date(Date.now() - 1_000).toISOString();
    const { body } = await call({ text: 'late', expiresAt }, '?wait=sent&timeoutSeconds=20');
    expect(body).toMatchObject({ status: 'expired', error: { code: 'expired' } });
    expect(await world.phone().messages.list({ waId: body.waId })).toEqual([]);
  });
});

describe('what is about another message', () => {
  /** A message of Bob's that has become an event. */
  async function incoming(text: string): Promise<string> {
    const { length } = (await gateway.ask<{ data: unknown[] }>('GET', '/v1/events?types=message.received'))
      .data;
    const waId = await world.phone().sendTo(PHONE, { from: BOB, text });
    const events = await eventsOf(gateway, {
      sessionId: 'kinds',
      type: 'message.received',
      count: length + 1,
    });
    expect(events.at(-1)?.data.messageId).toBe(waId);
    return waId;
  }

  test('a reaction to ours, by our id and by WhatsApp’s, and taken back', async () => {
    const { message } = await sent({ text: 'react to me' });
    const first = await sent({ type: 'reaction', reaction: { messageId: message.id, emoji: '👍' } });
    expect(first.seen.reactionMessage).toMatchObject({ key: targetOf(message.waId, true), text: '👍' });
    const back = await sent({ type: 'reaction', reaction: { messageId: message.waId, emoji: '' } });
    expect(back.seen.reactionMessage).toMatchObject({ key: targetOf(message.waId, true) });
    expect(back.seen.reactionMessage?.text ?? '').toBe('');
  });

  test('a reaction to what came in', async () => {
    const waId = await incoming('lovely');
    const { seen } = await sent({ type: 'reaction', reaction: { messageId: waId, emoji: '❤️' } });
    expect(seen.reactionMessage).toMatchObject({ key: targetOf(waId, false), text: '❤️' });
  });

  test('an edit and a deletion name the message and stand on the stanza', async () => {
    const { message } = await sent({ text: 'helo' });
    const edit = await sent({ type: 'edit', edit: { messageId: message.id, body: 'hello' } });
    expect(edit.seen.protocolMessage).toMatchObject({
      key: targetOf(message.waId, true),
      type: 'MESSAGE_EDIT',
      editedMessage: { extendedTextMessage: { text: 'hello' } },
    });
    const revoke = await sent({ type: 'revoke', revoke: { messageId: message.waId } });
    expect(revoke.seen.protocolMessage).toMatchObject({ key: targetOf(message.waId, true) });
    // REVOKE is the enum's zero.
    expect(revoke.seen.protocolMessage?.type ?? 'REVOKE').toBe('REVOKE');
    // Without the attribute phones take either for an unknown message, and say nothing.
    const attributeOf = async ({ waId }: MessageJson) =>
      (await world.phone().messages.list({ waId, to: BOB, device: 0 })).map(({ edit: value }) => value);
    expect(await attributeOf(message)).toEqual([null]);
    expect(await attributeOf(edit.message)).toEqual(['1']);
    expect(await attributeOf(revoke.message)).toEqual(['7']);
  });

  test('a reply quotes ours and what came in, also in another kind than text', async () => {
    const { message } = await sent({ text: 'the question' });
    const reply = await sent({ text: 'the answer', context: { messageId: message.id } });
    expect(reply.seen.extendedTextMessage).toMatchObject({
      text: 'the answer',
      contextInfo: {
        stanzaId: message.waId,
        participant: `${PHONE}@s.whatsapp.net`,
        quotedMessage: { extendedTextMessage: { text: 'the question' } },
      },
    });
    const waId = await incoming('where are you?');
    const location = { latitude: 1, longitude: 2 };
    const place = await sent({ type: 'location', location, context: { messageId: waId } });
    const { contextInfo } = place.seen.locationMessage as { contextInfo: Record<string, unknown> };
    expect(contextInfo).toMatchObject({ stanzaId: waId, participant: BOB_JID });
    expect(JSON.stringify(contextInfo.quotedMessage)).toContain('where are you?');
  });

  test('is refused when it does not fit', async () => {
    const theirs = await incoming('mine');
    const { message } = await sent({ text: 'ours' });
    const place = await sent({ type: 'location', location: { latitude: 1, longitude: 2 } });
    const react = (messageId: string, more: object = {}) => ({
      type: 'reaction',
      reaction: { messageId, emoji: '👍' },
      ...more,
    });
    expect(await refused(react('msg_unknown'))).toEqual([404, 'message_not_found', undefined]);
    expect(await refused({ text: 'x', context: { messageId: 'NOBODY' } })).toEqual([
      404,
      'message_not_found',
      undefined,
    ]);
    expect(await refused(react(message.id, { to: CAROL }))).toEqual([400, 'invalid_request', 'to']);
    expect(await refused(react(theirs, { to: CAROL }))).toEqual([400, 'invalid_request', 'to']);
    const edit = (messageId: string) => ({ type: 'edit', edit: { messageId, body: 'x' } });
    expect(await refused(edit(theirs))).toEqual([409, 'invalid_state', undefined]);
    expect(await refused({ type: 'revoke', revoke: { messageId: theirs } })).toEqual([
      409,
      'invalid_state',
      undefined,
    ]);
    expect(await refused(edit(place.message.id))).toEqual([409, 'invalid_state', undefined]);
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const { body: scheduled } = await call({ text: 'later', sendAt: later });
    expect(await refused(edit(scheduled.id))).toEqual([409, 'invalid_state', undefined]);
  });
});

test('after all of it nothing was sent that the real server would have swallowed in silence', async () => {
  expect(await world.phone().errors.list()).toEqual([]);
});
