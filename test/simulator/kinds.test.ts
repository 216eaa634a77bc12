/**
 * Every kind of message that people send, as the real client hands it to its application.
 */
import { decryptPollVote, jidNormalizedUser, type WAMessage } from '@whiskeysockets/baileys';
import type { MessageContentInput } from '../../gateway/src/simulator/messages/kinds.js';
import { openStage, jid, type Stage } from './support/stage.js';
import type { TestClient } from './support/client.js';

let stage: Stage;
let number: string;
let client: TestClient;
let contact: string;
beforeAll(async () => {
  stage = await openStage();
  ({ number, client } = await stage.session({ emitOwnEvents: false }));
  contact = await stage.contact();
});
afterAll(async () => {
  expect(await stage.control.errors.list()).toEqual([]);
  await stage.close();
});

async function send(content: MessageContentInput, addressing: 'pn' | 'lid' = 'pn'): Promise<WAMessage> {
  const waId = await stage.control.sendTo(number, { from: contact, content, addressing });
  return client.waitFor(`the message ${waId}`, () => client.messages.find(({ key }) => key.id === waId));
}
const sent = async (text: string): Promise<string> =>
  (await client.socket.sendMessage(jid(contact), { text }))?.key.id ?? '';

test('text with a quote and a mention', async () => {
  const waId = await sent('original');
  const quote = { waId, author: number, text: 'original' };
  const { message } = await send({ kind: 'text', text: 'answer @x', quote, mentions: [number] });
  expect(message?.extendedTextMessage).toMatchObject({
    text: 'answer @x',
    contextInfo: { stanzaId: waId, participant: jid(number), mentionedJid: [jid(number)] },
  });
});

test('a disappearing message', async () => {
  const { message } = await send({ kind: 'text', text: 'soon gone', expiresInSeconds: 86_400 });
  expect(message?.ephemeralMessage?.message?.extendedTextMessage).toMatchObject({
    text: 'soon gone',
    contextInfo: { expiration: 86_400 },
  });
});

test('a reaction to a message of the session, and its removal', async () => {
  const waId = await sent('react to me');
  const { message } = await send({ kind: 'reaction', waId, author: number, emoji: '👍' });
  expect(message?.reactionMessage).toMatchObject({ text: '👍', key: { id: waId, fromMe: true } });
  const removal = await send({ kind: 'reaction', waId, author: number, emoji: '' });
  expect(removal.message?.reactionMessage?.text).toBe('');
});

test('an edit changes the earlier message', async () => {
  const first = await send({ kind: 'text', text: 'tpyo' });
  await send({ kind: 'edit', waId: first.key.id ?? '', text: 'typo' });
  const { update } = await client.waitFor('the edit', () =>
    client.updates.find(({ key }) => key.id === first.key.id),
  );
  expect(update.message?.editedMessage?.message?.conversation).toBe('typo');
});

test('a revoke empties the earlier message', async () => {
  const first = await send({ kind: 'text', text: 'regret' });
  await send({ kind: 'revoke', waId: first.key.id ?? '' });
  const { update } = await client.waitFor('the revoke', () =>
    client.updates.find(({ key }) => key.id === first.key.id),
  );
  expect(update.message).toBeNull();
});

test('places and people', async () => {
  const place = await send({ kind: 'location', latitude: 52.5, longitude: 13.4, name: 'Here' });
  expect(place.message?.locationMessage).toMatchObject({
    degreesLatitude: 52.5,
    degreesLongitude: 13.4,
    name: 'Here',
  });
  const live = await send({ kind: 'location', latitude: 1, longitude: 2, live: true });
  expect(live.message?.liveLocationMessage).toMatchObject({ degreesLatitude: 1 });
  const eve = { name: 'Eve', number: '4915550009999' };
  const card = await send({ kind: 'contacts', contacts: [eve] });
  expect(card.message?.contactMessage?.vcard).toContain('waid=4915550009999');
  const cards = await send({ kind: 'contacts', contacts: [eve, eve] });
  expect(cards.message?.contactsArrayMessage?.contacts).toHaveLength(2);
});

