import { proto } from '@whiskeysockets/baileys';
import type { InboxEntry, StanzaAttributes } from '../../../gateway/src/store/inbox.js';
import { fromWhatsApp } from '../../../gateway/src/whatsapp/fromWhatsApp.js';

const ME = { phone: '4915550001001', lid: '99@lid' };
const BOB = '4915112345678';
const STANZA: StanzaAttributes = {
  id: 'A1',
  from: `${BOB}@s.whatsapp.net`,
  t: '1767225600',
  notify: 'Bob',
};

const { Type } = proto.Message.ProtocolMessage;

/** As it comes out of decryption: encoded, with WhatsApp's padding. */
function entryOf(message: proto.IMessage | Buffer, stanza: StanzaAttributes = {}): InboxEntry {
  const bytes = Buffer.isBuffer(message)
    ? message
    : Buffer.concat([Buffer.from(proto.Message.encode(message).finish()), Buffer.from([3, 3, 3])]);
  return {
    position: 1,
    sessionId: 's1',
    stanza: { ...STANZA, ...stanza },
    plaintext: bytes,
    receivedAt: 1_767_225_601_000,
  };
}

function eventOf(message: proto.IMessage | Buffer, stanza?: StanzaAttributes) {
  const converted = fromWhatsApp(entryOf(message, stanza), ME);
  if ('ignored' in converted) throw new Error(`ignored: ${converted.ignored}`);
  return converted.event;
}

const ignored = (message: proto.IMessage, stanza?: StanzaAttributes): string | null => {
  const converted = fromWhatsApp(entryOf(message, stanza), ME);
  return 'ignored' in converted ? converted.ignored : null;
};

const inner = { conversation: 'Hello' };
const media = { mimetype: 'image/jpeg', fileLength: 5, fileSha256: Buffer.from([1, 2]) };

test('a text, with who sent it, where and when', () => {
  expect(eventOf(inner)).toEqual({
    type: 'message.received',
    sessionId: 's1',
    dedupeKey: `in:${BOB}@s.whatsapp.net:${BOB}@s.whatsapp.net:A1`,
    data: {
      messageId: 'A1',
      from: { phone: BOB, lid: null, jid: `${BOB}@s.whatsapp.net`, name: 'Bob' },
      chat: { jid: `${BOB}@s.whatsapp.net`, kind: 'direct', name: null },
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
    },
  });
});

