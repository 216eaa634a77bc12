/**
 * The system's ffmpeg, when there is one: makes a voice note of any audio. Started as a process of its own, with a time
 * limit, and with nothing but the one file to read: a playlist in disguise must not make it fetch something else.
 */
import { spawn } from 'node:child_process';
import type { Clock } from '../lib/clock.js';

const PROGRAM = 'ffmpeg';
const TIME_LIMIT_MS = 60_000;
const AT_ONCE = 2;
const LONGEST_SECONDS = '3600';

const READ = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-protocol_whitelist', 'file'];
// Bit-exact, so that the same audio is the same voice note and is uploaded to WhatsApp once.
const VOICE = ['-vn', '-map_metadata', '-1', '-ac', '1', '-ar', '48000', '-c:a', 'libopus', '-b:a', '32k']
  .concat(['-application', 'voip', '-fflags', '+bitexact', '-flags:a', '+bitexact'])
  .concat(['-t', LONGEST_SECONDS, '-f', 'ogg', 'pipe:1']);

export interface Ffmpeg {
  /** Looked for once. */
  isThere: () => Promise<boolean>;
  /** Ogg with Opus, as it is made; throws while it is read when ffmpeg fails. */
  toVoiceNote: (path: string) => AsyncIterable<Uint8Array>;
}

/** Lets so many work at a time; the others wait in line. */
function createTurns(most: number) {
  const waiting: (() => void)[] = [];
  let working = 0;
  return {
    async take(): Promise<void> {
      if (working >= most) await new Promise<void>((resolve) => waiting.push(resolve));
      else working += 1;
    },
    give(): void {
      const next = waiting.shift();
      if (next) next();
      else working -= 1;
    },
  };
}

const ends = (child: ReturnType<typeof spawn>): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });

export function createFfmpeg(clock: Clock): Ffmpeg {
  const turns = createTurns(AT_ONCE);
  let there: Promise<boolean> | null = null;

  async function* run(args: string[]): AsyncGenerator<Uint8Array> {
    await turns.take();
    const child = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = ends(child);
    // Told of below; without a listener in between it would count as unhandled.
    ended.catch(() => undefined);
    const cancel = clock.schedule(() => child.kill('SIGKILL'), TIME_LIMIT_MS);
    try {
      yield* child.stdout as AsyncIterable<Uint8Array>;
      const code = await ended;
      if (code !== 0) throw new Error(`ffmpeg ended with code ${String(code)}`);
    } finally {
      cancel();
      child.kill('SIGKILL');
      turns.give();
    }
  }

  return {
    isThere: () =>
      (there ??= ends(spawn(PROGRAM, ['-version'], { stdio: 'ignore' })).then(
        (code) => code === 0,
        () => false,
      )),
    toVoiceNote: (path) => run([...READ, '-i', `file:${path}`, ...VOICE]),
  };
}
