/**
 * Files of received messages with the real client and the simulator's media host over TLS: fetched, decrypted, checked,
 * and served; slow, broken, spoiled, expired and huge ones with a recorded reason, and no harm to their neighbours.
 */
import { randomBytes } from 'node:crypto';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { eventsOf, pair, useWorld, type EventJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550021001';
const BOB = '4915550021002';
let gateway: GatewayProcess;
let dataDir: string;
const env = { SLUICE_MEDIA_WAIT_SECONDS: '3', SLUICE_MEDIA_MAX_MB: '2' };

beforeAll(async () => {
  dataDir = world.newDataDir();
  gateway = await world.start({ dataDir, env });
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'files', number: PHONE });
});

afterEach(() => world.phone().clearFaults());

interface Media {
  id: string | null;
  url: string | null;
  mimeType: string;
  filename: string | null;
  sizeBytes: number;
  sha256: string;
  caption: string | null;
  error: { code: string; message: string } | null;
  pending?: true;
}

const mediaOf = (event: EventJson | undefined): Media => event?.data.media as Media;

async function next(type: string, waId: string): Promise<EventJson> {
  const until = Date.now() + 25_000;
  for (let afterSeq = 0; Date.now() < until;) {
    const { data } = await gateway.ask<{ data: EventJson[] }>(
      'GET',
      `/v1/events?sessionId=files&types=${type}&afterSeq=${String(afterSeq)}&waitSeconds=5`,
    );
    afterSeq = data.at(-1)?.seq ?? afterSeq;
    const found = data.find((event) => event.data.messageId === waId);
    if (found) return found;
  }
  throw new Error(`no ${type} for ${waId}\n${gateway.output()}`);
}

/** What has become of the file in the end; on a busy machine that may be after its event. */
async function settled(waId: string): Promise<Media> {
  const media = mediaOf(await next('message.received', waId));
  return media.pending ? mediaOf(await next('message.media', waId)) : media;
}

type Kind = 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker';

const send = (media: Kind, bytes: Buffer, more: object = {}): Promise<string> =>
  world.phone().sendTo(PHONE, {
    from: BOB,
    content: { kind: 'media', media, base64: bytes.toString('base64'), mimetype: 'a/b', ...more },
  });

const fetchFile = (url: string | null, headers: Record<string, string> = {}) =>
  fetch(url ?? '', {
    headers: { 'x-api-key': 'slk_live_test-admin-key-with-enough-characters', ...headers },
  });

const bytesOf = async (url: string | null): Promise<Buffer> =>
  Buffer.from(await (await fetchFile(url)).arrayBuffer());

test.each<[Kind, string, object, string]>([
  ['image', 'image/jpeg', { caption: 'look' }, 'inline'],
  ['video', 'video/mp4', {}, 'inline'],
  ['audio', 'audio/mpeg', {}, 'inline'],
  ['voice', 'audio/ogg; codecs=opus', {}, 'inline'],
  ['document', 'application/pdf', { fileName: 'Zürich a.pdf' }, 'attachment'],
  ['sticker', 'image/webp', {}, 'inline'],
])('%s is fetched, and served with its type', async (kind, mimetype, more, disposition) => {
  const file = randomBytes(100_001);
  const waId = await send(kind, file, { mimetype, ...more });
  const media = await settled(waId);
  expect(media).toMatchObject({ mimeType: mimetype, sizeBytes: file.length, error: null });
  expect(media).not.toHaveProperty('pending');
  expect(media.url).toBe(`${gateway.url}/v1/media/${media.id ?? ''}`);
  const response = await fetchFile(media.url);
  expect(response.headers.get('content-type')).toBe(mimetype);
  expect(response.headers.get('content-disposition')).toMatch(new RegExp(`^${disposition}`));
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(Buffer.from(await response.arrayBuffer()).equals(file)).toBe(true);
});

test('a part of a file, and a part that it does not have', async () => {
  const file = randomBytes(5_000);
  const { url } = await settled(await send('document', file));
  const part = await fetchFile(url, { range: 'bytes=1000-1099' });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1000-1099/5000']);
  expect(Buffer.from(await part.arrayBuffer()).equals(file.subarray(1000, 1100))).toBe(true);
  const beyond = await fetchFile(url, { range: 'bytes=6000-' });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */5000']);
  expect(await beyond.json()).toMatchObject({ code: 'range_not_satisfiable' });
});

test('a page of a stranger is saved, never shown', async () => {
  const page = Buffer.from('<script>alert(1)</script>');
  const waId = await send('document', page, { mimetype: 'text/html', fileName: 'a.html' });
  const response = await fetchFile((await settled(waId)).url);
  expect(response.headers.get('content-disposition')).toBe('attachment; filename=a.html');
  expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
});

test('only keys that cover the session get its files', async () => {
  const { url } = await settled(await send('image', randomBytes(50)));
  const keyFor = async (role: string, sessionIds: string[]) =>
    (await gateway.ask<{ key: string }>('POST', '/v1/keys', { name: role, role, sessionIds })).key;
  const status = async (key: string) => (await fetchFile(url, { 'x-api-key': key })).status;
  expect(await status(await keyFor('reader', ['files']))).toBe(200);
  expect(await status(await keyFor('reader', ['other']))).toBe(403);
  expect(await status(await keyFor('sender', []))).toBe(403);
});

test('a download that breaks off is tried again', async () => {
  const file = randomBytes(300_000);
  await world.phone().addFault({ kind: 'truncate_download', count: 1 });
  const media = await settled(await send('video', file));
  expect(media).toMatchObject({ error: null });
  expect((await bytesOf(media.url)).equals(file)).toBe(true);
});

