/**
 * For each field of the nodes values that do not fit, and what is said about them. Used by badInput.test.ts.
 */
import { MESSAGE_IDS, SESSIONS, TO, long, newMessage, truth, whole, type BadInput } from './badInputParts';
import { SESSION_CASES } from './badSessionInput';

export const BAD_INPUT: BadInput[] = [
  {
    type: 'sendMessage',
    good: newMessage('text', { message: 'Hello' }),
    bad: {
      session: SESSIONS,
      to: [
        ['', 'it is empty'],
        ['0151 1234567', 'country code'],
        [{ phone: TO }, 'digits only'],
      ],
      message: [
        [' ', '"Message" is empty'],
        [null, '"Message" is empty'],
        [long(65_000), '65001 characters, 65000 fit'],
      ],
      sendInBatches: truth,
      'options.dryRun': truth,
      'options.expiresAt': [['soon', 'Write the date like']],
      'options.linkPreview': truth,
      'options.maxWaitSeconds': whole(0, 3600),
      'options.mentions': [
        ['Ann', 'A phone number has digits only'],
        ['120363012345678901@g.us', 'A group is not a person'],
        [['+4915112345678', '12'], 'this has 2'],
      ],
      'options.priority': whole(-100, 100),
      'options.reference': [[long(255), '255 fit']],
      'options.replyTo': [['the last one', 'Give the ID of a message']],
      'options.sendAt': [
        ['tomorrow', 'Write the date like'],
        [1767225600000, 'Write the date like'],
      ],
      'options.showTyping': truth,
      'options.skipUnreachable': truth,
      'options.waitFor': [['seen', 'Give one of none, sent, delivered, read']],
      'options.waitSeconds': whole(1, 60),
    },
  },
  {
    type: 'sendMessage',
    good: newMessage('text', { message: 'Hello', sendInBatches: true }),
    bad: { 'options.batchSize': whole(1, 10_000) },
  },
  {
    type: 'sendMessage',
    good: newMessage('location', { latitude: 1, longitude: 2 }),
    bad: {
      latitude: [
        [91, 'The latitude "91" is not valid'],
        ['', 'The latitude "" is not valid'],
      ],
      longitude: [['east', 'The longitude "east" is not valid']],
      placeName: [[long(255), '255 fit']],
      address: [[long(1000), '1000 fit']],
    },
  },
  {
    type: 'sendMessage',
    good: newMessage('contacts', {
      contactSource: 'fields',
      contactName: 'Ann',
      contactPhones: TO,
      vcard: 'needed as long as the source is not known',
    }),
    bad: {
      contactSource: [['phone book', 'Give one of fields, vcard']],
      contactName: [
        ['', '"Contact Name" is empty'],
        [long(255), '255 fit'],
      ],
      contactPhones: [
        ['', '"Contact Phones" is empty'],
        [`${TO}, 12`, 'this has 2'],
        ['4915112345678@c.us', 'digits only'],
      ],
    },
  },
  {
    type: 'sendMessage',
    good: newMessage('contacts', { contactSource: 'vcard', vcard: 'BEGIN:VCARD\nEND:VCARD' }),
    bad: {
      vcard: [
        ['', '"vCard" is empty'],
        ['Ann, 0151', 'is not a vCard'],
      ],
    },
  },
  {
    type: 'sendMessage',
    good: newMessage('poll', { question: 'Tea?', pollOptions: 'yes\nno' }),
    bad: {
      question: [
        ['', '"Question" is empty'],
        [long(255), '255 fit'],
      ],
      pollOptions: [
        ['yes\nyes', 'A poll needs 2 to 12 different answers, this has 1'],
        [['yes', long(100)], 'has 101 characters, 100 fit'],
      ],
      multiple: truth,
    },
  },
  {
    type: 'sendMessage',
    good: newMessage('sendAndWait', {
      message: 'May I?',
      waitAmount: 1,
      waitUnit: 'hours',
      limitWaitTime: true,
    }),
    bad: {
      limitWaitTime: truth,
      waitAmount: [
        [0, 'Give a number above zero'],
        ['long', 'The waiting time "long hours" is not valid'],
        [1e9, 'up to ten years'],
      ],
      waitUnit: [['weeks', 'Give one of minutes, hours, days']],
    },
  },
  { type: 'sendMessage', good: newMessage('reply', { message: 'Yes' }), bad: { messageId: MESSAGE_IDS } },
  {
    type: 'sendMessage',
    good: { resource: 'existingMessage', operation: 'react', to: TO, messageId: 'm' },
    bad: {
      messageId: MESSAGE_IDS,
      emoji: [
        ['two words', 'Give one emoji'],
        [long(32), 'Give one emoji'],
      ],
    },
  },
  {
    type: 'sendMessage',
    good: { resource: 'existingMessage', operation: 'getStatus' },
    bad: { messageId: MESSAGE_IDS },
  },
  {
    type: 'sendMedia',
    good: {
      to: TO,
      mediaKind: 'document',
      source: 'link',
      link: 'https://example.com/a.pdf',
      mediaId: 'needed as long as the source is not known',
    },
    bad: {
      session: SESSIONS,
      to: [['', 'it is empty']],
      mediaKind: [['hologram', 'Give one of media, image']],
      source: [['desk', 'Give one of binary, link, id']],
      link: [
        ['', '"Link" is empty'],
        ['file:///etc/passwd', 'beginning with https://'],
      ],
      caption: [[long(1024), '1024 fit']],
      sendInBatches: truth,
      'options.filename': [[long(255), '255 fit']],
      'options.gif': truth,
      'options.viewOnce': truth,
    },
  },
  {
    type: 'sendMedia',
    good: { to: TO, source: 'id', mediaId: 'med_1' },
    bad: {
      mediaId: [
        ['', '"Media ID" is empty'],
        ['a file', 'Give the ID of a file'],
      ],
    },
  },
  {
    type: 'sendMedia',
    good: { to: TO, source: 'binary' },
    bad: {
      binaryProperty: [
        ['', '"Input Binary Field" is empty'],
        ['photo', "binary file 'photo'"],
      ],
    },
  },
  ...SESSION_CASES,
];

/** Fields in which everything is good. */
export const ANY_FITS = ['approvalWords'];
