/**
 * Texts from the API to the simulated recipient's phone, with the real client: nothing of them is changed, and a link
 * shows what it leads to, or nothing.
 */
import sharp from 'sharp';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { connected, pair, useWorld, type MessageJson } from '../support/world.js';
import type { WebhookReceiver } from '../support/webhookReceiver.js';

const world = useWorld();
const PHONE = '4915550019001';
const BOB = '4915550019002';
let gateway: GatewayProcess;
let site: WebhookReceiver;
let base: string;

beforeAll(async () => {
  gateway = await world.start();
  site = await world.receiver();
  base = `http://127.0.0.1:${String(site.port)}`;
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'texts', number: PHONE });
});

type Seen = Record<string, unknown> & { text?: string };

/** Sends and waits until it is sent; answers the text as the phone decrypted it. */
async function sent(text: object | string): Promise<{ waId: string; seen: Seen }> {
  const { waId } = await gateway.ask<MessageJson>('POST', '/v1/messages?wait=sent&timeoutSeconds=30', {
    sessionId: 'texts',
    to: BOB,
    text,
  });
  const [record] = await world.phone().messages.waitFor({ to: BOB, waId });
  return { waId, seen: record?.message.extendedTextMessage as Seen };
}

test.each([
  ['formatting', '*bold* _it_ ~no~ `code`\n> quote\n- a\n1. b\n```\n  pre\n```'],
  ['spaces and line ends', '  two before\r\n\n\n and a tab\tand an end  '],
  ['scripts and emoji', 'Ελληνικά עברית العربية 中文 हिन्दी 👩‍👩‍👧‍👦 e\u0301 \u200bzero'],
  ['65,000 characters', 'äß😀x'.repeat(13_000)],
])('%s arrive as they were written', async (_what, body) => {
  expect(body.length).toBeLessThanOrEqual(65_000);
  expect((await sent({ body })).seen.text).toBe(body);
});

test('one character too many, or none, is refused', async () => {
  for (const body of ['a'.repeat(65_001), '']) {
    const { status } = await gateway.call('POST', '/v1/messages', {
      sessionId: 'texts',
      to: BOB,
      text: { body },
    });
    expect(status).toBe(400);
  }
});

describe('a link', () => {
  const page = { status: 200, headers: { 'content-type': 'text/html' } };

  test('shows title, description and picture of its page, and a resend after a restart shows the same', async () => {
    const picture = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#0a0' } })
      .png()
      .toBuffer();
    site.always(({ path }) =>
      path === '/pic'
        ? { status: 200, body: picture, headers: { 'content-type': 'image/png' } }
        : {
            ...page,
            body: '<title>Shop</title><meta name="description" content="Things"><meta property="og:image" content="/pic">',
          },
    );
    const phone = world.phone();
    const body = `Look: ${base}/shop. Good?`;
    const expected = { text: body, matchedText: `${base}/shop`, title: 'Shop', description: 'Things' };
    const { seen } = await sent({ body });
    expect(seen).toMatchObject(expected);
    const thumbnail = Buffer.from(String(seen.jpegThumbnail), 'base64');
    expect((await sharp(thumbnail).metadata()).format).toBe('jpeg');

    await phone.setOnline(BOB, false);
    await phone.addFault({ kind: 'corrupt_message', recipient: BOB, count: 1 });
    const { waId } = await gateway.ask<MessageJson>('POST', '/v1/messages?wait=sent&timeoutSeconds=30', {
      sessionId: 'texts',
      to: BOB,
      text: body,
    });
    await gateway.stop();
    site.always(() => ({ ...page, body: '<title>Changed</title>' }));
    gateway = await world.start();
    await connected(gateway, 'texts');
    await phone.setOnline(BOB, true);
    const [again] = await phone.messages.waitFor({ to: BOB, waId, device: 0 }, { timeoutMs: 30_000 });
    expect(again?.message.extendedTextMessage).toMatchObject(expected);
  });

  test('shows nothing when that is asked for', async () => {
    const before = site.requests.length;
    const { seen } = await sent({ body: `${base}/quiet`, linkPreview: false });
    expect(seen.title ?? null).toBeNull();
    expect(site.requests).toHaveLength(before);
  });

  test.each([
    ['a page that fails', '/fails', () => ({ status: 500, body: 'no' })],
    ['a page that is cut off', '/cut', () => 'close' as const],
    ['a page without an end', '/endless', () => 'endless' as const],
    [
      'a page that sends one elsewhere inside',
      '/in',
      () => ({
        status: 302,
        headers: { location: 'http://10.0.0.1/' },
      }),
    ],
  ])('that leads to %s does not hold the message up', async (_what, path, answer) => {
    site.always(answer);
    const { seen } = await sent(`see ${base}${path}`);
    expect([seen.text, seen.title ?? null]).toEqual([`see ${base}${path}`, null]);
  });

  test('into the private network is not followed', async () => {
    const { seen } = await sent('see http://169.254.169.254/latest/meta-data and http://10.0.0.1/');
    expect(seen.title ?? null).toBeNull();
  });
});

test('after all of it nothing was sent that the real server would have swallowed in silence', async () => {
  const errors = await world.phone().errors.list();
  // The resend was asked for because a message was spoilt on purpose.
  expect(errors.filter(({ kind }) => kind !== 'undecryptable')).toEqual([]);
});
