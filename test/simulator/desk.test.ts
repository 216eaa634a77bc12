/**
 * What the phone page shows, as the control API gives it: a phone's chats with the real client on one side.
 */
import sharp from 'sharp';
import { toBuffer as toQrPicture } from 'qrcode';
import type { Screen, ShownMessage } from '../../gateway/src/simulator/phone/screen.js';
import { callDesk, lookAtDesk, messageIn, untilShown } from './support/desk.js';
import { openStage, jid, type Stage } from './support/stage.js';
import { received } from './support/client.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const call = (path: string) => callDesk(stage, path);
const desk = (query: string) => lookAtDesk(stage, query);
const shows = <T>(open: string, find: (screen: Screen) => T | undefined) => untilShown(stage, open, find);
const chatIn = (open: string) => shows(open, (screen) => screen.open ?? undefined);

test('a message of the client turns from sent to delivered to read, on both phones', async () => {
  const { number, client } = await stage.session();
  const bob = await stage.contact({ policy: { delivered: false } });
  await client.socket.sendMessage(jid(bob), { text: 'tick tock' });
  const isIt = ({ content }: ShownMessage): boolean => content.text === 'tick tock';
  const sent = await shows(`${number}/${bob}`, messageIn(isIt));
  expect(sent).toMatchObject({ isMine: true, fromDevice: 1, tick: 'sent', authorName: 'You' });
  const seen = await shows(`${bob}/${number}`, messageIn(isIt));
  expect(seen).toMatchObject({ isMine: false, tick: null, authorName: 'Ada' });

  await stage.control.sendReceipt({ from: bob, to: number, waIds: [sent.waId], type: 'delivered' });
  await shows(
    `${number}/${bob}`,
    messageIn((message) => isIt(message) && message.tick === 'delivered'),
  );
  expect((await chatOnList(bob, number)).unread).toBe(1);
  expect(await stage.control.read(bob, number)).toBe(1);
  await shows(
    `${number}/${bob}`,
    messageIn((message) => isIt(message) && message.tick === 'read'),
  );
  expect((await chatOnList(bob, number)).unread).toBe(0);
  expect(await stage.control.read(bob, number)).toBe(0);
  await client.waitFor('the read receipt', () =>
    client.updates.find(({ key, update }) => key.id === sent.waId && Number(update.status) === 4),
  );
});

async function chatOnList(number: string, chat: string) {
  return shows(number, ({ chats }) => chats.find(({ id }) => id === chat));
}

test('a message to the client is at one tick until the client has confirmed it', async () => {
  const { number, client } = await stage.session();
  const bob = await stage.contact();
  await client.end();
  await stage.control.sendTo(number, { from: bob, text: 'are you there?' });
  const waiting = await chatIn(`${bob}/${number}`);
  expect(waiting.messages).toMatchObject([{ isMine: true, fromDevice: 0, tick: 'sent' }]);
  const again = await stage.reconnect(client);
  await received(again, 'are you there?');
  await shows(
    `${bob}/${number}`,
    messageIn(({ tick }) => tick === 'delivered'),
  );
});

test('typing of the client is shown until its message comes', async () => {
  const { number, client } = await stage.session();
  const bob = await stage.contact();
  await client.socket.sendPresenceUpdate('composing', jid(bob));
  const typing = await shows(`${bob}/${number}`, ({ open }) => open?.typing ?? undefined);
  expect(typing).toMatchObject({ name: 'Ada', kind: 'composing' });
  await client.socket.sendMessage(jid(bob), { text: 'done' });
  await shows(`${bob}/${number}`, ({ open }) => (open?.messages.length === 1 && !open.typing) || undefined);
});

