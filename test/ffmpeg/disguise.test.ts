/**
 * What must not get at other files or at the disk's last byte through ffmpeg: playlists in disguise, endless work.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFfmpeg } from '../../gateway/src/media/ffmpeg.js';
import { createLooks } from '../../gateway/src/media/looks.js';
import { systemClock } from '../../gateway/src/lib/clock.js';
import { createFakeClock } from '../support/fakeClock.js';

let folder: string;
const ffmpeg = createFfmpeg(systemClock);
const at = (name: string): string => join(folder, name);
const make = (...args: string[]): void => {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { stdio: 'pipe' });
};

async function sizeOf(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of chunks) size += chunk.length;
  return size;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-test-ffmpeg-'));
  make('-f', 'lavfi', '-i', 'sine=frequency=440:duration=2', at('secret.mp3'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['HLS', '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.mp3\n#EXT-X-ENDLIST\n'],
  ['concat', "ffconcat version 1.0\nfile 'secret.mp3'\n"],
  ['an image sequence', 'secret%d.png'],
])('a playlist (%s) that names another file gives nothing of it', async (_, text) => {
  const path = at('voice.ogg');
  writeFileSync(path, text);
  await expect(sizeOf(ffmpeg.toVoiceNote(path))).rejects.toThrow('ended with code');
  await expect(ffmpeg.frame(path, 0)).rejects.toThrow('ended with code');
  await expect(ffmpeg.seconds(path)).rejects.toThrow('ended with code');
  expect(await createLooks(ffmpeg).voice(path)).toBeNull();
  // The same file by its own name is read: what stood against it was the playlist.
  expect(await sizeOf(ffmpeg.toVoiceNote(at('secret.mp3')))).toBeGreaterThan(1_000);
});

test('a picture too large for the memory is not opened', async () => {
  // A GIF says its size in its first bytes, whatever is in it: 60,000 by 60,000.
  make('-f', 'lavfi', '-i', 'color=red:size=16x16:duration=0.2', at('small.gif'));
  const bytes = readFileSync(at('small.gif'));
  bytes.writeUInt16LE(60_000, 6);
  bytes.writeUInt16LE(60_000, 8);
  writeFileSync(at('huge.gif'), bytes);
  await expect(ffmpeg.toVideo(at('huge.gif'), at('huge.mp4'), 1_000_000)).rejects.toThrow('ended with code');
});

test('a video made of a GIF ends where the limit is', async () => {
  make('-f', 'lavfi', '-i', 'nullsrc=s=320x240:r=10:d=10,geq=random(1)*255:128:128', at('noise.gif'));
  const sizeBelow = async (maxBytes: number): Promise<number> => {
    await ffmpeg.toVideo(at('noise.gif'), at('noise.mp4'), maxBytes);
    return statSync(at('noise.mp4')).size;
  };
  const whole = await sizeBelow(100_000_000);
  expect(whole).toBeGreaterThan(2_000_000);
  // The pictures that the encoder still holds come after it.
  expect(await sizeBelow(200_000)).toBeLessThan(whole / 2);
});

test('work that does not end is ended', async () => {
  const clock = createFakeClock();
  const slow = createFfmpeg(clock);
  make('-f', 'lavfi', '-i', 'anoisesrc=d=900', '-ar', '8000', at('long.wav'));
  const chunks = slow.toVoiceNote(at('long.wav'))[Symbol.asyncIterator]();
  await chunks.next();
  clock.advance(60_000);
  const rest = async (): Promise<void> => {
    while ((await chunks.next()).done !== true);
  };
  await expect(rest()).rejects.toThrow('ended with code');
});

test('a reader that leaves early leaves no process and no place taken', async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    for await (const chunk of ffmpeg.samples(at('long.wav'))) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  }
  expect(await sizeOf(ffmpeg.samples(at('secret.mp3')))).toBeGreaterThan(30_000);
  expect(existsSync(at('secret.mp3'))).toBe(true);
});
