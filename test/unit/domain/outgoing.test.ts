/**
 * The link that a preview is made of, and what a sender is warned of.
 */
import { linkIn, previewedLink } from '../../../gateway/src/domain/link.js';
import { isVoiceNote, warningsOf } from '../../../gateway/src/domain/warning.js';

test.each([
  ['see https://example.com/a?b=c#d now', 'https://example.com/a?b=c#d'],
  ['HTTP://EXAMPLE.COM', 'HTTP://EXAMPLE.COM'],
  ['(https://example.com/a)', 'https://example.com/a'],
  ['https://example.com/a_(b)', 'https://example.com/a_(b)'],
  ['*https://example.com/*', 'https://example.com/'],
  ['Is it https://example.com/x?', 'https://example.com/x'],
  ['https://one.example, https://two.example', 'https://one.example'],
  ['no link, example.com neither', null],
  ['ftp://example.com', null],
  ['https://', null],
])('the link in %j is %j', (text, link) => {
  expect(linkIn(text)).toBe(link);
});

test('a preview is made unless it is switched off, and of texts only', () => {
  const body = 'https://example.com';
  expect(previewedLink({ type: 'text', text: { body } })).toBe(body);
  expect(previewedLink({ type: 'text', text: { body, linkPreview: true } })).toBe(body);
  expect(previewedLink({ type: 'text', text: { body, linkPreview: false } })).toBeNull();
  const target = { waId: 'A', fromMe: true, participant: null };
  expect(previewedLink({ type: 'edit', edit: { target, body } })).toBeNull();
});

test('a voice note that is no Ogg with Opus is sent with a warning', () => {
  const audio = (mimeType: string, voice: boolean) =>
    warningsOf({ type: 'audio', audio: { mediaId: 'med_1', mimeType, voice } });
  expect(audio('audio/mpeg', true)).toMatchObject([{ code: 'voice_not_converted' }]);
  expect(audio('audio/mpeg', false)).toEqual([]);
  expect(audio('audio/ogg; codecs=opus', true)).toEqual([]);
  expect(isVoiceNote('audio/ogg')).toBe(false);
});
