/**
 * The system's ffmpeg, when there is one: a voice note of any audio, a video of a GIF, a frame of a video, how loud audio
 * is. Given nothing but the one file to read, and only as a format that holds its content itself: a playlist in disguise
 * must not make it read another file or fetch something. Used by fitting.ts and looks.ts.
 */
import type { Clock } from '../lib/clock.js';
import { createProgram } from './program.js';

const LONGEST_SECONDS = { voice: '3600', gif: '60' };
const GIF_WIDTH_PX = 1_280;
/** More than an 8K frame has; beyond it a small file can hold a picture that fills the memory. */
const MOST_PIXELS = '50000000';
const FORMATS = ['mov', 'matroska', 'ogg', 'mp3', 'aac', 'wav', 'flac', 'amr', 'aiff', 'caf', 'asf', 'avi']
  .concat(['mpeg', 'mpegts', 'gif'])
  .join(',');

const ONE_FILE = ['-loglevel', 'error', '-protocol_whitelist', 'file', '-format_whitelist', FORMATS];
const READ = ['-nostdin', '-hide_banner', ...ONE_FILE, '-max_pixels', MOST_PIXELS];
// Bit-exact, here and below, so that the same file is made the same again and is uploaded to WhatsApp once.
const VOICE = ['-vn', '-map_metadata', '-1', '-ac', '1', '-ar', '48000', '-c:a', 'libopus', '-b:a', '32k']
  .concat(['-application', 'voip', '-fflags', '+bitexact', '-flags:a', '+bitexact'])
  .concat(['-t', LONGEST_SECONDS.voice, '-f', 'ogg', 'pipe:1']);
// H.264 wants even sides.
const SCALE = `scale=w='max(2,min(${String(GIF_WIDTH_PX)},trunc(iw/2)*2))':h=-2`;
const VIDEO = ['-an', '-map_metadata', '-1', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23']
  .concat(['-threads', '1', '-pix_fmt', 'yuv420p', '-vf', SCALE, '-t', LONGEST_SECONDS.gif])
  .concat(['-fflags', '+bitexact', '-flags:v', '+bitexact', '-movflags', '+faststart', '-f', 'mp4']);
const FRAME = ['-frames:v', '1', '-an', '-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2pipe', 'pipe:1'];

/** Of what `samples` yields: 16 bits each, the lower byte first, one channel. */
export const SAMPLES_PER_SECOND = 8_000;
const SAMPLES = ['-vn', '-ac', '1', '-ar', String(SAMPLES_PER_SECOND), '-t', LONGEST_SECONDS.voice].concat([
  '-f',
  's16le',
  '-c:a',
  'pcm_s16le',
  'pipe:1',
]);

export interface Ffmpeg {
  /** Looked for once. */
  isThere: () => Promise<boolean>;
  /** Ogg with Opus, as it is made; throws while it is read when ffmpeg fails, as all below do. */
  toVoiceNote: (path: string) => AsyncIterable<Uint8Array>;
  /** Writes an MP4 without sound to `into`, at most so large: the beginning of what is longer. */
  toVideo: (path: string, into: string, maxBytes: number) => Promise<void>;
  /** A JPEG of the picture at the time, turned as the video says; empty when the video ends before. */
  frame: (path: string, atSeconds: number) => Promise<Buffer>;
  samples: (path: string) => AsyncIterable<Uint8Array>;
  /** How long the file plays; null when it does not say. */
  seconds: (path: string) => Promise<number | null>;
}

/** For what is small: a frame, a number. */
async function wholly(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

export function createFfmpeg(clock: Clock): Ffmpeg {
  const program = createProgram(clock);
  const ffmpeg = (before: readonly string[], path: string, after: readonly string[]) =>
    program.run('ffmpeg', [...READ, ...before, '-i', `file:${path}`, ...after]);
  let there: Promise<boolean> | null = null;
  return {
    isThere: () => (there ??= program.isThere('ffmpeg')),
    toVoiceNote: (path) => ffmpeg([], path, VOICE),
    async toVideo(path, into, maxBytes) {
      await wholly(ffmpeg([], path, [...VIDEO, '-fs', String(maxBytes), '-y', `file:${into}`]));
    },
    frame: (path, atSeconds) => wholly(ffmpeg(['-ss', atSeconds.toFixed(3)], path, FRAME)),
    samples: (path) => ffmpeg([], path, SAMPLES),
    async seconds(path) {
      const asked = [...ONE_FILE, '-show_entries', 'format=duration', '-of', 'csv=p=0', `file:${path}`];
      const seconds = Number.parseFloat((await wholly(program.run('ffprobe', asked))).toString());
      return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
    },
  };
}