describe('what a message says', () => {
  const cases: [string, proto.IMessage, Record<string, unknown>][] = [
    [
      'a text with a quote and mentions',
      {
        extendedTextMessage: {
          text: 'yes @1',
          contextInfo: {
            stanzaId: 'Q1',
            quotedMessage: { conversation: 'really?' },
            mentionedJid: ['1@s.whatsapp.net'],
            isForwarded: true,
          },
        },
      },
      {
        kind: 'text',
        text: 'yes @1',
        quoted: { messageId: 'Q1', text: 'really?' },
        mentions: ['1@s.whatsapp.net'],
        forwarded: true,
      },
    ],
    ['an ephemeral text', { ephemeralMessage: { message: inner } }, { kind: 'text', text: 'Hello' }],
    [
      'a view-once image in an ephemeral chat',
      {
        ephemeralMessage: {
          message: { viewOnceMessageV2: { message: { imageMessage: { ...media, caption: 'look' } } } },
        },
      },
      { kind: 'image', text: 'look' },
    ],
    [
      'an image',
      { imageMessage: { ...media, caption: 'look' } },
      {
        kind: 'image',
        text: 'look',
        media: expect.objectContaining({ mimeType: 'image/jpeg', sizeBytes: 5, sha256: '0102' }),
      },
    ],
    ['a video', { videoMessage: { ...media, caption: 'film' } }, { kind: 'video', text: 'film' }],
    ['a voice note', { audioMessage: { ...media, ptt: true } }, { kind: 'audio', text: null }],
    [
      'a document with a caption',
      {
        documentWithCaptionMessage: {
          message: { documentMessage: { ...media, fileName: 'bill.pdf', caption: 'the bill' } },
        },
      },
      { kind: 'document', text: 'the bill', media: expect.objectContaining({ filename: 'bill.pdf' }) },
    ],
    ['a sticker', { stickerMessage: media }, { kind: 'sticker', text: null }],
    [
      'a place',
      { locationMessage: { degreesLatitude: 52.5, degreesLongitude: 13.4, name: 'Berlin' } },
      {
        kind: 'location',
        location: { latitude: 52.5, longitude: 13.4, name: 'Berlin', address: null, live: false },
      },
    ],
    [
      'a live location',
      { liveLocationMessage: { degreesLatitude: 1, degreesLongitude: 2, caption: 'on my way' } },
      { kind: 'location', text: 'on my way', location: expect.objectContaining({ live: true }) },
    ],
    [
      'one contact',
      { contactMessage: { displayName: 'Eve', vcard: 'BEGIN:VCARD' } },
      { kind: 'contacts', contacts: [{ name: 'Eve', vcard: 'BEGIN:VCARD' }] },
    ],
    [
      'several contacts',
      { contactsArrayMessage: { contacts: [{ displayName: 'Eve' }, { displayName: 'Ann' }] } },
      {
        kind: 'contacts',
        contacts: [expect.objectContaining({ name: 'Eve' }), expect.objectContaining({ name: 'Ann' })],
      },
    ],
    [
      'a poll',
      { pollCreationMessageV3: { name: 'Lunch?', options: [{ optionName: 'yes' }, { optionName: 'no' }] } },
      { kind: 'poll', text: 'Lunch?', poll: { question: 'Lunch?', options: ['yes', 'no'] } },
    ],
    [
      'the answer to a button',
      { buttonsResponseMessage: { selectedButtonId: 'b1', selectedDisplayText: 'Yes' } },
      { kind: 'button_reply', text: 'Yes', reply: { id: 'b1', title: 'Yes' } },
    ],
    [
      'the answer to a template',
      { templateButtonReplyMessage: { selectedId: 't1', selectedDisplayText: 'No' } },
      { kind: 'button_reply', text: 'No', reply: { id: 't1', title: 'No' } },
    ],
    [
      'the answer to a list',
      { listResponseMessage: { title: 'Large', singleSelectReply: { selectedRowId: 'r1' } } },
      { kind: 'list_reply', text: 'Large', reply: { id: 'r1', title: 'Large' } },
    ],
    [
      'a kind that is not known',
      { groupInviteMessage: { groupName: 'us' } },
      { kind: 'unsupported', typeName: 'groupInviteMessage' },
    ],
  ];

  test.each(cases)('%s', (_name, message, expected) => {
    const event = eventOf(message);
    expect(event.type).toBe('message.received');
    expect(event.data).toMatchObject(expected);
  });

  test('bytes that are no message are told, not dropped', () => {
    expect(eventOf(Buffer.from([0]))).toMatchObject({
      data: { kind: 'unsupported', typeName: 'undecodable' },
    });
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
    const edit = { protocolMessage: { key, type: Type.MESSAGE_EDIT, editedMessage: inner } };
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
  test.each<[string, proto.IMessage]>([
    ['key distribution alone', { senderKeyDistributionMessage: { groupId: '1@g.us' } }],
    ['settings', { protocolMessage: { type: Type.EPHEMERAL_SETTING } }],
    ['nothing', {}],
  ])('%s', (_name, message) => {
    expect(ignored(message)).toBe('a message for the protocol, not for a person');
  });

  test('key distribution along with a text is a text', () => {
    expect(eventOf({ senderKeyDistributionMessage: { groupId: '1@g.us' }, ...inner }).data.text).toBe(
      'Hello',
    );
  });

  test.each<[string, StanzaAttributes]>([
    ['by the phone', { from: '4915550001001:3@s.whatsapp.net' }],
    ['by the LID', { from: '99:2@lid' }],
    ['in a group', { from: '1203@g.us', participant: '99:2@lid' }],
  ])('our own message is ignored: %s', (_name, stanza) => {
    expect(ignored(inner, stanza)).toBe('sent by this account itself');
  });

  test.each(['status@broadcast', '120363@newsletter', 'nonsense'])('%s is no chat', (from) => {
    expect(ignored(inner, { from })).toBe('not a chat with a person or a group');
  });
});

describe('one person is one chat', () => {
  const byPhone = eventOf(inner, { from: `${BOB}:12@s.whatsapp.net`, sender_lid: '77@lid' });
  const byLid = eventOf(inner, { from: '77:3@lid', sender_pn: `${BOB}@s.whatsapp.net` });

  test('whether the message came by phone number or by LID', () => {
    expect(byLid.data.chat).toEqual(byPhone.data.chat);
    expect(byLid.data.from).toEqual({ ...(byPhone.data.from as object), lid: '77@lid' });
    expect(byLid.dedupeKey).toBe(byPhone.dedupeKey);
  });

  test('a LID without a phone number is named by the LID', () => {
    expect(eventOf(inner, { from: '77:3@lid' }).data).toMatchObject({
      from: { phone: null, lid: '77@lid', jid: '77@lid' },
      chat: { jid: '77@lid', kind: 'direct' },
    });
  });

  test('in a group the chat is the group and the sender a person', () => {
    const event = eventOf(inner, {
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
    expect(eventOf(inner, { t }).data.sentAt).toBe('2026-01-01T00:00:01.000Z');
  }
});

test('what came while nobody was connected says so', () => {
  expect(eventOf(inner, { offline: '1' }).data.offline).toBe(true);
});
