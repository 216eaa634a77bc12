/**
 * Voice notes and videos from the API to the simulated recipient's phone, with a real ffmpeg: what arrives is in the
 * format that phones play, and says how it looks and how long it plays before it is opened.
 */
import sharp from 'sharp';
import { binary, useFilms } from './support/films.js';

const { phone, at, make, probe, upload, sent, leftovers } = useFilms({
  phone: '4915550021001',
  to: '4915550021002',
});

/** The mean of each colour. */
async function colourOf(jpeg: Buffer): Promise<number[]> {
  const { channels } = await sharp(jpeg).stats();
  return channels.map(({ mean }) => Math.round(mean));
}

describe('voice notes', () => {
  /** Two seconds of silence, then two of a tone. */
  const LATE_TONE = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=4'].concat([
    '-af',
    "volume='if(lt(t,2),0,1)':eval=frame",
  ]);

  test.each([
    ['mp3', 'audio/mpeg', ['-ac', '2']],
    ['wav', 'audio/wav', []],
    ['m4a', 'audio/mp4', ['-c:a', 'aac']],
    ['flac', 'audio/flac', []],
  ])('%s becomes Ogg with Opus that says how long and how loud it is', async (ending, type, how) => {
    const original = make(`tone.${ending}`, ...LATE_TONE, ...how);
    const { answer, part, bytes } = await sent({
      type: 'audio',
      audio: { data: original.toString('base64'), mimeType: type, voice: true },
    });
    expect(answer.warnings).toBeUndefined();
    expect(part('audioMessage')).toMatchObject({
      ptt: true,
      mimetype: 'audio/ogg; codecs=opus',
      seconds: 4,
    });
    const { stream, seconds } = probe(bytes);
    expect(stream).toMatchObject({ codec_name: 'opus', channels: 1, sample_rate: '48000' });
    expect(seconds).toBeCloseTo(4, 0);
    const bars = [...binary(part('audioMessage').waveform)];
    expect(bars).toHaveLength(64);
    // Quiet in its first half, loud in its second; the bars at the seam belong to both.
    expect(Math.max(...bars.slice(0, 30))).toBeLessThan(5);
    expect(Math.min(...bars.slice(34, 62))).toBeGreaterThan(80);
    expect(Math.max(...bars)).toBe(100);
  });

  test('Ogg with Opus stays as it is, and has its bars too', async () => {
    const original = make('tone.ogg', ...LATE_TONE, '-c:a', 'libopus');
    const id = await upload(original, 'audio/ogg');
    const voice = await sent({ type: 'audio', audio: { id, voice: true } });
    expect(voice.bytes.equals(original)).toBe(true);
    expect(binary(voice.part('audioMessage').waveform)).toHaveLength(64);
    // The same file as a song: as long, without bars, and no voice note.
    const song = await sent({ type: 'audio', audio: { id } });
    expect(song.part('audioMessage')).toMatchObject({ ptt: false, seconds: 4 });
    expect(song.part('audioMessage').waveform ?? null).toBeNull();
  });

  test('the sound of a video can be a voice note', async () => {
    const original = make(
      'film.mp4',
      ...['-f', 'lavfi', '-i', 'testsrc=size=64x64:duration=2'],
      ...['-f', 'lavfi', '-i', 'sine=frequency=300:duration=2', '-pix_fmt', 'yuv420p'],
    );
    const { part } = await sent({
      type: 'audio',
      audio: { data: original.toString('base64'), mimeType: 'video/mp4', voice: true },
    });
    expect(part('audioMessage')).toMatchObject({ mimetype: 'audio/ogg; codecs=opus', seconds: 2 });
  });

  test('what only begins like audio is sent as it is, with the warning', async () => {
    const liar = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), Buffer.alloc(5_000, 0x41)]);
    const { answer, part, bytes } = await sent({
      type: 'audio',
      audio: { data: liar.toString('base64'), mimeType: 'audio/mpeg', voice: true },
    });
    expect(answer.warnings).toMatchObject([{ code: 'voice_not_converted' }]);
    expect(part('audioMessage')).toMatchObject({ ptt: true, mimetype: 'audio/mpeg' });
    expect(bytes.equals(liar)).toBe(true);
  });
});

describe('videos', () => {
  test('has a thumbnail of what is in it, its size and its length', async () => {
    // Black for half a second, then red: the thumbnail is not the black of the beginning.
    const original = make(
      'red.mp4',
      ...['-f', 'lavfi', '-i', 'color=black:size=640x360:duration=0.5'],
      ...['-f', 'lavfi', '-i', 'color=red:size=640x360:duration=4.5'],
      ...['-filter_complex', 'concat=n=2', '-pix_fmt', 'yuv420p'],
    );
    const { part, bytes } = await sent({ type: 'video', video: { id: await upload(original, 'video/mp4') } });
    expect(bytes.equals(original)).toBe(true);
    const video = part('videoMessage');
    expect(video).toMatchObject({ seconds: 5, width: 640, height: 360, gifPlayback: false });
    const thumbnail = binary(video.jpegThumbnail);
    const { format, width, height } = await sharp(thumbnail).metadata();
    expect([format, width, height]).toEqual(['jpeg', 100, 56]);
    const [red = 0, green = 0, blue = 0] = await colourOf(thumbnail);
    expect(red).toBeGreaterThan(200);
    expect(green + blue).toBeLessThan(60);
  });

  test('a video that was filmed upright is shown upright', async () => {
    make('lying.mp4', '-f', 'lavfi', '-i', 'color=blue:size=320x180:duration=1', '-pix_fmt', 'yuv420p');
    const turned = make('turned.mp4', '-i', at('lying.mp4'), '-c', 'copy', '-metadata:s:v:0', 'rotate=90');
    const { part } = await sent({ type: 'video', video: { id: await upload(turned, 'video/mp4') } });
    expect(part('videoMessage')).toMatchObject({ width: 180, height: 320 });
  });

  test('one of a single picture, and one that cannot be read, are sent all the same', async () => {
    const still = make(
      'still.mp4',
      ...['-f', 'lavfi', '-i', 'color=green:size=64x64:duration=1', '-frames:v', '1', '-pix_fmt', 'yuv420p'],
    );
    const one = await sent({ type: 'video', video: { id: await upload(still, 'video/mp4') } });
    expect(one.part('videoMessage')).toMatchObject({ width: 64, height: 64, seconds: 1 });
    const cut = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08free', 'latin1');
    const other = await sent({ type: 'video', video: { id: await upload(cut, 'video/mp4') } });
    expect(other.part('videoMessage').jpegThumbnail ?? null).toBeNull();
    expect(other.bytes.equals(cut)).toBe(true);
  });
});

test('after all of it no temporary file is left, and the phone has no complaint', async () => {
  expect(leftovers()).toEqual([]);
  expect(await phone().errors.list()).toEqual([]);
});
