/**
 * A Postgres of its own for one soak run, in a temporary folder that goes with it (see test/support/testFolder).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../support/testFolder.mjs', import.meta.url));

/** @returns {Promise<{ url: string, stop: () => Promise<void> }>} */
export async function startPostgres() {
  const keeper = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const lines = createInterface({ input: keeper.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await lines.next()).value);
  await answer();
  keeper.stdin.write('postgres\n');
  const { socket, error } = await answer();
  if (!socket) throw new Error(`Postgres did not start: ${error}`);
  return {
    url: `postgres://sluice@localhost/postgres?host=${encodeURIComponent(socket)}`,
    async stop() {
      keeper.stdin.end();
      await once(keeper, 'exit');
    },
  };
}
