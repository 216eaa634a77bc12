/**
 * What is made of files before they are sent: thumbnails, stickers, voice notes; and that WhatsApp gets one file once.
 */
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { connected, pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550020001';
const BOB = '4915550020002';
const CAROL = '4915550020003';
/** An Ogg page that begins an Opus stream. */
const OPUS = Buffer.concat([
  Buffer.from('OggS\0\x02', 'latin1'),
  Buffer.alloc(20),
  Buffer.from('\x01\x13', 'latin1'),
  Buffer.from('OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0', 'latin1'),
]);
/** A frame of MPEG audio, layer 3, with silence in it. */
const FRAME = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), Buffer.alloc(413)]);
const MP3 = Buffer.concat([FRAME, FRAME, FRAME]);

let gateway: GatewayProcess;
let dataDir: string;
let start: (path: string) => Promise<GatewayProcess>;

beforeAll(async () => {
  dataDir = world.newDataDir();
  // Whatever this machine has installed: no ffmpeg is in an empty folder.
  const empty = join(dataDir, 'empty');
  mkdirSync(empty);
  start = (path) => world.start({ dataDir, env: { PATH: path } });
  gateway = await start(empty);
  for (const number of [BOB, CAROL]) await world.phone().createContact({ number, name: number });
  await pair(gateway, world.phone(), { id: 'fit', number: PHONE });
});

interface Answer extends MessageJson {
  /** Only when there are any. */
  warnings?: { code: string; message: string }[];
}
type Part = Record<string, unknown>;

async function sent(body: object, to = BOB): Promise<{ answer: Answer; part: (name: string) => Part }> {
  const { status, body: answer } = await gateway.call<Answer>(
    'POST',
    '/v1/messages?wait=sent&timeoutSeconds=30',
    { sessionId: 'fit', to, ...body },
  );
  if (status !== 200) throw new Error(`${String(status)} ${JSON.stringify(answer)}`);
  const [seen] = await world.phone().messages.waitFor({ to, waId: answer.waId });
  return { answer, part: (name) => seen?.message[name] as Part };
}

const upload = async (bytes: Buffer, type: string): Promise<string> => {
  const raw = { raw: new Uint8Array(bytes), headers: { 'content-type': type } };
  return (await gateway.ask<{ id: string }>('POST', '/v1/media', undefined, raw)).id;
};
const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#06c' } });

test('an image has a thumbnail and its size', async () => {
  const id = await upload(await picture(1_200, 600).jpeg().toBuffer(), 'image/jpeg');
  const { part } = await sent({ type: 'image', image: { id } });
  const image = part('imageMessage');
  expect([image.width, image.height]).toEqual([1_200, 600]);
  const thumbnail = await sharp(Buffer.from(String(image.jpegThumbnail), 'base64')).metadata();
  expect([thumbnail.format, thumbnail.width, thumbnail.height]).toEqual(['jpeg', 100, 50]);
});

test('a file for many recipients is uploaded to WhatsApp once, also over a restart', async () => {
  const id = await upload(await picture(64, 64).png().toBuffer(), 'image/png');
  const first = await sent({ type: 'image', image: { id, caption: 'one' } });
  const second = await sent({ type: 'image', image: { id, caption: 'two' } }, CAROL);
  await gateway.stop();
  gateway = await start(join(dataDir, 'empty'));
  await connected(gateway, 'fit');
  // Every further upload would fail.
  await world.phone().addFault({ kind: 'fail_upload' });
  const third = await sent({ type: 'image', image: { id, caption: 'three' } });
  await world.phone().clearFaults();
  const parts = [first, second, third].map(({ part }) => part('imageMessage'));
  expect(
    new Set(parts.map(({ directPath, mediaKey }) => `${String(directPath)} ${String(mediaKey)}`)).size,
  ).toBe(1);
  expect(parts.map(({ caption }) => caption)).toEqual(['one', 'two', 'three']);
  const { bytes } = await world.phone().mediaOf(CAROL, second.answer.waId);
  expect((await sharp(Buffer.from(bytes)).metadata()).format).toBe('png');
  // The same bytes as another kind are another upload: each kind has keys of its own.
  const document = await sent({ type: 'document', document: { id, filename: 'a.png' } });
  expect(document.part('documentMessage').directPath).not.toBe(parts[0]?.directPath);
});

test('a sticker is made of any image, and a WebP stays as it is', async () => {
  const id = await upload(await picture(300, 100).png().toBuffer(), 'image/png');
  const { answer, part } = await sent({ type: 'sticker', sticker: { id } });
  expect(part('stickerMessage')).toMatchObject({ mimetype: 'image/webp' });
  const { bytes } = await world.phone().mediaOf(BOB, answer.waId);
  const made = await sharp(Buffer.from(bytes)).metadata();
  expect([made.format, made.width, made.height, made.hasAlpha]).toEqual(['webp', 512, 512, true]);
  const webp = await picture(512, 512).webp().toBuffer();
  const kept = await sent({ type: 'sticker', sticker: { id: await upload(webp, 'image/webp') } });
  const { bytes: same } = await world.phone().mediaOf(BOB, kept.answer.waId);
  expect(Buffer.from(same).equals(webp)).toBe(true);
});

