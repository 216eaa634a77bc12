/**
 * Runs a program of the system as a process of its own: with a time limit, a few at once, and killed when nobody reads on.
 * Used by ffmpeg.ts, and by commands/doctor to look for ffmpeg the same way.
 */
import { spawn } from 'node:child_process';
import type { Clock } from '../lib/clock.js';

const TIME_LIMIT_MS = 60_000;
const AT_ONCE = 2;

export interface Program {
  /** Whether it is installed. */
  isThere: (name: string) => Promise<boolean>;
  /** What it prints, as it comes. Throws while it is read when the program fails or takes longer than a minute. */
  run: (name: string, args: readonly string[]) => AsyncGenerator<Uint8Array>;
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

export function createProgram(clock: Clock): Program {
  const turns = createTurns(AT_ONCE);
  return {
    isThere: (name) =>
      ends(spawn(name, ['-version'], { stdio: 'ignore' })).then(
        (code) => code === 0,
        () => false,
      ),
    async *run(name, args) {
      await turns.take();
      const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = ends(child);
      // Told of below; without a listener in between it would count as unhandled.
      ended.catch(() => undefined);
      const cancel = clock.schedule(() => child.kill('SIGKILL'), TIME_LIMIT_MS);
      try {
        yield* child.stdout as AsyncIterable<Uint8Array>;
        const code = await ended;
        if (code !== 0) throw new Error(`${name} ended with code ${String(code)}`);
      } finally {
        cancel();
        child.kill('SIGKILL');
        turns.give();
      }
    },
  };
}
