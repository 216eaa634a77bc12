// A real n8n as a process of its own, with the packed nodes installed as n8n installs a community package, and its REST
// API as the editor uses it. Used by stage.mjs; restarts keep the folder, so that credentials and workflows stay.

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository, run } from './install.mjs';
import { eventually } from './checks.mjs';

const OWNER = {
  email: 'owner@example.com',
  firstName: 'Ada',
  lastName: 'Owner',
  password: 'Only-for-this-test-1',
};

/** n8n is ready after some seconds; on a machine that does much else it takes minutes. */
const START_LIMIT_MS = 300_000;

/** A port that is free now; n8n must know its own port before it starts. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function settingsOf({ userFolder, port, brokerPort, env }) {
  return {
    HOME: userFolder,
    N8N_USER_FOLDER: userFolder,
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_PORT: String(port),
    N8N_RUNNERS_BROKER_PORT: String(brokerPort),
    WEBHOOK_URL: `http://127.0.0.1:${port}/`,
    N8N_SECURE_COOKIE: 'false',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_HIRING_BANNER_ENABLED: 'false',
    N8N_COMMUNITY_PACKAGES_ENABLED: 'true',
    N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
    N8N_REINSTALL_MISSING_PACKAGES: 'false',
    N8N_DISABLED_MODULES: 'mcp-registry,instance-ai,insights,chat-hub,agents',
    N8N_LOG_LEVEL: 'warn',
    N8N_RESTRICT_FILE_ACCESS_TO: userFolder,
    EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
    ...env,
  };
}

/** Packs the nodes package and installs it with the options of n8n's own installer. */
async function installNodes(installed, userFolder) {
  const folder = join(userFolder, '.n8n', 'nodes');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'installed-nodes', private: true }));
  const output = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: repository });
  const [{ filename }] = JSON.parse(output.slice(output.indexOf('[')));
  const options = ['--ignore-scripts', '--omit=peer', '--legacy-peer-deps', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...options, `./${filename}`], { cwd: folder, env: installed.env });
}

/** Starts n8n in `state` and waits until it answers. */
async function startProcess(installed, state, settings = {}) {
  const child = spawn(installed.node, [installed.n8n, 'start'], {
    cwd: state.userFolder,
    env: { PATH: installed.env.PATH, ...settingsOf(state), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // However the checks end, n8n ends with them.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const keep = (chunk) => (state.output = (state.output + chunk).slice(-50_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ready = async () => {
    if (child.exitCode !== null) throw new Error(`n8n ended with ${child.exitCode}:\n${state.output}`);
    return (await fetch(`${state.url}/healthz/readiness`)).ok;
  };
  await eventually(ready, { timeoutMs: START_LIMIT_MS, what: 'n8n being ready' });
  // Ready is said before the REST routes are there.
  const settled = async () => (await fetch(`${state.url}/rest/settings`)).ok;
  await eventually(settled, { timeoutMs: START_LIMIT_MS, what: 'the REST API of n8n' });
  return child;
}

async function end(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill(signal);
  });
}

/** The REST API with the owner's cookie. */
function createRest(url) {
  let cookie = '';
  async function rest(method, path, body, answer = 'json') {
    const response = await fetch(`${url}/rest${path}`, {
      method,
      headers: { 'content-type': 'application/json', cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const given = response.headers.getSetCookie().find((one) => one.startsWith('n8n-auth='));
    if (given !== undefined) cookie = given.split(';')[0];
    if (response.ok && answer === 'bytes') return Buffer.from(await response.arrayBuffer());
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 2000)}`);
    return text === '' ? undefined : (JSON.parse(text).data ?? JSON.parse(text));
  }
  rest.cookie = () => cookie;
  return rest;
}

/** Starts n8n on a temporary folder, with the nodes installed and the owner logged in. `env` adds to its settings. */
export async function startN8n(installed, env = {}) {
  const userFolder = await mkdtemp(join(tmpdir(), 'sluice-n8n-'));
  const port = await freePort();
  const state = {
    userFolder,
    port,
    brokerPort: await freePort(),
    env,
    url: `http://127.0.0.1:${port}`,
    output: '',
  };
  await installNodes(installed, userFolder);
  let child = await startProcess(installed, state);
  const rest = createRest(state.url);
  await rest('POST', '/owner/setup', OWNER);
  return {
    url: state.url,
    target: `127.0.0.1:${port}`,
    userFolder,
    owner: OWNER,
    rest,
    cookie: rest.cookie,
    flatted: createRequire(installed.n8n)('flatted'),
    /** The bytes of a binary of an execution. */
    async file({ id, data }) {
      if (id === undefined) return Buffer.from(data, 'base64');
      return await rest(
        'GET',
        `/binary-data?id=${encodeURIComponent(id)}&action=download`,
        undefined,
        'bytes',
      );
    },
    output: () => state.output,
    stop: () => end(child, 'SIGTERM'),
    kill9: () => end(child, 'SIGKILL'),
    /** `settings` hold until n8n is stopped. */
    async start(settings = {}) {
      child = await startProcess(installed, state, settings);
    },
    /** Installs the nodes as they are now. */
    installNodes: () => installNodes(installed, userFolder),
    async remove() {
      await end(child, 'SIGTERM');
      await rm(userFolder, { recursive: true, force: true });
    },
  };
}
