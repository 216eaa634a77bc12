import { createHash } from 'node:crypto';
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createFfmpeg } from '../../../gateway/src/media/ffmpeg.js';
import { createMedia } from '../../../gateway/src/media/media.js';
import type { Media, MediaInput } from '../../../gateway/src/media/types.js';
import { createGuardedFetch, type GuardedFetch } from '../../../gateway/src/net/guardedFetch.js';
import { parsePrivateTargets } from '../../../gateway/src/net/privateTargets.js';
import { createTargetGuard } from '../../../gateway/src/net/targetGuard.js';
import { eventually } from '../../support/eventually.js';
import { createFakeClock, type FakeClock } from '../../support/fakeClock.js';
import { openTestStore, type TestStore } from '../../support/testStore.js';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhookReceiver.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

let testStore: TestStore;
let server: WebhookReceiver;
let guarded: GuardedFetch;
let clock: FakeClock;
let media: Media;
let folder: string;

beforeEach(async () => {
  testStore = await openTestStore();
  server = await startWebhookReceiver();
  clock = createFakeClock();
  folder = join(testStore.folder, 'media');
  guarded = createGuardedFetch(
    createTargetGuard({
      privateTargets: parsePrivateTargets(`127.0.0.1:${String(server.port)}`),
      resolve: () => Promise.resolve(['10.0.0.1']),
    }),
  );
  media = createMedia({
    store: testStore.store,
    clock,
    fetch: guarded.fetch,
    ffmpeg: createFfmpeg(clock),
    folder,
  });
});

afterEach(async () => {
  await server.close();
  await guarded.close();
  await testStore.close();
});

const input = (more: Partial<MediaInput> = {}): MediaInput => ({ kind: 'image', keyId: 'key_1', ...more });
const filesLeft = (): Promise<string[]> => readdir(folder).catch(() => []);
const rows = (): Promise<unknown[]> => testStore.db.selectFrom('media').selectAll().execute();
const code = (name: string): unknown => expect.objectContaining({ code: name });
const serveText = (): void => {
  server.always({
    status: 200,
    body: 'plain text',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
};

/** It fails with the code and leaves neither file nor row. */
async function expectFailure(work: Promise<unknown>, name: string): Promise<void> {
  await expect(work).rejects.toEqual(code(name));
  expect(await filesLeft()).toEqual([]);
  expect(await rows()).toEqual([]);
}

describe('from base64 and uploads', () => {
  test('keeps the bytes, with the type that they show', async () => {
    const stored = await media.fromBase64(
      PNG.toString('base64'),
      input({ mimeType: 'image/jpeg', filename: '../a\n.png' }),
    );
    expect(stored).toEqual({
      id: expect.stringMatching(/^med_/) as string,
      keyId: 'key_1',
      mimeType: 'image/png',
      sizeBytes: PNG.length,
      sha256: createHash('sha256').update(PNG).digest('hex'),
      filename: 'a.png',
      createdAt: clock.now(),
      sessionId: null,
    });
    const { path, media: found } = await media.file(stored.id);
    expect(found).toEqual(stored);
    expect(await readFile(path)).toEqual(PNG);
    expect(await filesLeft()).toEqual([stored.id]);
  });

  test('takes a data URL', async () => {
    const stored = await media.fromBase64(`data:image/png;base64,${PNG.toString('base64')}`, input());
    expect(stored.sizeBytes).toBe(PNG.length);
  });

  test('a document may be of any type; what bytes do not tell, the sender says', async () => {
    const text = Buffer.from('name;phone').toString('base64');
    const document = input({ kind: 'document', mimeType: 'Text/CSV; charset=utf-8' });
    expect(await media.fromBase64(text, document)).toMatchObject({ mimeType: 'text/csv' });
    expect(await media.fromBase64(text, input({ kind: 'document', mimeType: 'x\r\ny' }))).toMatchObject({
      mimeType: 'application/octet-stream',
    });
    expect(await media.fromBase64(PNG.toString('base64'), document)).toMatchObject({ mimeType: 'image/png' });
  });

  const png = PNG.toString('base64');
  test.each([
    {
      what: 'text as an image',
      data: Buffer.from('hello').toString('base64'),
      expected: 'unsupported_media',
    },
    { what: 'an image as a video', data: png, kind: 'video' as const, expected: 'unsupported_media' },
    { what: 'an image as audio', data: png, kind: 'audio' as const, expected: 'unsupported_media' },
    { what: 'what is no base64', data: 'a#b', expected: 'invalid_request' },
    { what: 'nothing', data: '', expected: 'invalid_request' },
    { what: 'too much', data: png, maxBytes: PNG.length - 1, expected: 'media_too_large' },
  ])('refuses $what', async ({ data, kind = 'image' as const, maxBytes, expected }) => {
    await expectFailure(media.fromBase64(data, input({ mimeType: 'image/png', kind, maxBytes })), expected);
  });

  test('an upload that is too large is stopped on the way', async () => {
    let read = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          read += 1;
          yield Buffer.alloc(64 * 1024);
        }
      })(),
    );
    await expectFailure(media.fromStream(endless, input()), 'media_too_large');
    expect(read).toBeLessThan(300);
  });

  test('an upload that breaks off, or is empty, leaves nothing', async () => {
    const broken = Readable.from(
      (function* () {
        yield PNG;
        throw new Error('client has gone');
      })(),
    );
    await expect(media.fromStream(broken, input())).rejects.toThrow('client has gone');
    await expectFailure(media.fromStream(Readable.from([]), input()), 'invalid_request');
  });
});

