/**
 * Each field of each kind of message, wrong: refused by its name before anything is looked up or stored.
 */
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
});

interface Problem {
  code: string;
  errors?: { path: string; message: string }[];
}

const place = { latitude: 1, longitude: 2 };
const ask = { question: 'q', options: ['a', 'b'] };
const png = { data: 'QQ==', mimeType: 'image/png' };
test.each<[string, object, string]>([
  ['an unknown type', { type: 'hologram' }, 'type'],
  [
    'a latitude beyond the pole',
    { type: 'location', location: { ...place, latitude: 91 } },
    'location.latitude',
  ],
  [
    'a longitude that is text',
    { type: 'location', location: { ...place, longitude: '2' } },
    'location.longitude',
  ],
  ['a location without a place', { type: 'location' }, 'location'],
  ['no contacts', { type: 'contacts', contacts: [] }, 'contacts'],
  [
    'a contact without phones',
    { type: 'contacts', contacts: [{ name: 'A', phones: [] }] },
    'contacts.0.phones',
  ],
  [
    'a contact’s phone in words',
    { type: 'contacts', contacts: [{ name: 'A', phones: ['one'] }] },
    'contacts.0.phones.0',
  ],
  ['a vCard that is none', { type: 'contacts', contacts: { vcard: 'Ada' } }, 'contacts.vcard'],
  ['a poll with one option', { type: 'poll', poll: { ...ask, options: ['a'] } }, 'poll.options'],
  [
    'a poll with thirteen',
    { type: 'poll', poll: { ...ask, options: 'abcdefghijklm'.split('') } },
    'poll.options',
  ],
  ['a poll with the same twice', { type: 'poll', poll: { ...ask, options: ['a', 'a'] } }, 'poll.options'],
  ['a poll without a question', { type: 'poll', poll: { options: ['a', 'b'] } }, 'poll.question'],
  ['a reaction without a target', { type: 'reaction', reaction: { emoji: '👍' } }, 'reaction.messageId'],
  ['a reaction of words', { type: 'reaction', reaction: { messageId: 'A', emoji: 'a b' } }, 'reaction.emoji'],
  [
    'a reaction that quotes',
    { type: 'reaction', reaction: { messageId: 'A', emoji: '👍' }, context: { messageId: 'A' } },
    'context',
  ],
  ['an edit without a text', { type: 'edit', edit: { messageId: 'A' } }, 'edit.body'],
  ['a deletion without a target', { type: 'revoke', revoke: {} }, 'revoke.messageId'],
  ['a voice that is no flag', { type: 'audio', audio: { ...png, voice: 'yes' } }, 'audio.voice'],
  ['a caption under a sticker', { type: 'sticker', sticker: { ...png, caption: 'x' } }, 'sticker.caption'],
  ['a video from nowhere', { type: 'video', video: {} }, 'video'],
  ['a document without a type', { type: 'document', document: { data: 'QQ==' } }, 'document.mimeType'],
  ['a link preview that is no flag', { text: { body: 'x', linkPreview: 'yes' } }, 'text.linkPreview'],
  ['mentions that are no list', { text: { body: 'x', mentions: '49155' } }, 'text.mentions'],
  ['a context without an id', { text: 'x', context: {} }, 'context.messageId'],
  ['an end that is no time', { text: 'x', expiresAt: 'soon' }, 'expiresAt'],
  [
    'an end before the start',
    { text: 'x', sendAt: '2030-01-02T00:00:00Z', expiresAt: '2030-01-01T00:00:00Z' },
    'expiresAt',
  ],
])('%s is refused', async (_what, body, path) => {
  const { status, body: problem } = await gateway.call<Problem>('POST', '/v1/messages', {
    to: '4915550012002',
    ...body,
  });
  expect([status, problem.code, problem.errors?.[0]?.path]).toEqual([400, 'invalid_request', path]);
});
