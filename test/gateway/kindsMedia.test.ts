/**
 * Messages with a file from the API to the simulated recipient's phone, with the real client, through the simulator's
 * media host over TLS: what arrives opens with the key in the message and is the file that was given.
 */
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550013001';
const BOB = '4915550013002';
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await world.start();
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'files', number: PHONE });
});

interface Problem {
  code: string;
  errors?: { path: string; message: string }[];
}

const call = <T = MessageJson>(body: object, query = '') =>
  gateway.call<T>('POST', `/v1/messages${query}`, { sessionId: 'files', to: BOB, ...body });

/** Sends and waits until it is sent; answers the message and the protobuf that the phone decrypted. */
async function sent(body: object) {
  const answer = await call(body, '?wait=sent&timeoutSeconds=20');
  if (answer.status !== 200) throw new Error(`${String(answer.status)} ${JSON.stringify(answer.body)}`);
  expect(answer.body).toMatchObject({ status: expect.stringMatching(/^(sent|delivered)$/) as unknown });
  const [seen] = await world.phone().messages.waitFor({ to: BOB, waId: answer.body.waId });
  return { message: answer.body, seen: seen?.message as Record<string, Record<string, unknown>> };
}

async function refused(body: object): Promise<[number, string, string | undefined]> {
  const { status, body: problem } = await call<Problem>(body);
  return [status, problem.code, problem.errors?.[0]?.path];
}

describe('files', () => {
  const PNG =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  /** An Ogg page that begins an Opus stream. */
  const OPUS = Buffer.concat([
    Buffer.from('OggS\0\x02', 'latin1'),
    Buffer.alloc(20),
    Buffer.from('\x01\x13', 'latin1'),
    Buffer.from('OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0', 'latin1'),
  ]).toString('base64');
  const MP4 = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08free', 'latin1').toString('base64');
  const WEBP = Buffer.from(
    'RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0',
    'latin1',
  );
  const PDF = Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64');

  test.each<[string, object, [part: string, says: object]]>([
    [
      'image',
      { data: PNG, mimeType: 'image/png', caption: 'look' },
      ['imageMessage', { caption: 'look', mimetype: 'image/png' }],
    ],
    [
      'video',
      { data: MP4, mimeType: 'video/mp4', gif: true },
      ['videoMessage', { gifPlayback: true, mimetype: 'video/mp4' }],
    ],
    [
      'audio',
      { data: OPUS, mimeType: 'audio/ogg', voice: true },
      ['audioMessage', { ptt: true, mimetype: 'audio/ogg; codecs=opus' }],
    ],
    [
      'document',
      { data: PDF, mimeType: 'application/pdf', filename: 'a.pdf', caption: 'read' },
      ['documentMessage', { fileName: 'a.pdf', caption: 'read', mimetype: 'application/pdf' }],
    ],
    [
      'sticker',
      { data: WEBP.toString('base64'), mimeType: 'image/webp' },
      ['stickerMessage', { mimetype: 'image/webp' }],
    ],
  ])('%s arrives, and opens with the key in the message', async (type, member, [part, expected]) => {
    const { seen, message } = await sent({ type, [type]: member });
    expect(message).toMatchObject({ type });
    expect(seen[part]).toMatchObject(expected);
    const { bytes } = await world.phone().mediaOf(BOB, message.waId);
    expect(Buffer.from(bytes).toString('base64')).toBe((member as { data: string }).data);
  });

  test('a voice note that somebody has listened to is played', async () => {
    const audio = { data: OPUS, mimeType: 'audio/ogg', voice: true };
    const { id, waId } = (await sent({ type: 'audio', audio })).message;
    await world.phone().sendReceipt({ from: BOB, to: PHONE, waIds: [waId], type: 'played' });
    const { timeline } = await eventually('played', async () => {
      const message = await gateway.ask<MessageJson>('GET', `/v1/messages/${id}`);
      return message.status === 'played' && message;
    });
    expect(timeline.at(-1)).toMatchObject({ status: 'played' });
  });

  test('an image that can be opened once only', async () => {
    const { seen } = await sent({
      type: 'image',
      image: { data: PNG, mimeType: 'image/png', viewOnce: true },
    });
    expect(seen.viewOnceMessage).toMatchObject({ message: { imageMessage: { viewOnce: true } } });
  });

  test('the kind is detected: an image as one, anything else as a document', async () => {
    const picture = await sent({ type: 'media', media: { data: PNG, mimeType: 'application/octet-stream' } });
    expect(picture.message).toMatchObject({ type: 'image' });
    const text = Buffer.from('a,b\n1,2\n').toString('base64');
    const table = await sent({
      type: 'media',
      media: { data: text, mimeType: 'text/csv', filename: 't.csv' },
    });
    expect(table.message).toMatchObject({ type: 'document' });
    expect(table.seen.documentMessage).toMatchObject({ fileName: 't.csv', mimetype: 'text/csv' });
  });

  test('a file that is not of the kind is refused, uploaded or not', async () => {
    const { id } = await gateway.ask<{ id: string }>('POST', '/v1/media', undefined, {
      raw: Buffer.from(PDF, 'base64'),
      headers: { 'content-type': 'application/pdf' },
    });
    expect(await refused({ type: 'image', image: { id } })).toEqual([415, 'unsupported_media', undefined]);
    expect(await refused({ type: 'video', video: { data: PDF, mimeType: 'video/mp4' } })).toEqual([
      415,
      'unsupported_media',
      undefined,
    ]);
    expect(await refused({ type: 'audio', audio: { id: 'med_unknown' } })).toEqual([
      404,
      'media_not_found',
      undefined,
    ]);
    const captioned = { data: OPUS, mimeType: 'audio/ogg', caption: 'x' };
    expect(await refused({ type: 'media', media: captioned })).toEqual([
      400,
      'invalid_request',
      'media.caption',
    ]);
  });
});

test('after all of it nothing was sent that the real server would have swallowed in silence', async () => {
  expect(await world.phone().errors.list()).toEqual([]);
});