test('a poll from a contact', async () => {
  const { message } = await send({ kind: 'poll', question: 'Tea?', options: ['yes', 'no'] });
  expect(message?.pollCreationMessageV3).toMatchObject({
    name: 'Tea?',
    options: [{ optionName: 'yes' }, { optionName: 'no' }],
  });
});

test('a vote in a poll of the session can be decrypted by it', async () => {
  const poll = await client.socket.sendMessage(jid(contact), {
    poll: { name: 'Lunch?', values: ['now', 'later'] },
  });
  const pollId = poll?.key.id ?? '';
  await stage.control.messages.waitFor({ to: contact, waId: pollId });
  const { message } = await send({ kind: 'vote', waId: pollId, options: ['later'] });
  const vote = decryptPollVote(message?.pollUpdateMessage?.vote ?? {}, {
    pollCreatorJid: jidNormalizedUser(client.auth.creds.me?.id),
    pollMsgId: pollId,
    pollEncKey: poll?.message?.messageContextInfo?.messageSecret ?? new Uint8Array(),
    voterJid: jid(contact),
  });
  expect(vote.selectedOptions).toHaveLength(1);
});

test('a vote in a poll that the contact never saw is impossible', async () => {
  const vote = stage.control.sendTo(number, {
    from: contact,
    content: { kind: 'vote', waId: 'NONE', options: ['x'] },
  });
  await expect(vote).rejects.toMatchObject({ status: 422, code: 'impossible_message' });
});

test('replies to buttons, templates and lists', async () => {
  const waId = await sent('choose');
  const button = await send({ kind: 'button_reply', waId, id: 'yes', text: 'Yes' });
  expect(button.message?.buttonsResponseMessage).toMatchObject({
    selectedButtonId: 'yes',
    selectedDisplayText: 'Yes',
  });
  const template = await send({ kind: 'button_reply', waId, id: 'no', text: 'No', template: true });
  expect(template.message?.templateButtonReplyMessage).toMatchObject({ selectedId: 'no' });
  const list = await send({ kind: 'list_reply', waId, id: 'row-1', title: 'First' });
  expect(list.message?.listResponseMessage?.singleSelectReply?.selectedRowId).toBe('row-1');
});

test("a protobuf of one's own, here a view-once picture without its data", async () => {
  const viewOnceMessageV2 = {
    message: { imageMessage: { caption: 'once', viewOnce: true, mimetype: 'image/jpeg' } },
  };
  const { message } = await send({ kind: 'raw', message: { viewOnceMessageV2 } });
  expect(message?.viewOnceMessageV2?.message?.imageMessage).toMatchObject({
    caption: 'once',
    viewOnce: true,
  });
});

test('by LID: the application sees the LID and the number beside it', async () => {
  const { lid } = await stage.control.contact(contact);
  const { key } = await send({ kind: 'text', text: 'by lid' }, 'lid');
  expect(key).toMatchObject({ remoteJid: lid, remoteJidAlt: jid(contact), addressingMode: 'lid' });
  const { key: byNumber } = await send({ kind: 'text', text: 'by number' });
  expect(byNumber).toMatchObject({ remoteJid: jid(contact), remoteJidAlt: lid });
});

test('the client answers by LID and the same phone reads it', async () => {
  const { lid } = await stage.control.contact(contact);
  const waId = (await client.socket.sendMessage(lid, { text: 'to the lid' }))?.key.id ?? '';
  const [seen] = await stage.control.messages.waitFor({ to: contact, waId });
  expect(seen).toMatchObject({ text: 'to the lid', addressing: 'lid', chat: number });
  await client.waitFor('the receipt', () =>
    client.updates.find(({ key, update }) => key.id === waId && Number(update.status) === 3),
  );
});

test('a message typed on the own phone comes as sent by the session', async () => {
  const waId = await stage.control.type(number, { to: contact, text: 'typed on the phone' });
  const { key, message } = await client.waitFor('the copy', () =>
    client.messages.find((m) => m.key.id === waId),
  );
  expect(key).toMatchObject({ fromMe: true, remoteJid: jid(contact) });
  expect(message?.conversation).toBe('typed on the phone');
  const [seen] = await stage.control.messages.waitFor({ to: contact, waId });
  expect(seen).toMatchObject({ from: number, fromDevice: 0, encryption: 'none' });
});
