/**
 * Every kind of message that the real client sends, as the recipient's phone decrypts it.
 */
import { proto, type AnyMessageContent, type WAMessage } from '@whiskeysockets/baileys';
import { openStage, jid, type Stage } from './support/stage.js';
import type { TestClient } from './support/client.js';

let stage: Stage;
let number: string;
let client: TestClient;
let contact: string;
let original: WAMessage;
beforeAll(async () => {
  stage = await openStage();
  ({ number, client } = await stage.session({ emitOwnEvents: false }));
  contact = await stage.contact();
  const sent = await client.socket.sendMessage(jid(contact), { text: 'original' });
  if (!sent) throw new Error('nothing was sent');
  original = sent;
});
afterAll(async () => {
  expect(await stage.control.errors.list()).toEqual([]);
  await stage.close();
});

/** The protobuf that the contact saw, and how the stanza was marked. */
async function seenAs(send: () => Promise<WAMessage | string | undefined>): Promise<Record<string, unknown>> {
  const sent = await send();
  const waId = typeof sent === 'string' ? sent : (sent?.key.id ?? '');
  const [seen] = await stage.control.messages.waitFor({ to: contact, waId });
  const [copy] = await stage.control.messages.waitFor({ to: number, waId, copy: true });
  expect(copy).toMatchObject({ chat: contact, message: seen?.message });
  return seen?.message ?? {};
}
const send = (content: AnyMessageContent, options = {}): Promise<Record<string, unknown>> =>
  seenAs(() => client.socket.sendMessage(jid(contact), content, options));
const relay = (message: proto.IMessage): Promise<Record<string, unknown>> =>
  seenAs(() => client.socket.relayMessage(jid(contact), message, {}));

test('text with a quote and a mention from the client', async () => {
  const message = await send({ text: 'hello @x', mentions: [jid(contact)] }, { quoted: original });
  expect(message).toMatchObject({
    extendedTextMessage: {
      text: 'hello @x',
      contextInfo: { stanzaId: original.key.id, mentionedJid: [jid(contact)] },
    },
  });
});

test('a reaction from the client, and its removal', async () => {
  const key = { id: original.key.id, fromMe: true };
  expect(await send({ react: { text: '👍', key: original.key } })).toMatchObject({
    reactionMessage: { text: '👍', key },
  });
  expect(await send({ react: { text: '', key: original.key } })).toMatchObject({ reactionMessage: { key } });
});

test('an edit and a revoke from the client', async () => {
  const edited = await send({ text: 'better', edit: original.key });
  expect(JSON.stringify(edited)).toContain('"type":"MESSAGE_EDIT"');
  expect(JSON.stringify(edited)).toContain('better');
  expect(await send({ delete: original.key })).toMatchObject({
    protocolMessage: { type: 'REVOKE', key: { id: original.key.id } },
  });
});

test('a poll from the client, with the secret that votes need', async () => {
  const message = await send({ poll: { name: 'Tea?', values: ['yes', 'no'], selectableCount: 1 } });
  expect(message).toMatchObject({
    pollCreationMessageV3: { name: 'Tea?', options: [{ optionName: 'yes' }, { optionName: 'no' }] },
    messageContextInfo: { messageSecret: expect.any(String) as string },
  });
});

test('a location and contacts from the client', async () => {
  expect(
    await send({ location: { degreesLatitude: 52.5, degreesLongitude: 13.4, name: 'Here' } }),
  ).toMatchObject({
    locationMessage: { degreesLatitude: 52.5, degreesLongitude: 13.4, name: 'Here' },
  });
  const card = { displayName: 'Eve', vcard: 'BEGIN:VCARD\nVERSION:3.0\nFN:Eve\nEND:VCARD' };
  expect(await send({ contacts: { displayName: 'Eve', contacts: [card] } })).toMatchObject({
    contactMessage: { displayName: 'Eve', vcard: card.vcard },
  });
});

test('button and list replies from the client', async () => {
  const { Type } = proto.Message.ButtonsResponseMessage;
  const buttonsResponseMessage = {
    selectedButtonId: 'yes',
    selectedDisplayText: 'Yes',
    type: Type.DISPLAY_TEXT,
  };
  expect(await relay({ buttonsResponseMessage })).toMatchObject({
    buttonsResponseMessage: { selectedButtonId: 'yes' },
  });
  const listResponseMessage = { title: 'First', singleSelectReply: { selectedRowId: 'row-1' } };
  expect(await relay({ listResponseMessage })).toMatchObject({ listResponseMessage });
});

test('a disappearing message and a view-once one from the client', async () => {
  expect(await send({ text: 'soon gone' }, { ephemeralExpiration: 86_400 })).toMatchObject({
    extendedTextMessage: { text: 'soon gone', contextInfo: { expiration: 86_400 } },
  });
  const viewOnceMessageV2 = { message: { imageMessage: { caption: 'once', viewOnce: true } } };
  expect(await relay({ viewOnceMessageV2 })).toMatchObject({ viewOnceMessageV2 });
});
