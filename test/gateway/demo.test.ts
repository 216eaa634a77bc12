/**
 * The demo, as a newcomer runs it.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MAIN = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));
const run = promisify(execFile);

test('demo --once tells the whole story and ends with code 0', async () => {
  const { stdout } = await run(process.execPath, [MAIN, 'demo', '--once'], {
    env: { PATH: process.env.PATH },
  });
  expect(stdout).toMatch(/decrypted "Hello from Sluice/);
  expect(stdout).toMatch(/message\.received "Hello back!", its signature is right/);
});

test('an unknown command is refused with a message and a code other than 0', async () => {
  await expect(
    run(process.execPath, [MAIN, 'dance'], { env: { PATH: process.env.PATH } }),
  ).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('dance') as string,
  });
});
