/**
 * Previews of links: what is read of a page, and that nothing that a page does can hold a message up or reach inside.
 */
import sharp from 'sharp';
import { readPage } from '../../../gateway/src/media/page.js';
import { createLinkPreviews, type LinkPreviews } from '../../../gateway/src/media/preview.js';
import { createGuardedFetch, type GuardedFetch } from '../../../gateway/src/net/guardedFetch.js';
import { parsePrivateTargets } from '../../../gateway/src/net/privateTargets.js';
import { createTargetGuard } from '../../../gateway/src/net/targetGuard.js';
import { eventually } from '../../support/eventually.js';
import { createFakeClock, type FakeClock } from '../../support/fakeClock.js';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhookReceiver.js';

const read = (html: string, contentType = 'text/html; charset=utf-8') =>
  readPage(Buffer.from(html), { contentType, url: 'https://shop.example/a/b' });

describe('a page', () => {
  test('is believed by Open Graph first, then Twitter, then its own words', () => {
    const all = `<html><head><title>Own &amp; title</title><meta name="description" content="Own words">
      <meta name="twitter:title" content="Tweet"><meta property="og:title" content="  Graph
      title "><meta property="og:image" content="../pic.png"></head>`;
    expect(read(all)).toEqual({
      title: 'Graph title',
      description: 'Own words',
      image: 'https://shop.example/pic.png',
    });
    expect(read('<title>Own &amp; title</title>').title).toBe('Own & title');
    expect(read('<meta name="twitter:title" content="Tweet"><title>x</title>').title).toBe('Tweet');
  });

  test('may say nothing, or be cut off', () => {
    expect(read('')).toEqual({ title: null, description: null, image: null });
    expect(read('<title>  </title>').title).toBeNull();
    expect(read('<title>Cut').title).toBe('Cut');
    expect(read('<meta property="og:title" content="Cut <').title).toBeNull();
    expect(read('<meta property="og:image" content="http://[">').image).toBeNull();
  });

  test('names its encoding in the header or in itself', () => {
    const bytes = Buffer.from('<meta charset="iso-8859-1"><title>Gr\xfc\xdfe</title>', 'latin1');
    expect(readPage(bytes, { contentType: 'text/html', url: 'https://x.example' }).title).toBe('Grüße');
    const plain = Buffer.from('<title>Gr\xfc\xdfe</title>', 'latin1');
    const contentType = 'text/html; charset=windows-1252';
    expect(readPage(plain, { contentType, url: 'https://x.example' }).title).toBe('Grüße');
  });

  test('with endless words is shortened, never within a character', () => {
    const { title, description } = read(
      `<title>${'😀'.repeat(300)}</title><meta name="description" content="${'a'.repeat(9_000)}">`,
    );
    expect(title).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
    expect(title?.length).toBeLessThanOrEqual(200);
    expect(description).toHaveLength(400);
  });
});

describe('a preview', () => {
  let server: WebhookReceiver;
  let guarded: GuardedFetch;
  let clock: FakeClock;
  let previews: LinkPreviews;

  beforeEach(async () => {
    server = await startWebhookReceiver();
    clock = createFakeClock();
    guarded = createGuardedFetch(
      createTargetGuard({
        privateTargets: parsePrivateTargets(`127.0.0.1:${String(server.port)}`),
        resolve: () => Promise.resolve(['10.0.0.1']),
      }),
    );
    previews = createLinkPreviews({ clock, fetch: guarded.fetch });
  });

  afterEach(async () => {
    await server.close();
    await guarded.close();
  });

  const base = (): string => `http://127.0.0.1:${String(server.port)}`;
  const html = (body: string) => ({ status: 200, body, headers: { 'content-type': 'text/html' } });

  test('has a title, a description and a small picture, and is fetched once for many', async () => {
    const picture = await sharp({ create: { width: 800, height: 400, channels: 3, background: '#f00' } })
      .png()
      .toBuffer();
    server.always(({ path }) =>
      path === '/pic.png'
        ? { status: 200, body: picture, headers: { 'content-type': 'image/png' } }
        : html(
            '<title>Shop</title><meta name="description" content="Things"><meta property="og:image" content="/pic.png">',
          ),
    );
    const [first, second] = await Promise.all([previews.of(`${base()}/page`), previews.of(`${base()}/page`)]);
    expect(first).toMatchObject({ title: 'Shop', description: 'Things' });
    expect(second).toBe(first);
    const { format, width } = await sharp(first?.thumbnail ?? Buffer.alloc(0)).metadata();
    expect([format, width]).toEqual(['jpeg', 192]);
    expect(server.requests.map(({ path }) => path)).toEqual(['/page', '/pic.png']);
  });

  test.each<[string, () => object]>([
    ['an error', () => ({ status: 500, body: '<title>Oops</title>' })],
    ['no page', () => ({ status: 200, body: '{}', headers: { 'content-type': 'application/json' } })],
    ['no title', () => html('<p>Hello</p>')],
    ['a redirect inside', () => ({ status: 302, headers: { location: 'http://169.254.169.254/latest' } })],
    ['a redirect to itself', () => ({ status: 302, headers: { location: '/again' } })],
  ])('is none for %s', async (_what, answer) => {
    server.always(answer as never);
    expect(await previews.of(`${base()}/page`)).toBeNull();
  });

  test('does without a picture that is none, or that lies inside', async () => {
    for (const image of ['/page', 'http://10.0.0.1/secret.png', 'http://metadata.example/x.png']) {
      server.always(() => html(`<title>Shop</title><meta property="og:image" content="${image}">`));
      const preview = await previews.of(`${base()}/${encodeURIComponent(image)}`);
      expect(preview).toEqual({ title: 'Shop', description: null, thumbnail: null });
    }
  });

  test('is given up when the page takes too long', async () => {
    server.always('hang');
    const preview = previews.of(`${base()}/slow`);
    await eventually('the request', () => server.requests.length === 1);
    clock.advance(6_000);
    expect(await preview).toBeNull();
  });
});
