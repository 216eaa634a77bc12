/**
 * How files show on a phone before they are opened: an image's thumbnail and size, the same of a video with its length,
 * the bars of a voice note. What needs ffmpeg is null without it, and the file is sent all the same: nothing here throws.
 */
import { SAMPLES_PER_SECOND, type Ffmpeg } from './ffmpeg.js';
import { lookOf, type Look } from './pictures.js';
import { listen, type Sound } from './waveform.js';

export interface VideoLook extends Look {
  seconds: number | null;
}

export interface Looks {
  image: (path: string) => Promise<Look | null>;
  video: (path: string) => Promise<VideoLook | null>;
  voice: (path: string) => Promise<Sound | null>;
}

/** The very first picture is often black. */
const LOOK_AT_SECONDS = 1;

/** A file of another length than it says may end before the time: then the first picture. */
async function pictureOf(ffmpeg: Ffmpeg, path: string, seconds: number | null): Promise<Buffer> {
  const at = Math.min(LOOK_AT_SECONDS, (seconds ?? 0) / 2);
  const picture = await ffmpeg.frame(path, at);
  return picture.length > 0 || at === 0 ? picture : ffmpeg.frame(path, 0);
}

export function createLooks(ffmpeg: Ffmpeg): Looks {
  async function video(path: string): Promise<VideoLook | null> {
    const seconds = await ffmpeg.seconds(path).catch(() => null);
    const look = await lookOf(await pictureOf(ffmpeg, path, seconds));
    return look && { ...look, seconds };
  }

  /** Null when it is not there, or cannot read the file. */
  async function withFfmpeg<T>(look: () => Promise<T | null>): Promise<T | null> {
    if (!(await ffmpeg.isThere())) return null;
    return look().catch(() => null);
  }

  return {
    image: lookOf,
    video: (path) => withFfmpeg(() => video(path)),
    voice: (path) => withFfmpeg(() => listen(ffmpeg.samples(path), SAMPLES_PER_SECOND)),
  };
}
