/**
 * Recipients and JIDs: what people write, what WhatsApp sends, and that nothing else comes out than an address or
 * recipient_invalid.
 */
import fc from 'fast-check';
import {
  bareJid,
  canonicalJid,
  identityOf,
  parseRecipient,
  splitJid,
} from '../../../gateway/src/domain/address.js';
import { GatewayError } from '../../../gateway/src/domain/error.js';

const PHONE = { kind: 'phone', user: '4915112345678', jid: '4915112345678@s.whatsapp.net' };

it.each([
  '4915112345678',
  '+4915112345678',
  '  +49 151 123-456.78\t',
  '+49 (151) 12345678',
  '49/151/12345678',
  '(+49) 151 12345678',
  '00 49 151 12345678',
  '004915112345678',
  '4915112345678@s.whatsapp.net',
  '4915112345678@S.WhatsApp.Net',
  '4915112345678@c.us',
  '\u00a0+49\u00a015112345678',
])('reads %j as a phone number', (input) => {
  expect(parseRecipient(input)).toEqual(PHONE);
});

it.each([
  ['123456789012345@lid', 'lid'],
  ['120363041234567890@g.us', 'group'],
  ['4915112345678-1600000000@g.us', 'group'],
])('reads %s as a %s', (input, kind) => {
  expect(parseRecipient(input)).toMatchObject({ kind, jid: input });
});

it.each([
  ['', 'empty'],
  ['   ', 'empty'],
  ['015112345678', 'country code'],
  ['+0049151123456', 'country code'],
  ['000491511234567', 'country code'],
  ['00049@s.whatsapp.net', 'country code'],
  ['+', 'digits'],
  ['()', 'digits'],
  ['123456', '7 to 15 digits'],
  ['1234567890123456', '7 to 15 digits'],
  ['4915112345678x', 'only digits'],
  ['++4915112345678', 'only digits'],
  ['49+15112345678', 'only digits'],
  ['tel:+4915112345678', 'only digits'],
  ['٤٩١٥١١٢٣٤٥٦٧٨', 'only digits'],
  ['@s.whatsapp.net', 'must be digits'],
  ['4915112345678:3@s.whatsapp.net', 'must be digits'],
  ['49 15112345678@s.whatsapp.net', 'must be digits'],
  ['015112345678@s.whatsapp.net', 'country code'],
  ['abc@lid', 'must be digits'],
  ['1@g.us', 'group'],
  ['status@broadcast', 'after @'],
  ['4915112345678@', 'after @'],
  ['4915112345678@evil.example', 'after @'],
  ['4915112345678@s.whatsapp.net@c.us', 'after @'],
  ['4915112345678\n@s.whatsapp.net', 'must be digits'],
])('refuses %j, and says why', (input, why) => {
  expect(() => parseRecipient(input)).toThrow(why);
});

it('answers an address that it reads as the same again, or recipient_invalid, for any text', () => {
  const typed = fc.stringMatching(/^[+0-9 ().\-/@a-z:]{0,40}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), typed), (input) => {
      try {
        const address = parseRecipient(input);
        expect(parseRecipient(address.jid)).toEqual(address);
        expect(address.jid).toMatch(/^[\d-]+@(s\.whatsapp\.net|lid|g\.us)$/);
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError);
        expect(error).toMatchObject({ code: 'recipient_invalid', status: 422 });
      }
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  ['4915112345678:12@s.whatsapp.net', { user: '4915112345678', device: 12, server: 's.whatsapp.net' }],
  ['4915112345678@s.whatsapp.net', { user: '4915112345678', device: 0, server: 's.whatsapp.net' }],
  ['4915112345678_1:2@s.whatsapp.net', { user: '4915112345678', device: 2, server: 's.whatsapp.net' }],
  ['123@lid', { user: '123', device: 0, server: 'lid' }],
  ['status@broadcast', { user: 'status', device: 0, server: 'broadcast' }],
  ['@s.whatsapp.net', null],
  ['s.whatsapp.net', null],
  ['', null],
])('splits the JID %j', (jid, parts) => {
  expect(splitJid(jid)).toEqual(parts);
});

it('takes the device part away', () => {
  expect(bareJid('123:4@lid')).toBe('123@lid');
  expect(bareJid('123-456@g.us')).toBe('123-456@g.us');
  expect(bareJid('nonsense')).toBe('nonsense');
});

it('collects one person from several JIDs, the first of each kind', () => {
  const identity = identityOf(
    null,
    '9:1@lid',
    undefined,
    '49:2@s.whatsapp.net',
    '8@lid',
    '50@c.us',
    '1@g.us',
  );
  expect(identity).toEqual({ phone: '49', lid: '9@lid' });
  expect(canonicalJid(identity)).toBe('49@s.whatsapp.net');
  expect(canonicalJid({ phone: null, lid: '9@lid' })).toBe('9@lid');
  expect(canonicalJid(identityOf('1@g.us'))).toBeNull();
});
