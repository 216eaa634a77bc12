/**
 * `sluice simulator` as a process of its own: its settings are printed, and with a state folder nobody is unpaired by its
 * end, however it ends.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSimulatorClient, type SimulatorClient } from '../../gateway/src/simulator/client.js';
import { eventually } from '../support/eventually.js';
import { connectClient, opened, pairClient, received } from './support/client.js';
import { jid, prepareProcess } from './support/stage.js';

const MAIN = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));

interface Standalone {
  process: ChildProcess;
  url: string;
  controlUrl: string;
  rootKey: string;
  caPath: string;
  control: SimulatorClient;
}

let folder: string;
const started: ChildProcess[] = [];
beforeAll(prepareProcess);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-standalone-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((child) => end(child, 'SIGKILL')));
  await rm(folder, { recursive: true });
});

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

async function start(ports: string[] = []): Promise<Standalone> {
  const child = spawn(process.execPath, [MAIN, 'simulator', '--state', folder, ...ports]);
  started.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await eventually('the addresses of the simulator', () => output.includes('control API'));
  const found = (pattern: RegExp): string => pattern.exec(output)?.[1] ?? '';
  const controlUrl = found(/control API: (\S+)/);
  return {
    process: child,
    url: found(/SLUICE_WHATSAPP_URL=(\S+)/),
    rootKey: found(/SLUICE_WHATSAPP_ROOT_KEY=(\S+)/),
    caPath: found(/NODE_EXTRA_CA_CERTS=(\S+)/),
    controlUrl,
    control: createSimulatorClient(controlUrl),
  };
}

test.each(['SIGTERM', 'SIGKILL'] as const)('nobody is unpaired by a %s and a new start', async (signal) => {
  const number = '4915550007001';
  const contact = '4915550007002';
  const first = await start();
  expect(await readFile(first.caPath, 'utf8')).toBe((await first.control.server()).mediaCaPem);
  await first.control.createPhone({ number, name: 'Ada' });
  await first.control.createContact({ number: contact, name: 'Bob' });
  const client = await pairClient({ url: first.url, control: first.control, number });
  await client.socket.sendMessage(jid(contact), { text: 'before' });
  await first.control.messages.waitFor({ to: contact, text: 'before' });
  await end(first.process, signal);
  await client.closed();

  const ports = [first.url, first.controlUrl].map((url) => new URL(url).port);
  const second = await start(['--port', ports[0] ?? '', '--control-port', ports[1] ?? '']);
  expect([second.url, second.controlUrl, second.rootKey]).toEqual([
    first.url,
    first.controlUrl,
    first.rootKey,
  ]);
  const again = await opened(connectClient(second.url, client.auth));
  await again.socket.sendMessage(jid(contact), { text: 'after' });
  await second.control.messages.waitFor({ to: contact, text: 'after' });
  await second.control.sendTo(number, { from: contact, text: 'and back' });
  await received(again, 'and back');
  await again.end();
});

test('a port that is taken or no number ends it with a sentence', async () => {
  const { url } = await start();
  for (const port of [new URL(url).port, 'abc']) {
    const child = spawn(process.execPath, [MAIN, 'simulator', '--port', port]);
    started.push(child);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(errors).toMatch(/EADDRINUSE|A port is a number/);
  }
});
