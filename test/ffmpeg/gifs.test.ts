/**
 * GIFs from the API to the simulated recipient's phone, with a real ffmpeg and without: videos that play by themselves, or
 * images and a warning.
 */
import sharp from 'sharp';
import { binary, useFilms } from './support/films.js';

const { phone, make, probe, upload, sent, restartWithoutFfmpeg, leftovers } = useFilms({
  phone: '4915550023001',
  to: '4915550023002',
});

let gif: Buffer;
beforeAll(() => {
  gif = make('moving.gif', '-f', 'lavfi', '-i', 'testsrc=size=161x121:rate=10:duration=2');
});
const given = () => ({ data: gif.toString('base64'), mimeType: 'image/gif' });

test.each(['video', 'media'])('as %s it becomes a video that plays over and over', async (type) => {
  const member = type === 'video' ? { ...given(), gif: true, caption: 'look' } : given();
  const { answer, part, bytes } = await sent({ type, [type]: member });
  expect(answer).toMatchObject({ type: 'video' });
  expect(answer.warnings).toBeUndefined();
  expect(part('videoMessage')).toMatchObject({
    gifPlayback: true,
    mimetype: 'video/mp4',
    seconds: 2,
    width: 160,
    height: 120,
  });
  const { stream, seconds } = probe(bytes);
  expect(stream).toMatchObject({ codec_name: 'h264', pix_fmt: 'yuv420p', width: 160, height: 120 });
  expect(seconds).toBeCloseTo(2, 0);
  // What players begin with stands at the beginning, so that it plays while it loads.
  expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
  expect((await sharp(binary(part('videoMessage').jpegThumbnail)).metadata()).width).toBe(100);
});

test('one GIF for many is made once and uploaded once', async () => {
  const id = await upload(gif, 'image/gif');
  const first = await sent({ type: 'video', video: { id, gif: true } });
  await phone().addFault({ kind: 'fail_upload' });
  const second = await sent({ type: 'video', video: { id, gif: true } });
  await phone().clearFaults();
  expect(second.part('videoMessage').directPath).toBe(first.part('videoMessage').directPath);
});

test('an MP4 stays the MP4 it is, and as an image or a document a GIF stays one', async () => {
  const film = make('f.mp4', '-f', 'lavfi', '-i', 'color=red:size=64x64:duration=1', '-pix_fmt', 'yuv420p');
  const video = await sent({ type: 'video', video: { id: await upload(film, 'video/mp4'), gif: true } });
  expect(video.bytes.equals(film)).toBe(true);
  expect(video.part('videoMessage')).toMatchObject({ gifPlayback: true });
  const image = await sent({ type: 'image', image: given() });
  expect(image.answer).toMatchObject({ type: 'image', warnings: [{ code: 'gif_not_converted' }] });
  expect(image.bytes.equals(gif)).toBe(true);
  const document = await sent({ type: 'document', document: { ...given(), filename: 'a.gif' } });
  expect(document.answer.type).toBe('document');
  expect(document.bytes.equals(gif)).toBe(true);
});

test('without ffmpeg it is sent as an image, and the answer says so', async () => {
  await restartWithoutFfmpeg();
  // Another picture than before: what was made of that one is known.
  const other = make('other.gif', '-f', 'lavfi', '-i', 'testsrc2=size=64x64:rate=5:duration=1');
  const data = { data: other.toString('base64'), mimeType: 'image/gif' };
  for (const body of [
    { type: 'video', video: { ...data, gif: true } },
    { type: 'media', media: data },
  ]) {
    const { answer, part, bytes } = await sent(body);
    expect(answer).toMatchObject({ type: 'image', warnings: [{ code: 'gif_not_converted' }] });
    expect(part('imageMessage')).toMatchObject({ mimetype: 'image/gif', width: 64, height: 64 });
    expect(bytes.equals(other)).toBe(true);
  }
});
test('after all of it no temporary file is left, and the phone has no complaint', async () => {
  expect(leftovers()).toEqual([]);
  expect(await phone().errors.list()).toEqual([]);
});
