/**
 * `sluice import`: a login that raw Baileys has made and kept in files goes on as a session of the gateway.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { useMultiFileAuthState } from '@whiskeysockets/baileys';
import { connectClient, opened, received, shownQr, type TestClient } from '../simulator/support/client.js';
import { jid, prepareProcess } from '../simulator/support/stage.js';
import { openTestFolder } from '../support/folder.js';
import { connected, eventsOf, useWorld, type MessageJson } from '../support/world.js';

const MAIN = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));
const TIMEOUT_MS = 240_000;
const OWN = '4915550070001';
const BOB = '4915550070002';
const world = useWorld();
let folder: string;

interface Outcome {
  code: number;
  output: string;
}

function sluice(args: string[], dataDir: string, more: Record<string, string> = {}): Promise<Outcome> {
  const env = {
    ...more,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_WHATSAPP_SIMULATED: 'true',
    SLUICE_WHATSAPP_URL: world.simulator().url,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

/** Baileys with its own files, as its examples have it. */
async function openFiles(): Promise<TestClient> {
  const { state, saveCreds } = await useMultiFileAuthState(folder);
  const client = connectClient(world.simulator().url, state);
  client.socket.ev.on('creds.update', () => void saveCreds());
  return client;
}

beforeAll(async () => {
  prepareProcess();
  const phone = world.phone();
  folder = join(world.newDataDir(), 'auth_info_baileys');
  await phone.createPhone({ number: OWN, name: 'Ada' });
  await phone.createContact({ number: BOB, name: 'Bob', companions: 1 });
  const first = await openFiles();
  await phone.scan(OWN, await shownQr(first));
  await first.closed();
  const client = await opened(await openFiles());
  await phone.sendTo(OWN, { from: BOB, text: 'to Baileys' });
  await received(client, 'to Baileys');
  await client.socket.sendMessage(jid(BOB), { text: 'from Baileys' });
  const group = await phone.createGroup({ subject: 'G', creator: BOB, members: [OWN] });
  await phone.sendToGroup(group.id, { from: BOB, text: 'to the group' });
  await received(client, 'to the group');
  await client.socket.sendMessage(group.id, { text: 'from Baileys, to the group' });
  await phone.messages.waitFor({ to: BOB, text: 'from Baileys, to the group' });
  await phone.deliveries.waitFor({ to: OWN, acknowledged: true }, { count: 2 });
  await client.end();
}, TIMEOUT_MS);

test(
  'the gateway goes on with a login that Baileys has made: no code to scan, and both ways in chats and groups',
  async () => {
    const dataDir = world.newDataDir();
    const before = readdirSync(folder).length;
    const { code, output } = await sluice(['import', folder, '--id', 'moved', '--name', 'Moved'], dataDir);
    expect([code, output]).toEqual([0, expect.stringMatching(/^Imported session moved: .* \d{3,} keys\.$/m)]);
    expect(output).not.toContain('Left out');
    const { noiseKey, advSecretKey } = JSON.parse(readFileSync(join(folder, 'creds.json'), 'utf8')) as {
      noiseKey: { private: { data: string } };
      advSecretKey: string;
    };
    for (const secret of [noiseKey.private.data, advSecretKey]) expect(output).not.toContain(secret);
    expect(readdirSync(folder)).toHaveLength(before);

    const phone = world.phone();
    const waiting = await phone.sendTo(OWN, { from: BOB, text: 'while nobody was connected' });
    const gateway = await world.start({ dataDir });
    expect(await connected(gateway, 'moved')).toMatchObject({ phone: OWN, name: 'Moved' });
    const send = { sessionId: 'moved', to: BOB, text: 'from the gateway' };
    const sent = await gateway.ask<MessageJson>('POST', '/v1/messages?wait=delivered', send);
    expect(sent.status).toBe('delivered');
    await phone.messages.waitFor({ to: BOB, text: 'from the gateway' }, { count: 2 });
    await phone.sendTo(OWN, { from: BOB, text: 'to the gateway' });
    const [groupMessage] = await phone.messages.list({ to: BOB, text: 'from Baileys, to the group' });
    await phone.sendToGroup(groupMessage?.chat ?? '', { from: BOB, text: 'to the group again' });
    const events = await eventsOf(gateway, {
      sessionId: 'moved',
      type: 'message.received',
      count: 3,
    });
    const texts = events.map(({ data }) => data.text);
    expect(texts).toEqual(['while nobody was connected', 'to the gateway', 'to the group again']);
    await phone.deliveries.waitFor({ to: OWN, waId: waiting, acknowledged: true });
    // The old sessions and sender keys were used: nothing had to be asked for again.
    expect((await phone.deliveries.list({ to: OWN })).filter(({ retries }) => retries > 0)).toEqual([]);
    expect(await phone.errors.list()).toEqual([]);
    await gateway.stop();

    const again = await sluice(['import', folder, '--id', 'moved'], dataDir);
    expect([again.code, again.output]).toEqual([1, expect.stringContaining('moved exists already')]);
    const restarted = await world.start({ dataDir });
    await connected(restarted, 'moved');
    await restarted.stop();
  },
  TIMEOUT_MS,
);

