import type { proto } from '@whiskeysockets/baileys';
import { eventOf, TEXT } from './entries.js';

const media = { mimetype: 'image/jpeg', fileLength: 5, fileSha256: Buffer.from([1, 2]) };

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
    ['an ephemeral text', { ephemeralMessage: { message: TEXT } }, { kind: 'text', text: 'Hello' }],
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
      { pinInChatMessage: { key: { id: 'P1' } } },
      { kind: 'unsupported', typeName: 'pinInChatMessage' },
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