test.each(['jpeg', 'gif'] as const)('a sticker is made of a %s, too', async (format) => {
  const id = await upload(await picture(40, 90)[format]().toBuffer(), `image/${format}`);
  const { answer, part } = await sent({ type: 'sticker', sticker: { id } });
  expect(part('stickerMessage')).toMatchObject({ mimetype: 'image/webp' });
  const { bytes } = await world.phone().mediaOf(BOB, answer.waId);
  const made = await sharp(Buffer.from(bytes)).metadata();
  expect([made.format, made.width, made.height]).toEqual(['webp', 512, 512]);
});

test('a sticker of an image that only begins like one is refused', async () => {
  const liar = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), Buffer.alloc(200, 7)]);
  const answer = await gateway.call('POST', '/v1/messages', {
    sessionId: 'fit',
    to: BOB,
    type: 'sticker',
    sticker: { data: liar.toString('base64'), mimeType: 'image/png' },
  });
  expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media']);
});

test('without ffmpeg a voice note is sent as it is, and the answer says so', async () => {
  const voice = { data: MP3.toString('base64'), mimeType: 'audio/mpeg', voice: true };
  const { answer, part } = await sent({ type: 'audio', audio: voice });
  expect(answer.warnings).toMatchObject([{ code: 'voice_not_converted' }]);
  expect(part('audioMessage')).toMatchObject({ ptt: true, mimetype: 'audio/mpeg' });
  const opus = { data: OPUS.toString('base64'), mimeType: 'audio/ogg', voice: true };
  expect((await sent({ type: 'audio', audio: opus })).answer.warnings).toBeUndefined();
});

test('without ffmpeg a GIF is sent as an image, and the answer says so; a video has no thumbnail', async () => {
  const gif = await picture(20, 10).gif().toBuffer();
  const data = { data: gif.toString('base64'), mimeType: 'image/gif' };
  const { answer, part } = await sent({ type: 'video', video: { ...data, gif: true, caption: 'look' } });
  expect(answer).toMatchObject({ type: 'image', warnings: [{ code: 'gif_not_converted' }] });
  expect(part('imageMessage')).toMatchObject({ mimetype: 'image/gif', caption: 'look', width: 20 });
  const film = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08free', 'latin1');
  const video = await sent({
    type: 'video',
    video: { data: film.toString('base64'), mimeType: 'video/mp4' },
  });
  expect(video.part('videoMessage').jpegThumbnail ?? null).toBeNull();
});

describe('with ffmpeg', () => {
  /** Stands where ffmpeg would: says what it was asked, and answers with an Opus stream, or fails. */
  beforeAll(async () => {
    const folder = join(dataDir, 'programs');
    mkdirSync(folder);
    const program = join(folder, 'ffmpeg');
    const code = `#!${process.execPath}
const fs = require('node:fs');
const args = process.argv.slice(2);
if (args[0] === '-version') process.exit(0);
fs.appendFileSync(${JSON.stringify(join(dataDir, 'ffmpeg.log'))}, JSON.stringify(args) + '\\n');
const input = fs.readFileSync(args[args.indexOf('-i') + 1].replace(/^file:/, ''));
if (input.includes('broken')) process.exit(1);
process.stdout.write(Buffer.from('${OPUS.toString('base64')}', 'base64'));
`;
    writeFileSync(program, code);
    chmodSync(program, 0o755);
    await gateway.stop();
    gateway = await start(folder);
    await connected(gateway, 'fit');
  });

  test('any audio becomes a voice note of Ogg with Opus', async () => {
    const voice = { data: MP3.toString('base64'), mimeType: 'audio/mpeg', voice: true };
    const { answer, part } = await sent({ type: 'audio', audio: voice });
    expect(answer.warnings).toBeUndefined();
    expect(part('audioMessage')).toMatchObject({ ptt: true, mimetype: 'audio/ogg; codecs=opus' });
    const { bytes } = await world.phone().mediaOf(BOB, answer.waId);
    expect(Buffer.from(bytes).equals(OPUS)).toBe(true);
    // A song stays a song.
    const song = await sent({ type: 'audio', audio: { ...voice, voice: false } });
    expect(song.part('audioMessage')).toMatchObject({ ptt: false, mimetype: 'audio/mpeg' });
  });

  test('what it cannot read is sent as it is, with the warning', async () => {
    const broken = Buffer.concat([MP3, Buffer.from('broken')]).toString('base64');
    const voice = { data: broken, mimeType: 'audio/mpeg', voice: true };
    const { answer, part } = await sent({ type: 'audio', audio: voice });
    expect(answer.warnings).toMatchObject([{ code: 'voice_not_converted' }]);
    expect(part('audioMessage')).toMatchObject({ mimetype: 'audio/mpeg' });
  });
});

test('after all of it no temporary file is left, and the phone has no complaint', async () => {
  expect(readdirSync(join(dataDir, 'media')).filter((name) => name.endsWith('.part'))).toEqual([]);
  const [own = ''] = readdirSync(join(dataDir, 'tmp'));
  expect(readdirSync(join(dataDir, 'tmp', own))).toEqual([]);
  expect(await world.phone().errors.list()).toEqual([]);
});
