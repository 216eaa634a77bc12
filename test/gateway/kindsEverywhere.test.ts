/**
 * Every kind of message to everybody who can be written to: a person by number, a person of whom only the LID is known,
 * a group addressed by numbers and one addressed by LIDs. With the real client: what the recipient's phone decrypted
 * says what arrived, in which chat, and which message it is about.
 */
import sharp from 'sharp';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { eventsOf, pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550014001';
const BOB = '4915550014002';
const EVE = '4915550014003';
const CAROL = '4915550014004';
let gateway: GatewayProcess;

type Parts = Record<string, Record<string, unknown>>;

/** Somebody to write to. */
interface Chat {
  to: string;
  /** Whose phone is looked at. */
  reader: string;
  jid: string;
  /** The reader's address as it stands in this chat. */
  author: string;
  write: (text: string) => Promise<string>;
}

const NAMES = ['a number', 'a LID', 'a group by number', 'a group by LID'] as const;
const chats = new Map<string, Chat>();
const chat = (name: string): Chat => {
  const found = chats.get(name);
  if (!found) throw new Error(`no chat ${name}`);
  return found;
};

const withLid = (lid: string): string => (lid.includes('@') ? lid : `${lid}@lid`);

async function person(number: string, addressing: 'pn' | 'lid'): Promise<Chat> {
  const phone = world.phone();
  const jid = addressing === 'pn' ? `${number}@s.whatsapp.net` : withLid((await phone.contact(number)).lid);
  const write = (text: string) => phone.sendTo(PHONE, { from: number, text, addressing });
  return { to: addressing === 'pn' ? `+${number}` : jid, reader: number, jid, author: jid, write };
}

async function group(addressing: 'pn' | 'lid'): Promise<Chat> {
  const phone = world.phone();
  const { id } = await phone.createGroup({
    subject: addressing,
    creator: BOB,
    members: [CAROL, PHONE],
    addressing,
  });
  const { author } = await person(BOB, addressing);
  return {
    to: id,
    reader: BOB,
    jid: id,
    author,
    write: (text) => phone.sendToGroup(id, { from: BOB, text }),
  };
}

let png = '';

beforeAll(async () => {
  gateway = await world.start();
  for (const number of [BOB, EVE, CAROL]) await world.phone().createContact({ number, name: number });
  await pair(gateway, world.phone(), { id: 'all', number: PHONE });
  chats.set('a number', await person(BOB, 'pn'));
  chats.set('a LID', await person(EVE, 'lid'));
  chats.set('a group by number', await group('pn'));
  chats.set('a group by LID', await group('lid'));
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
  png = (await picture.png().toBuffer()).toString('base64');
});

/** Sends and waits until it is sent; answers the message and what the reader's phone decrypted. */
async function sent({ to, reader, jid }: Chat, body: object) {
  const message = await gateway.ask<MessageJson>('POST', '/v1/messages?wait=sent&timeoutSeconds=30', {
    sessionId: 'all',
    to,
    ...body,
  });
  expect(message).toMatchObject({ error: null });
  expect(message.timeline.map(({ status }) => status)).toContain('sent');
  const [seen] = await world.phone().messages.waitFor({ to: reader, waId: message.waId, device: 0 });
  expect(seen).toMatchObject({ displayed: true });
  if (jid.endsWith('@g.us')) expect(seen?.chat).toBe(jid);
  return { message, parts: seen?.message as Parts, edit: seen?.edit };
}

/** A message of the reader's that the gateway has told of. */
async function received({ write }: Chat, text: string): Promise<string> {
  const path = '/v1/events?sessionId=all&types=message.received&limit=200';
  const { length } = (await gateway.ask<{ data: unknown[] }>('GET', path)).data;
  const waId = await write(text);
  const events = await eventsOf(gateway, { sessionId: 'all', type: 'message.received', count: length + 1 });
  expect(events.at(-1)?.data.messageId).toBe(waId);
  return waId;
}

const OPUS = Buffer.concat([
  Buffer.from('OggS\0\x02', 'latin1'),
  Buffer.alloc(20),
  Buffer.from('\x01\x13OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0', 'latin1'),
]).toString('base64');
const MP4 = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08free', 'latin1').toString('base64');
const PDF = Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64');

/** Kind, its member, and what the phone must show. */
const FILES: [string, () => object, string, object][] = [
  [
    'image',
    () => ({ data: png, mimeType: 'image/png', caption: 'look' }),
    'imageMessage',
    { caption: 'look' },
  ],
  ['video', () => ({ data: MP4, mimeType: 'video/mp4' }), 'videoMessage', { mimetype: 'video/mp4' }],
  ['audio', () => ({ data: OPUS, mimeType: 'audio/ogg', voice: true }), 'audioMessage', { ptt: true }],
  [
    'document',
    () => ({ data: PDF, mimeType: 'application/pdf', filename: 'a.pdf' }),
    'documentMessage',
    { fileName: 'a.pdf' },
  ],
  ['sticker', () => ({ data: png, mimeType: 'image/png' }), 'stickerMessage', { mimetype: 'image/webp' }],
  ['media', () => ({ data: png, mimeType: 'application/octet-stream' }), 'imageMessage', {}],
];

describe.each(NAMES)('to %s', (name) => {
  test('a text with a mention, a location, contacts and a poll', async () => {
    const text = await sent(chat(name), { text: { body: `hi @${CAROL}`, mentions: [CAROL] } });
    expect(text.parts.extendedTextMessage).toMatchObject({
      text: `hi @${CAROL}`,
      contextInfo: { mentionedJid: [`${CAROL}@s.whatsapp.net`] },
    });
    const location = { latitude: 1.5, longitude: 2.5, name: 'Here' };
    expect((await sent(chat(name), { type: 'location', location })).parts.locationMessage).toMatchObject({
      degreesLatitude: 1.5,
      name: 'Here',
    });
    const contacts = [{ name: 'Ada', phones: [CAROL] }];
    expect((await sent(chat(name), { type: 'contacts', contacts })).parts.contactMessage).toMatchObject({
      displayName: 'Ada',
    });
    const poll = { question: 'When?', options: ['Today', 'Tomorrow'] };
    const asked = await sent(chat(name), { type: 'poll', poll });
    expect(asked.parts.pollCreationMessageV3).toMatchObject({ name: 'When?' });
    expect(Buffer.from(String(asked.parts.messageContextInfo?.messageSecret), 'base64')).toHaveLength(32);
  });

  test.each(FILES)('a file as %s, which opens', async (type, member, part, says) => {
    const { message, parts } = await sent(chat(name), { type, [type]: member() });
    expect(parts[part]).toMatchObject(says);
    expect((await world.phone().mediaOf(chat(name).reader, message.waId)).bytes.length).toBeGreaterThan(0);
  });

  test('a reaction, an edit, a deletion and a reply to what was sent', async () => {
    const { jid } = chat(name);
    const { message } = await sent(chat(name), { text: 'helo' });
    const key = { remoteJid: jid, fromMe: true, id: message.waId };
    const reaction = await sent(chat(name), {
      type: 'reaction',
      reaction: { messageId: message.id, emoji: '👍' },
    });
    expect(reaction.parts.reactionMessage).toMatchObject({ key, text: '👍' });
    const reply = await sent(chat(name), { text: 'yes', context: { messageId: message.id } });
    expect(reply.parts.extendedTextMessage).toMatchObject({
      contextInfo: {
        stanzaId: message.waId,
        quotedMessage: { extendedTextMessage: { text: 'helo' } },
      },
    });
    const edit = await sent(chat(name), { type: 'edit', edit: { messageId: message.id, body: 'hello' } });
    expect(edit.parts.protocolMessage).toMatchObject({ key, type: 'MESSAGE_EDIT' });
    expect(edit.edit).toBe('1');
    const revoke = await sent(chat(name), { type: 'revoke', revoke: { messageId: message.id } });
    expect(revoke.parts.protocolMessage).toMatchObject({ key });
    expect(revoke.edit).toBe('7');
  });

  test('a reaction and a reply to what came in name who wrote it', async () => {
    const { jid, author } = chat(name);
    const waId = await received(chat(name), 'where are you?');
    const inGroup = jid.endsWith('@g.us');
    const { parts } = await sent(chat(name), {
      type: 'reaction',
      reaction: { messageId: waId, emoji: '❤️' },
    });
    expect(parts.reactionMessage).toMatchObject({
      key: { remoteJid: jid, id: waId, ...(inGroup && { participant: author }) },
    });
    expect((parts.reactionMessage?.key as { fromMe?: boolean }).fromMe ?? false).toBe(false);
    const reply = await sent(chat(name), { text: 'here', context: { messageId: waId } });
    const { contextInfo } = reply.parts.extendedTextMessage as { contextInfo: Record<string, unknown> };
    expect(contextInfo).toMatchObject({ stanzaId: waId, participant: author });
    expect(JSON.stringify(contextInfo.quotedMessage)).toContain('where are you?');
  });
});

test('after all of it nothing was sent that the real server would have swallowed in silence', async () => {
  expect(await world.phone().errors.list()).toEqual([]);
});
