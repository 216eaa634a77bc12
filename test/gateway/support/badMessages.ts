/**
 * For each kind of message a valid body, and for each of its fields what it must refuse. Used through support/spoilt.
 */
import type { Json } from '../../support/gatewayProcess.js';

/** A value that a field must refuse; `code` where the field itself fits and what it names does not. */
export interface Bad {
  what: string;
  value: unknown;
  code?: string;
}

export const bad = (what: string, value: unknown, code?: string): Bad => ({
  what,
  value,
  ...(code !== undefined && { code }),
});

const numberThere = bad('a number', 5);
const textThere = bad('text', 'yes');
const listThere = bad('a list', []);
const objectThere = bad('an object', {});
const nullThere = bad('null', null);
export const long = (length: number): Bad => bad(`${String(length)} characters`, 'x'.repeat(length));
const many = (count: number, one: (index: number) => unknown): Bad =>
  bad(
    `${String(count)} entries`,
    Array.from({ length: count }, (_, index) => one(index)),
  );

export const noText = [numberThere, listThere, objectThere, nullThere, bad('true', true)];
export const empty = bad('nothing', '');
const blank = bad('only spaces', '   ');
const noFlag = [textThere, numberThere, nullThere, empty, bad('text that looks like one', 'true')];
const noNumber = [textThere, empty, nullThere, bad('text that looks like one', '1'), listThere];
const noObject = [numberThere, nullThere, textThere, listThere, bad('true', true)];
const noList = [numberThere, nullThere, textThere, objectThere];
const noTime = [
  ...noText,
  empty,
  bad('words', 'tomorrow'),
  bad('a day', '2031-01-01'),
  bad('no time zone', '2031-01-01T10:00:00'),
  bad('a day that never comes', '2031-02-30T10:00:00Z'),
  long(400),
];
const noId = [...noText, empty, bad('spaces', 'a b'), bad('a path', '../../etc/passwd'), long(129)];
const noMessage = [...noId, bad('an unknown id', 'msg_unknown', 'message_not_found')];

/** Fields that every kind has. */
export const COMMON: Record<string, Bad[]> = {
  sessionId: [
    ...noText,
    empty,
    bad('a space', 'a b'),
    long(65),
    bad('an unknown one', 'nobody', 'session_not_found'),
  ],
  to: [
    ...noText,
    empty,
    bad('only spaces', '   ', 'recipient_invalid'),
    long(101),
    bad('a name', 'Bob', 'recipient_invalid'),
    bad('too few digits', '12345', 'recipient_invalid'),
    bad('too many digits', '1234567890123456', 'recipient_invalid'),
    bad('a national number', '0155 5000 7002', 'recipient_invalid'),
    bad('a status broadcast', 'status@broadcast', 'recipient_invalid'),
    bad('another domain', '4915550012002@example.com', 'recipient_invalid'),
  ],
  sendAt: noTime,
  expiresAt: noTime,
  priority: [...noNumber, bad('too small', -101), bad('too large', 101), bad('a fraction', 0.5)],
  typing: noFlag,
  reference: [...noText, empty, long(256)],
  dryRun: noFlag,
};

const QUOTING: Record<string, Bad[]> = { context: noObject, 'context.messageId': noMessage };

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const png = { data: PNG, mimeType: 'image/png' };
const MP4 = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08free', 'latin1').toString('base64');
const MP3 = Buffer.from('ID3\x03\0\0\0\0\0\0\xff\xfb\x90\0', 'latin1').toString('base64');

/** Fields of where a file comes from; a link or an id takes the place of the base64 that the valid body has. */
const file = (kind: string): Record<string, Bad[]> => ({
  [kind]: [...noObject, bad('no source', {}), bad('two sources', { ...png, id: 'med_1' })],
  [`${kind}.link`]: [
    ...noText,
    empty,
    bad('no URL', 'a.png'),
    bad('a file', 'file:///etc/passwd'),
    bad('another scheme', 'ftp://example.com/a.png'),
    bad('a script', 'javascript:alert(1)'),
    bad('too much', `https://example.com/${'x'.repeat(4_096)}`),
    bad('a private address', 'http://10.0.0.1/a.png', 'target_not_allowed'),
    bad('the metadata address', 'http://169.254.169.254/latest/', 'target_not_allowed'),
  ],
  [`${kind}.id`]: [...noId, bad('an unknown id', 'med_unknown', 'media_not_found')],
  [`${kind}.data`]: [...noText, empty, bad('no base64', 'a#b'), bad('cut off', 'QQQ')],
  [`${kind}.mimeType`]: [
    ...noText,
    empty,
    bad('a word', 'png'),
    bad('a line end', 'image/png\r\nx: y'),
    long(300),
  ],
});
const caption = (kind: string) => ({ [`${kind}.caption`]: [...noText, long(1_025)] });
const filename = (kind: string) => ({ [`${kind}.filename`]: [...noText, empty, blank, long(256)] });
const viewOnce = (kind: string) => ({ [`${kind}.viewOnce`]: noFlag });

