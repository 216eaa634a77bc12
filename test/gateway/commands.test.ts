/**
 * `sluice keys`, `doctor` and `backup`, run as an operator runs them.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connected, pair, useWorld, type MessageJson } from '../support/world.js';

const MAIN = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));
const world = useWorld();
/** Each command is a process of its own, and a busy machine takes seconds to start one. */
const TIMEOUT_MS = 240_000;

interface Outcome {
  code: number;
  output: string;
}

/** Runs a command; answers its exit code and everything that it has printed. */
function sluice(args: string[], env: Record<string, string>): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

const settings = (dataDir: string): Record<string, string> => ({
  SLUICE_DATA_DIR: dataDir,
  SLUICE_WHATSAPP_SIMULATED: 'true',
  SLUICE_WHATSAPP_URL: world.simulator().url,
});

test(
  'keys are made, used, listed without their text, and revoked',
  async () => {
    const dataDir = world.newDataDir();
    const made = await sluice(['keys', 'create', '--name', 'n8n', '--role', 'sender'], settings(dataDir));
    const [key = ''] = /slk_live_\S+/.exec(made.output) ?? [];
    const [id = ''] = /key_\S+/.exec(made.output) ?? [];
    expect(made).toMatchObject({ code: 0, output: expect.stringContaining('sender') as unknown });
    const listed = await sluice(['keys', 'list'], settings(dataDir));
    expect(listed.output).toContain(`${id}  ${key.slice(0, 14)}…  sender  live  n8n`);
    expect(listed.output).not.toContain(key);
    const gateway = await world.start({ dataDir });
    expect((await gateway.call('GET', '/v1/whoami', undefined, { key })).body).toMatchObject({
      role: 'sender',
    });
    await gateway.stop();
    expect(await sluice(['keys', 'revoke', id], settings(dataDir))).toMatchObject({ code: 0 });
    expect((await sluice(['keys', 'list'], settings(dataDir))).output).not.toContain(id);
    expect(await sluice(['keys', 'revoke', 'key_none'], settings(dataDir))).toMatchObject({ code: 1 });
    expect((await sluice(['keys', 'create', '--name', 'x', '--role', 'king'], settings(dataDir))).code).toBe(
      1,
    );
  },
  TIMEOUT_MS,
);

test(
  'a backup of a running gateway starts with everything in it, and the session need not be paired again',
  async () => {
    const dataDir = world.newDataDir();
    const gateway = await world.start({ dataDir });
    await world.phone().createContact({ number: '4915550030002', name: 'Bob' });
    await pair(gateway, world.phone(), { id: 'kept', number: '4915550030001' });
    const send = { sessionId: 'kept', to: '4915550030002', text: 'before' };
    const message = await gateway.ask<MessageJson>('POST', '/v1/messages?wait=delivered', send);
    mkdirSync(join(dataDir, 'media'), { recursive: true });
    writeFileSync(join(dataDir, 'media', 'note'), 'a file');
    const target = join(world.newDataDir(), 'backup');
    const { code, output } = await sluice(['backup', target], settings(dataDir));
    expect([code, output]).toEqual([0, expect.stringContaining('and the encryption key')]);
    expect(readdirSync(target).sort()).toEqual(['encryption.key', 'media', 'sluice.db']);
    for (const name of ['encryption.key', 'sluice.db'])
      expect(statSync(join(target, name)).mode & 0o077).toBe(0);
    expect(await sluice(['backup', target], settings(dataDir))).toMatchObject({
      code: 1,
      output: expect.stringContaining('is not empty') as unknown,
    });
    await gateway.kill9();
    const again = await world.start({ dataDir: target });
    await connected(again, 'kept');
    expect((await again.ask<MessageJson>('GET', `/v1/messages/${message.id}`)).status).toBe('delivered');
  },
  TIMEOUT_MS,
);

test(
  'a backup of Postgres is refused with the words what to use',
  async () => {
    const env = {
      ...settings(world.newDataDir()),
      SLUICE_DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/db',
    };
    const { code, output } = await sluice(['backup', '/nowhere'], env);
    expect([code, output]).toEqual([1, expect.stringContaining('pg_dump')]);
    expect(output).not.toContain('secret');
  },
  TIMEOUT_MS,
);

test(
  'the doctor finds nothing wrong, then what is wrong, and says what to do',
  async () => {
    const dataDir = world.newDataDir();
    const before = await sluice(['doctor'], settings(dataDir));
    expect([before.code, before.output]).toEqual([0, expect.stringContaining('The gateway can run.')]);
    const gateway = await world.start({ dataDir });
    expect((await sluice(['doctor'], settings(dataDir))).output).toContain('sluice.db: sound');
    await gateway.stop();

    rmSync(join(dataDir, 'encryption.key'));
    const noKey = await sluice(['doctor'], settings(dataDir));
    expect([noKey.code, noKey.output]).toEqual([
      1,
      expect.stringMatching(/FAIL +encryption key: .* is missing/),
    ]);
    for (const part of ['-wal', '-shm']) rmSync(join(dataDir, `sluice.db${part}`), { force: true });
    writeFileSync(join(dataDir, 'sluice.db'), 'this is no database '.repeat(1000));
    expect((await sluice(['doctor'], settings(dataDir))).output).toMatch(/FAIL +database .* Restore it/);
    const lost = { ...settings(dataDir), SLUICE_DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/db' };
    const { output } = await sluice(['doctor'], lost);
    const reason = /Postgres at 127\.0\.0\.1:1, database db cannot be used: .*ECONNREFUSED.* start Postgres/;
    expect(output).toMatch(new RegExp(`FAIL +database: ${reason.source}`));
    expect(output).not.toContain('secret');
    const start = await sluice(['start'], lost);
    expect([start.code, start.output]).toEqual([1, expect.stringMatching(reason)]);
    expect(start.output).not.toMatch(/secret|migration|\n +at /);
    expect(await sluice(['doctor'], { SLUICE_PROT: '1' })).toMatchObject({
      code: 1,
      output: expect.stringContaining('SLUICE_PORT') as unknown,
    });
  },
  TIMEOUT_MS,
);
