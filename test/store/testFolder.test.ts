/**
 * The harness itself: however a test process ends, its Postgres stops and its folder goes.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.js';
import { openTestFolder } from '../support/folder.js';

const KEEPER = fileURLToPath(new URL('../support/testFolder.mjs', import.meta.url));

/** A process that starts the keeper as support/folder does, asks it for Postgres, and goes on living. */
const TEST_PROCESS = `
  const { spawn } = require('node:child_process');
  const keeper = spawn(process.execPath, [${JSON.stringify(KEEPER)}], { stdio: ['pipe', 'inherit', 'inherit'], detached: true });
  keeper.stdin.write('postgres\\n');
  setInterval(() => undefined, 1000);
`;

/** The server's process id, as Postgres notes it in its folder. */
const serverPid = (folder: string): number =>
  Number(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('stops the server and removes the folder on close', async () => {
  const folder = await openTestFolder();
  await folder.postgresUrl('postgres');
  const pid = serverPid(folder.path);
  expect(isAlive(pid)).toBe(true);
  await folder.close();
  expect(isAlive(pid)).toBe(false);
  expect(existsSync(folder.path)).toBe(false);
});

it('does so too when the test process is killed', async () => {
  const tests = spawn(process.execPath, ['-e', TEST_PROCESS], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: Record<string, string>[] = [];
  createInterface({ input: tests.stdout }).on('line', (line) =>
    lines.push(JSON.parse(line) as Record<string, string>),
  );
  await eventually('a running server', () => lines.length === 2);
  const path = lines[0]?.folder ?? '';
  const pid = serverPid(path);
  expect(isAlive(pid)).toBe(true);
  tests.kill('SIGKILL');
  await once(tests, 'exit');
  await eventually('the folder is gone', () => !existsSync(path));
  expect(isAlive(pid)).toBe(false);
});