test('a slow file does not hold its event for longer than the setting; a later event completes it', async () => {
  const file = randomBytes(10_000);
  await world.phone().addFault({ kind: 'slow_download', delayMs: 6_000, count: 1 });
  const waId = await send('image', file, { caption: 'late' });
  const after = await world.phone().sendTo(PHONE, { from: BOB, text: 'after the late one' });
  const received = await next('message.received', waId);
  expect(mediaOf(received)).toMatchObject({ pending: true, error: null, caption: 'late' });
  const early = await fetchFile(mediaOf(received).url);
  expect([early.status, early.headers.get('retry-after')]).toEqual([503, '5']);
  expect((await next('message.received', after)).seq).toBe(received.seq + 1);
  const completed = await next('message.media', waId);
  const expected = { ...mediaOf(received) };
  delete expected.pending;
  expect(completed.data).toEqual({ ...received.data, media: expected });
  expect((await bytesOf(mediaOf(completed).url)).equals(file)).toBe(true);
});

/** A media message with what is given changed, as somebody with bad intentions would send it. */
async function forged(more: object): Promise<string> {
  const message = {
    imageMessage: {
      url: `https://${world.simulator().world.media.hostname}/v/nothing-is-here-at-all`,
      directPath: '/v/nothing-is-here-at-all',
      mediaKey: randomBytes(32).toString('base64'),
      fileSha256: randomBytes(32).toString('base64'),
      fileEncSha256: randomBytes(32).toString('base64'),
      fileLength: 1000,
      mimetype: 'image/png',
      ...more,
    },
  };
  return world.phone().sendTo(PHONE, { from: BOB, content: { kind: 'raw', message } });
}

test.each<[string, object, string]>([
  ['is 2 GB', { fileLength: 2 * 1024 ** 3 }, 'media_too_large'],
  ['lies on a host that is not WhatsApp', { url: 'https://192.0.2.1/v/x' }, 'media_unreachable'],
  ['lies on this machine, unencrypted', { url: 'http://127.0.0.1:1/x' }, 'media_unreachable'],
  ['has no key', { mediaKey: '' }, 'media_damaged'],
  ['is gone, and the phone does not have it either', {}, 'media_expired'],
])('a file that %s is an event with the reason', async (_what, more, code) => {
  const media = await settled(await forged(more));
  expect(media).toMatchObject({ id: null, url: null, error: { code } });
  expect(media.error?.message).toMatch(/\w\.$/);
});

/** Puts a file on the media host as a phone does, and answers what its message says of it. */
async function uploaded(file: Buffer): Promise<Record<string, unknown>> {
  const waId = await send('image', file, { mimetype: 'image/png' });
  await settled(waId);
  const [record] = await world.phone().messages.waitFor({ to: PHONE, waId });
  return (record?.message as { imageMessage: Record<string, unknown> }).imageMessage;
}

test('a file with the wrong hash, and one with the key of another, are damaged', async () => {
  const fields = await uploaded(randomBytes(2_000));
  const wrong = randomBytes(32).toString('base64');
  for (const field of ['fileSha256', 'fileEncSha256', 'mediaKey']) {
    const media = await settled(await forged({ ...fields, [field]: wrong }));
    expect([field, media.error?.code]).toEqual([field, 'media_damaged']);
  }
});

test('a file that is larger than it says is cut off at the limit', async () => {
  const fields = await uploaded(randomBytes(1_000));
  const large = await send('document', randomBytes(3 * 1024 * 1024));
  expect((await settled(large)).error?.code).toBe('media_too_large');
  const [record] = await world.phone().messages.waitFor({ to: PHONE, waId: large });
  const lying = (record?.message as { documentMessage: object }).documentMessage;
  const waId = await forged({ ...fields, ...lying, fileLength: 100 });
  expect((await settled(waId)).error?.code).toBe('media_too_large');
});

test.each([404, 410])(
  'a file that the server has deleted (%i) is asked for again and comes',
  async (code) => {
    const file = randomBytes(7_000);
    await world.phone().addFault({ kind: 'fail_download', code, count: 1 });
    const media = await settled(await send('image', file));
    expect(media).toMatchObject({ error: null });
    expect((await bytesOf(media.url)).equals(file)).toBe(true);
  },
);

test('a file that is being fetched when the gateway is killed comes after the restart', async () => {
  const file = randomBytes(20_000);
  await world.phone().addFault({ kind: 'slow_download', delayMs: 30_000, count: 1 });
  const waId = await send('document', file);
  const received = await next('message.received', waId);
  expect(mediaOf(received).pending).toBe(true);
  await gateway.kill9();
  gateway = await world.start({ dataDir, env });
  const completed = mediaOf(await next('message.media', waId));
  expect((await bytesOf(`${gateway.url}/v1/media/${completed.id ?? ''}`)).equals(file)).toBe(true);
});

test('a session that wants no files has none', async () => {
  expect(await gateway.ask('PATCH', '/v1/sessions/files', { downloadMedia: false })).toMatchObject({
    downloadMedia: false,
  });
  const media = await settled(await send('image', randomBytes(10)));
  expect(media).toMatchObject({ id: null, url: null, error: { code: 'not_downloaded' } });
});

test('after all of it the numbers have no gap, and nothing was asked that the real server would not answer', async () => {
  const all = await eventsOf(gateway, { sessionId: 'files', type: 'message.received', count: 1 });
  expect(all.length).toBeGreaterThan(0);
  const { data } = await gateway.ask<{ data: EventJson[] }>('GET', '/v1/events?sessionId=files&limit=200');
  expect(data.map(({ seq }) => seq)).toEqual(data.map((_, index) => index + 1));
  expect(await world.phone().errors.list()).toEqual([]);
});