describe('from a link', () => {
  const url = (path: string): string => `http://127.0.0.1:${String(server.port)}${path}`;
  const text = input({ kind: 'document' });

  test('keeps the file, with the name and type that the server gives', async () => {
    serveText();
    const stored = await media.fromLink(url('/files/price%20list.txt?x=1'), text);
    expect(stored).toMatchObject({ mimeType: 'text/plain', filename: 'price list.txt', sizeBytes: 10 });
    expect(server.requests[0]).toMatchObject({ method: 'GET' });
  });

  test('follows up to five redirects', async () => {
    const hop = (n: number) => ({ status: 302, headers: { location: `/hop${String(n)}` } });
    server.next(hop(1), hop(2), hop(3), hop(4), hop(5), { status: 200, body: 'there' });
    expect(await media.fromLink(url('/'), text)).toMatchObject({ sizeBytes: 5 });
    server.always(hop(1));
    await expect(media.fromLink(url('/'), text)).rejects.toEqual(code('media_unreachable'));
    expect(server.requests).toHaveLength(12);
  });

  test.each([
    ['http://127.0.0.1:1/', 'target_not_allowed'],
    ['http://169.254.169.254/latest/', 'target_not_allowed'],
    ['http://private.example/', 'target_not_allowed'],
    ['file:///etc/passwd', 'target_not_allowed'],
    ['http://', 'media_unreachable'],
  ])('refuses a redirect to %s', async (location, expected) => {
    server.next({ status: 302, headers: { location } });
    await expectFailure(media.fromLink(url('/'), text), expected);
  });

  test.each([
    ['an error', { status: 404 }],
    ['a redirect to nowhere', { status: 302 }],
    ['an empty answer', { status: 204 }],
    ['no answer', 'close' as const],
  ])('%s is media_unreachable', async (_what, answer) => {
    server.next(answer);
    await expectFailure(media.fromLink(url('/'), text), 'media_unreachable');
  });

  test('a link to a private address is refused before anything is sent', async () => {
    await expectFailure(media.fromLink('http://private.example/a.png', text), 'target_not_allowed');
    await expectFailure(media.fromLink('http://10.0.0.1/a.png', text), 'target_not_allowed');
    expect(server.requests).toEqual([]);
  });

  test('a file that is too large is refused by its length, or while it comes', async () => {
    server.next({ status: 200, body: 'x'.repeat(100) });
    await expectFailure(media.fromLink(url('/'), { ...text, maxBytes: 99 }), 'media_too_large');
    server.next('endless');
    await expectFailure(media.fromLink(url('/'), { ...text, maxBytes: 1024 * 1024 }), 'media_too_large');
  });

  test('a server that hangs, before the answer or within it, is left after a minute', async () => {
    for (const answer of ['hang', 'hangInBody'] as const) {
      server.next(answer);
      const count = server.requests.length;
      const work = media.fromLink(url('/'), text);
      const failure = expectFailure(work, 'media_unreachable');
      await server.waitFor(count + 1);
      if (answer === 'hangInBody')
        await eventually('the file to be begun', async () => (await filesLeft()).length > 0);
      clock.advance(60_000);
      await failure;
    }
    expect(clock.pending()).toBe(0);
  });

  test('the bytes decide what an image is, not the server', async () => {
    server.next({ status: 200, body: '<html>', headers: { 'content-type': 'image/png' } });
    await expectFailure(media.fromLink(url('/a.png'), input()), 'unsupported_media');
  });
});

test('what is unknown, or whose file has gone, is media_not_found', async () => {
  await expect(media.find('med_1')).rejects.toEqual(code('media_not_found'));
  await expect(media.file('../../etc/passwd')).rejects.toEqual(code('media_not_found'));
  const stored = await media.fromBase64(PNG.toString('base64'), input());
  const { path } = await media.file(stored.id);
  await rm(path);
  await expect(media.file(stored.id)).rejects.toEqual(code('media_not_found'));
});

test('clean removes what a crash left half-written, and nothing that may still be written', async () => {
  const stored = await media.fromBase64(PNG.toString('base64'), input());
  const [old, young] = [join(folder, 'med_old.part'), join(folder, 'med_young.part')];
  await writeFile(old, 'x');
  await writeFile(young, 'x');
  const at = (ago: number): Date => new Date(clock.now() - ago);
  await utimes(old, at(3_700_000), at(3_700_000));
  await utimes(young, at(60_000), at(60_000));
  await media.clean();
  expect((await filesLeft()).sort()).toEqual([stored.id, 'med_young.part'].sort());
});
