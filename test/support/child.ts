/**
 * A child process that runs a TypeScript file of the tests and speaks in lines, to be killed at any moment.
 * A child still alive after the test is killed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';

const LOADER = new URL('./tsLoader.mjs', import.meta.url).href;

export interface Child {
  /** What it said, line by line. */
  lines: string[];
  /** Waits for a line. @throws Error when the child ends without having said it */
  heard: (line: string) => Promise<void>;
  /** Waits for its end. */
  exit: () => Promise<{ code: number | null; stderr: string }>;
  /** kill -9, and waits for its end. */
  kill: () => Promise<void>;
}

const running = new Set<Child>();
afterEach(async () => {
  await Promise.all([...running].map((child) => child.kill()));
});

/** Starts `file` (a URL of a .ts file) with arguments. */
export function startChild(file: URL, ...args: string[]): Child {
  const node = spawn(process.execPath, ['--import', LOADER, fileURLToPath(file), ...args]);
  const lines: string[] = [];
  let stderr = '';
  createInterface({ input: node.stdout }).on('line', (line) => lines.push(line));
  node.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(node, 'close').then(() => {
    running.delete(child);
    return { code: node.exitCode, stderr };
  });
  const isOver = (): boolean => node.exitCode !== null || node.signalCode !== null;
  const child: Child = {
    lines,
    exit: () => ended,
    async heard(line) {
      await eventually(`"${line}" from a child`, () => lines.includes(line) || isOver());
      if (lines.includes(line)) return;
      throw new Error(`The child ended without saying "${line}": ${(await ended).stderr}`);
    },
    async kill() {
      node.kill('SIGKILL');
      await ended;
    },
  };
  running.add(child);
  return child;
}
