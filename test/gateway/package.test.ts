/**
 * The gateway's package as it is published: everything that it needs to run is in it, and it starts from there.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GATEWAY = join(ROOT, 'gateway');
const TIMEOUT_MS = 120_000;
let folder: string;
let main: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: GATEWAY });
  const { name, version } = JSON.parse(readFileSync(join(GATEWAY, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  await run('tar', ['-xzf', join(folder, `${name}-${version}.tgz`), '-C', folder]);
  main = join(folder, 'package', 'dist', 'main.js');
  // What installing the package would bring.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const own = join(GATEWAY, 'node_modules');
  if (existsSync(own)) symlinkSync(own, join(folder, 'package', 'node_modules'));
}, TIMEOUT_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(
  'it tells its version and its commands',
  async () => {
    const { stdout: version } = await run(process.execPath, [main, '--version']);
    expect(version.trim()).toMatch(/^\d+\.\d+\.\d+/);
    const { stdout: help } = await run(process.execPath, [main, '--help']);
    for (const command of ['start', 'demo', 'simulator', 'keys', 'doctor', 'backup', 'import'])
      expect(help).toMatch(new RegExp(`^ +${command} `, 'm'));
  },
  TIMEOUT_MS,
);

test(
  'its pages for a browser are in it, and the simulator serves them',
  async () => {
    for (const page of ['phone', 'dashboard'])
      for (const file of ['index.html', 'app.js'])
        expect(existsSync(join(folder, 'package', 'dist', 'web', page, file))).toBe(true);
    const simulator = spawn(process.execPath, [main, 'simulator'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => simulator.once('exit', resolve));
    try {
      const address = await new Promise<string>((resolve, reject) => {
        let output = '';
        simulator.stdout.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          const found = /control API: (\S+)/.exec(output)?.[1];
          if (found) resolve(found);
        });
        simulator.once('exit', () => reject(new Error(`the simulator ended: ${output}`)));
      });
      const page = await fetch(`${address}/phone/`);
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<html')]);
      expect((await fetch(`${address}/phone/app.js`)).status).toBe(200);
    } finally {
      simulator.kill();
      await ended;
    }
  },
  TIMEOUT_MS,
);