const phones = [bad('a word', 'one'), bad('too short', '12'), bad('too long', '1'.repeat(31))];
const tooMuchText = [...noText, empty, long(65_001)];

/** A kind of message: its own member when it is right, and what its fields must refuse. */
export interface Kind {
  member: unknown;
  /** What else the body needs, beside `to` and `type`. */
  more?: Json;
  fields: Record<string, Bad[]>;
}

/** The kinds by name; `target` is the id of a message that was sent before. */
export const kindsOf = (target: string): Record<string, Kind> => ({
  text: {
    member: { body: 'x', mentions: ['4915550012003'] },
    fields: {
      ...QUOTING,
      text: [numberThere, nullThere, empty, listThere, bad('an empty object', {}), long(65_001)],
      'text.body': tooMuchText,
      'text.linkPreview': noFlag,
      'text.mentions': [...noList, many(257, () => '4915550012003')],
      'text.mentions[]': [
        ...noText,
        empty,
        long(101),
        bad('a name', 'Bob', 'recipient_invalid'),
        bad('a group', '123456789012345678@g.us', 'recipient_invalid'),
      ],
    },
  },
  image: { member: png, fields: { ...QUOTING, ...file('image'), ...caption('image'), ...viewOnce('image') } },
  video: {
    member: { data: MP4, mimeType: 'video/mp4' },
    fields: {
      ...QUOTING,
      ...file('video'),
      ...caption('video'),
      ...viewOnce('video'),
      'video.gif': noFlag,
    },
  },
  audio: {
    member: { data: MP3, mimeType: 'audio/mpeg' },
    fields: { ...QUOTING, ...file('audio'), ...viewOnce('audio'), 'audio.voice': noFlag },
  },
  document: {
    member: png,
    fields: { ...QUOTING, ...file('document'), ...caption('document'), ...filename('document') },
  },
  sticker: { member: png, fields: { ...QUOTING, ...file('sticker') } },
  media: {
    member: png,
    fields: { ...QUOTING, ...file('media'), ...caption('media'), ...filename('media') },
  },
  location: {
    member: { latitude: 1, longitude: 2 },
    fields: {
      ...QUOTING,
      location: [...noObject, bad('an empty object', {})],
      'location.latitude': [...noNumber, bad('beyond the pole', 90.1), bad('beyond the other', -90.1)],
      'location.longitude': [...noNumber, bad('too far east', 180.1), bad('too far west', -180.1)],
      'location.name': [...noText, empty, long(256)],
      'location.address': [...noText, empty, long(1_001)],
    },
  },
  contacts: {
    member: [{ name: 'Ada', phones: ['+49 155 5001 2003'] }],
    fields: {
      ...QUOTING,
      contacts: [
        numberThere,
        textThere,
        nullThere,
        listThere,
        bad('an empty object', {}),
        many(21, () => ({ name: 'A', phones: ['+4915550012003'] })),
      ],
      'contacts[]': [numberThere, nullThere, textThere, objectThere],
      'contacts[].name': [...noText, empty, blank, long(256)],
      'contacts[].phones': [...noList, listThere, many(21, (index) => `+49155500120${String(index)}`)],
      'contacts[].phones[]': [...noText, empty, ...phones],
      'contacts.vcard': [
        ...noText,
        empty,
        bad('a name', 'Ada'),
        bad('no end', 'BEGIN:VCARD\nFN:Ada'),
        bad('too much', `BEGIN:VCARD\nNOTE:${'x'.repeat(20_000)}\nEND:VCARD`),
      ],
    },
  },
  poll: {
    member: { question: 'q', options: ['a', 'b'] },
    fields: {
      ...QUOTING,
      poll: [...noObject, bad('an empty object', {})],
      'poll.question': [...noText, empty, blank, long(256)],
      'poll.options': [
        ...noList,
        listThere,
        bad('one', ['a']),
        bad('the same twice', ['a', 'a']),
        many(13, String),
      ],
      'poll.options[]': [...noText, empty, blank, long(101)],
      'poll.multiple': noFlag,
    },
  },
  reaction: {
    member: { messageId: target, emoji: '👍' },
    fields: {
      reaction: [...noObject, bad('an empty object', {})],
      'reaction.messageId': noMessage,
      'reaction.emoji': [...noText, bad('words', 'a b'), long(33)],
    },
  },
  edit: {
    member: { messageId: target, body: 'y' },
    fields: {
      edit: [...noObject, bad('an empty object', {})],
      'edit.messageId': noMessage,
      'edit.body': tooMuchText,
    },
  },
  revoke: {
    member: { messageId: target },
    fields: { revoke: [...noObject, bad('an empty object', {})], 'revoke.messageId': noMessage },
  },
});