test(
  'on Postgres the gateways may run meanwhile: one of them takes the session over',
  async () => {
    const postgres = await openTestFolder();
    const env = {
      SLUICE_DATABASE_URL: await postgres.postgresUrl('postgres'),
      SLUICE_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    };
    const gateway = await world.start({ dataDir: world.newDataDir(), env });
    try {
      const { code, output } = await sluice(['import', folder, '--id', 'shared'], world.newDataDir(), env);
      expect([code, output]).toEqual([0, expect.stringContaining('Imported session shared')]);
      expect(await connected(gateway, 'shared')).toMatchObject({ phone: OWN });
      const send = { sessionId: 'shared', to: BOB, text: 'from Postgres' };
      expect(await gateway.ask('POST', '/v1/messages?wait=delivered', send)).toMatchObject({
        status: 'delivered',
      });
    } finally {
      await gateway.stop();
      await postgres.close();
    }
  },
  TIMEOUT_MS,
);

test(
  'while the gateway runs nothing is imported, and it says so',
  async () => {
    const dataDir = world.newDataDir();
    const gateway = await world.start({ dataDir });
    const { code, output } = await sluice(['import', folder, '--id', 'late'], dataDir);
    expect([code, output]).toEqual([1, expect.stringMatching(/another|running|in use/i)]);
    const { status } = await gateway.call('GET', '/v1/sessions/late');
    expect(status).toBe(404);
    await gateway.stop();
  },
  TIMEOUT_MS,
);

test(
  'what is no finished login is refused with a sentence, and leaves no session behind',
  async () => {
    const dataDir = world.newDataDir();
    const other = (name: string, creds?: string): string => {
      const path = join(world.newDataDir(), name);
      mkdirSync(path);
      if (creds !== undefined) writeFileSync(join(path, 'creds.json'), creds);
      return path;
    };
    const whole = readFileSync(join(folder, 'creds.json'), 'utf8');
    const { account, ...unfinished } = JSON.parse(whole) as Record<string, unknown>;
    expect(account).toBeDefined();
    const refusals: [string, RegExp][] = [
      [join(dataDir, 'nothing', 'here'), /is not a folder that can be read/],
      [other('empty'), /There is no creds\.json in/],
      [
        other('cut-off', whole.slice(0, whole.length / 2)),
        /does not hold the credentials of a Baileys login/,
      ],
      [other('something', '{"name":"x"}'), /does not hold the credentials of a Baileys login/],
      [other('unfinished', JSON.stringify(unfinished)), /was never finished/],
    ];
    for (const [path, reason] of refusals) {
      const { code, output } = await sluice(['import', path], dataDir);
      expect([path, code, output]).toEqual([path, 1, expect.stringMatching(reason)]);
      expect(output).not.toContain('private');
      expect(output).not.toMatch(/^ +at /m);
    }
    const bad = await sluice(['import', folder, '--id', 'not an id'], dataDir);
    expect([bad.code, bad.output]).toEqual([1, expect.stringContaining('cannot be the id of a session')]);

    // Files that Baileys would pass over are passed over and counted; the id is that of the folder.
    const copy = join(world.newDataDir(), 'auth of n8n');
    cpSync(folder, copy, { recursive: true });
    writeFileSync(join(copy, 'notes.txt'), 'mine');
    writeFileSync(join(copy, 'session-1_1.0.json'), '{"cut');
    const { code, output } = await sluice(['import', copy], dataDir);
    expect([code, output]).toEqual([0, expect.stringContaining('Imported session auth-of-n8n')]);
    expect(output).toContain('Left out 2 files');
  },
  TIMEOUT_MS,
);
