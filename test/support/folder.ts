/**
 * A temporary folder for one test file and, on demand, a real Postgres from npm in it.
 * Both belong to the process of testFolder.mjs, which outlives this one by a moment and clears up after it.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./testFolder.mjs', import.meta.url));

type Answer = { folder: string } | { socket: string } | { error: string };

export interface TestFolder {
  path: string;
  /** Process id of the keeper of the folder. */
  pid: number;
  /** The URL of a database on this file's Postgres, which starts at the first call. */
  postgresUrl(database: string): Promise<string>;
  /** Stops the server, removes the folder, and resolves when both is done. */
  close(): Promise<void>;
}

/** Opens a folder under the system's temporary folder. */
export async function openTestFolder(): Promise<TestFolder> {
  // Detached: Ctrl-C reaches the tests only, and what ends them ends this.
  const keeper = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const nextAnswer = answersOf(keeper as unknown as ChildProcessWithoutNullStreams);
  const first = await nextAnswer();
  if (!('folder' in first)) throw new Error('The test folder could not be made.');
  let socket: Promise<string> | null = null;

  async function startPostgres(): Promise<string> {
    keeper.stdin.write('postgres\n');
    const answer = await nextAnswer();
    if (!('socket' in answer)) throw new Error(`Postgres did not start: ${JSON.stringify(answer)}`);
    return answer.socket;
  }

  return {
    path: first.folder,
    pid: keeper.pid ?? 0,
    async postgresUrl(database) {
      socket ??= startPostgres();
      return `postgres://sluice@localhost/${database}?host=${encodeURIComponent(await socket)}`;
    },
    async close() {
      if (keeper.exitCode !== null) return;
      const ended = once(keeper, 'exit');
      keeper.stdin.end();
      await ended;
    },
  };
}

/** Reads the keeper's lines one by one; a keeper that ends is an error line. */
function answersOf(keeper: ChildProcessWithoutNullStreams): () => Promise<Answer> {
  const lines = createInterface({ input: keeper.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = (await lines.next()) as IteratorResult<string, undefined>;
    return done === true ? { error: 'its process ended' } : (JSON.parse(value) as Answer);
  };
}