test('answers, reactions, edits, deletions and votes are shown in their place', async () => {
  const { number, client } = await stage.session();
  const bob = await stage.contact();
  const from = { from: bob };
  const first = await stage.control.sendTo(number, { ...from, text: 'frist' });
  const second = await stage.control.sendTo(number, { ...from, text: 'secret' });
  await stage.control.sendTo(number, { ...from, content: { kind: 'edit', waId: first, text: 'first' } });
  await stage.control.sendTo(number, { ...from, content: { kind: 'revoke', waId: second } });
  const quoted = await received(client, 'frist');
  await client.socket.sendMessage(jid(bob), { text: 'an answer' }, { quoted });
  await client.socket.sendMessage(jid(bob), { react: { text: '👍', key: quoted.key } });
  const poll = await client.socket.sendMessage(jid(bob), {
    poll: { name: 'When?', values: ['today', 'tomorrow'], selectableCount: 1 },
  });
  const pollId = poll?.key.id ?? '';
  await stage.control.messages.waitFor({ to: bob, waId: pollId });
  await stage.control.sendTo(number, {
    ...from,
    content: { kind: 'vote', waId: pollId, options: ['tomorrow'] },
  });

  for (const open of [`${bob}/${number}`, `${number}/${bob}`]) {
    const voted = await shows(
      open,
      messageIn(({ votes }) => votes.some(({ names }) => names.length > 0)),
    );
    const voter = open.startsWith(bob) ? 'You' : 'Bob';
    expect(voted.votes).toEqual([
      { option: 'today', names: [] },
      { option: 'tomorrow', names: [voter] },
    ]);
    await shows(
      open,
      messageIn(({ reactions }) => reactions.length > 0),
    );
    const { messages } = await chatIn(open);
    expect(messages.map(({ content, isEdited, isRevoked }) => [content.text, isEdited, isRevoked])).toEqual([
      ['first', true, false],
      ['secret', false, true],
      ['an answer', false, false],
      ['When?', false, false],
    ]);
    expect(messages[0]?.reactions).toMatchObject([{ emoji: '👍' }]);
    expect(messages[2]).toMatchObject({ content: { quote: { waId: first } }, quotedName: voter });
  }
});

test('a file can be fetched from either phone, and a file that is no picture cannot become a page', async () => {
  const ada = await stage.phone();
  const bob = await stage.contact();
  const file = async (content: { media: 'image' | 'document'; bytes: Buffer; mimetype: string }) => {
    const { media, bytes, mimetype } = content;
    const base64 = bytes.toString('base64');
    const waId = await stage.control.sendTo(ada, {
      from: bob,
      content: { kind: 'media', media, base64, mimetype },
    });
    return (owner: string) =>
      fetch(`${stage.simulator.controlUrl}/control/v1/accounts/${owner}/files/${waId}`);
  };
  const picture = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const fetchPicture = await file({ media: 'image', bytes: picture, mimetype: 'image/png' });
  for (const owner of [ada, bob]) {
    const answer = await fetchPicture(owner);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await answer.arrayBuffer()).equals(picture)).toBe(true);
  }
  const page = Buffer.from('<script>alert(1)</script>');
  const fetchPage = await file({ media: 'document', bytes: page, mimetype: 'text/html' });
  const { headers } = await fetchPage(ada);
  expect(headers.get('content-type')).toBe('application/octet-stream');
  expect(headers.get('content-disposition')).toBe('attachment');
  expect(headers.get('content-security-policy')).toContain('sandbox');
  expect((await call('/accounts/4915550999999/files/x')).status).toBe(404);
});

test('a code that is shown appears on the desk while its client waits, and its picture can be scanned', async () => {
  const number = await stage.phone();
  const client = stage.client();
  const qr = await client.waitFor('a QR code', () =>
    client.connectionUpdates.map((update) => update.qr).find((text) => text !== undefined),
  );
  const { codes } = await desk('');
  expect(codes).toMatchObject([{ label: null, qr: null }]);
  await stage.control.showCode({ qr, label: 'A test' });
  expect((await desk('')).codes).toMatchObject([{ label: 'A test', qr }]);
  await expect(stage.control.showCode({ qr: 'nonsense', label: 'x' })).rejects.toThrow(/not_a_qr/);

  const nothing = await sharp({ create: { width: 50, height: 50, channels: 3, background: 'white' } })
    .png()
    .toBuffer();
  await expect(stage.control.scanPicture(number, nothing.toString('base64'))).rejects.toThrow(/no_qr_found/);
  // A screenshot: the code somewhere in a larger picture.
  const code = await toQrPicture(qr, { width: 420 });
  const screenshot = await sharp({ create: { width: 1280, height: 900, channels: 3, background: '#334455' } })
    .composite([{ input: code, left: 600, top: 250 }])
    .png()
    .toBuffer();
  const paired = await stage.control.scanPicture(number, screenshot.toString('base64'));
  expect(paired.number).toBe(number);
  await shows(number, ({ linked }) => (linked.length === 1 ? true : undefined));
  expect((await desk('')).codes).toEqual([]);
  await expect(stage.control.showCode({ qr, label: 'late' })).rejects.toThrow(/unknown_ref/);
});

test('people are found by a part of their name or number, and a phone that is not there is null', async () => {
  const bob = await stage.contact({ name: 'Zebulon Finder' });
  expect((await desk('search=zebulon')).people).toMatchObject([{ number: bob, kind: 'contact' }]);
  expect((await desk(`search=${bob.slice(3)}`)).people).toMatchObject([{ name: 'Zebulon Finder' }]);
  expect((await desk('search=nobody-is-called-this')).peopleCount).toBe(0);
  expect((await desk('open=4915550999998')).screens).toEqual([null]);
  expect((await call('/desk?open=../../etc')).status).toBe(400);
});
