import { proto } from '@whiskeysockets/baileys';
import type { StanzaAttributes } from '../../../gateway/src/store/inbox.js';
import { BOB, eventOf, ignored, STANZA, TEXT } from './entries.js';

const { Type } = proto.Message.ProtocolMessage;

test('a text, with who sent it, where and when', () => {
  expect(eventOf(TEXT)).toEqual({
    type: 'message.received',
    sessionId: 's1',
    dedupeKey: `in:${BOB}@s.whatsapp.net:${BOB}@s.whatsapp.net:A1`,
    data: {
      messageId: 'A1',
      from: { phone: BOB, lid: null, jid: `${BOB}@s.whatsapp.net`, name: 'Bob' },
      chat: { jid: `${BOB}@s.whatsapp.net`, kind: 'direct', name: null },
      fromMe: false,
      offline: false,
      sentAt: '2026-01-01T00:00:00.000Z',
      kind: 'text',
      text: 'Hello',
      media: null,
      location: null,
      contacts: null,
      reaction: null,
      quoted: null,
      mentions: [],
      forwarded: false,
      viewOnce: false,
    },
  });
});

describe('what is about another message', () => {
  const key = { id: 'T1', remoteJid: STANZA.from };

  test('a reaction, and its withdrawal', () => {
    const given = eventOf({ reactionMessage: { key, text: '👍' } });
    expect(given.type).toBe('message.reaction');
    expect(given.data.reaction).toEqual({ messageId: 'T1', emoji: '👍' });
    expect(eventOf({ reactionMessage: { key, text: '' } }).data.reaction).toMatchObject({ emoji: '' });
  });

  test('an edit', () => {
    const edit = { protocolMessage: { key, type: Type.MESSAGE_EDIT, editedMessage: TEXT } };
    for (const message of [edit, { editedMessage: { message: edit } }]) {
      const event = eventOf(message);
      expect(event.type).toBe('message.edited');
      expect(event.data).toMatchObject({ editedMessageId: 'T1', text: 'Hello' });
    }
  });

  test('a message that was taken back', () => {
    const event = eventOf({ protocolMessage: { key, type: Type.REVOKE } });
    expect(event.type).toBe('message.revoked');
    expect(event.data.revokedMessageId).toBe('T1');
  });
});

describe('what is no message of a person', () => {
  test.each<[string, proto.IMessage, string]>([
    [
      'key distribution alone',
      { senderKeyDistributionMessage: { groupId: '1@g.us' } },
      'a key for messages to come',
    ],
    [
      'settings',
      { protocolMessage: { type: Type.EPHEMERAL_SETTING } },
      'a message for the protocol: EPHEMERAL_SETTING',
    ],
    ['nothing', {}, 'a message without content'],
    [
      'an album, whose pictures follow',
      { albumMessage: { expectedImageCount: 2 } },
      'it announces an album, whose pictures are messages of their own',
    ],
  ])('%s', (_name, message, why) => {
    expect(ignored(message)).toBe(why);
  });

  test('key distribution along with a text is a text', () => {
    expect(eventOf({ senderKeyDistributionMessage: { groupId: '1@g.us' }, ...TEXT }).data.text).toBe('Hello');
  });

  test.each<[string, StanzaAttributes]>([
    ['by the phone', { from: '4915550001001:3@s.whatsapp.net' }],
    ['by the LID', { from: '99:2@lid' }],
    ['in a group', { from: '1203@g.us', participant: '99:2@lid' }],
  ])('our own message is ignored: %s', (_name, stanza) => {
    expect(ignored(TEXT, stanza)).toBe('sent by this account itself');
  });

  test.each(['status@broadcast', '120363@newsletter', 'nonsense'])('%s is no chat', (from) => {
    expect(ignored(TEXT, { from })).toBe('not a chat with a person or a group');
  });
});

describe('one person is one chat', () => {
  const byPhone = eventOf(TEXT, { from: `${BOB}:12@s.whatsapp.net`, sender_lid: '77@lid' });
  const byLid = eventOf(TEXT, { from: '77:3@lid', sender_pn: `${BOB}@s.whatsapp.net` });

  test('whether the message came by phone number or by LID', () => {
    expect(byLid.data.chat).toEqual(byPhone.data.chat);
    expect(byLid.data.from).toEqual({ ...(byPhone.data.from as object), lid: '77@lid' });
    expect(byLid.dedupeKey).toBe(byPhone.dedupeKey);
  });

  test('a LID without a phone number is named by the LID', () => {
    expect(eventOf(TEXT, { from: '77:3@lid' }).data).toMatchObject({
      from: { phone: null, lid: '77@lid', jid: '77@lid' },
      chat: { jid: '77@lid', kind: 'direct' },
    });
  });

  test('in a group the chat is the group and the sender a person', () => {
    const event = eventOf(TEXT, {
      from: '1203@g.us',
      participant: '77:3@lid',
      participant_pn: `${BOB}@s.whatsapp.net`,
    });
    expect(event.data).toMatchObject({
      from: { phone: BOB, lid: '77@lid' },
      chat: { jid: '1203@g.us', kind: 'group' },
    });
  });
});

test('a stanza without a usable time has the time of its arrival', () => {
  for (const t of ['soon', '99999999999999999999']) {
    expect(eventOf(TEXT, { t }).data.sentAt).toBe('2026-01-01T00:00:01.000Z');
  }
});

test('what came while nobody was connected says so', () => {
  expect(eventOf(TEXT, { offline: '1' }).data.offline).toBe(true);
});
