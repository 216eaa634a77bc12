/**
 * Media both ways over the simulator's TLS host. The client runs in a process of its own, which trusts the host by
 * `NODE_EXTRA_CA_CERTS` alone.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openStage, type Stage } from './support/stage.js';

const run = promisify(execFile);
const CLIENT = join(dirname(fileURLToPath(import.meta.url)), 'support', 'mediaClient.mjs');

let stage: Stage;
let folder: string;
beforeAll(async () => {
  stage = await openStage();
  folder = await mkdtemp(join(tmpdir(), 'sluice-media-'));
  await writeFile(join(folder, 'ca.pem'), stage.simulator.mediaCaPem);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await stage.close();
});

interface MediaRun {
  sent: { kind: string; waId: string; error?: string }[];
  received: { kind: string; base64?: string; error?: string }[];
}

/** Runs the client: pairs, sends a file of each kind, then downloads every file that comes, and reports as JSON. */
async function runClient(number: string, contact: string, expected: number): Promise<MediaRun> {
  const { stdout } = await run(
    process.execPath,
    [CLIENT, stage.simulator.url, stage.simulator.controlUrl, number, contact, String(expected)],
    {
      env: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
      timeout: 50_000,
    },
  );
  return JSON.parse(stdout) as MediaRun;
}

test('files of all kinds from the client, with nothing but the CA', async () => {
  const [number, contact] = [await stage.phone(), await stage.contact()];
  const { sent } = await runClient(number, contact, 0);
  expect(sent.map(({ kind }) => kind)).toEqual(['image', 'video', 'audio', 'document', 'sticker']);
  const sizes: number[] = [];
  for (const { waId, error } of sent) {
    expect(error).toBeUndefined();
    await stage.control.messages.waitFor({ to: contact, waId });
    // Opened with the key and checked against the hash that the message announced.
    sizes.push((await stage.control.mediaOf(contact, waId)).bytes.length);
  }
  expect(sizes.slice(1, 4)).toEqual([5000, 5000, 5000]);
}, 60_000);

test('files of all kinds from a contact are downloaded and decrypted by the client', async () => {
  const [number, contact] = [await stage.phone(), await stage.contact()];
  const file = Buffer.from('from the contact '.repeat(3000));
  const kinds = ['image', 'video', 'audio', 'voice', 'document', 'sticker'] as const;
  const base64 = file.toString('base64');
  const messages = kinds.map((media) => ({
    from: contact,
    content: { kind: 'media', media, base64, mimetype: 'a/b', fileName: 'a.bin' } as const,
  }));
  const running = runClient(number, contact, kinds.length);
  await stage.control.connections.waitFor({ session: number, ready: true }, { timeoutMs: 30_000 });
  await stage.control.sendManyTo(number, messages);
  const { received } = await running;
  expect(received.map(({ base64 }) => Buffer.from(base64 ?? '', 'base64').equals(file))).toEqual(
    kinds.map(() => true),
  );
}, 60_000);

test('a failing upload is an error for the client, a download that breaks off is one that nobody catches', async () => {
  const [number, contact] = [await stage.phone(), await stage.contact()];
  await stage.control.addFault({ kind: 'fail_upload', code: 507, count: 1 });
  await stage.control.addFault({ kind: 'truncate_download', count: 1 });
  const running = runClient(number, contact, 2);
  await stage.control.connections.waitFor({ session: number, ready: true }, { timeoutMs: 30_000 });
  const base64 = Buffer.alloc(200_000, 7).toString('base64');
  const content = { kind: 'media', media: 'image', base64, mimetype: 'image/png' } as const;
  await stage.control.sendManyTo(number, [
    { from: contact, content },
    { from: contact, content },
  ]);
  const { sent, received } = await running;
  expect(sent.filter(({ error }) => error !== undefined)).toHaveLength(1);
  const failed = received.filter(({ error }) => error !== undefined);
  expect(failed).toMatchObject([
    { kind: 'uncaught', error: expect.stringContaining('terminated') as string },
  ]);
}, 60_000);

test('a client that does not know the CA is refused by its own TLS', async () => {
  const address = `https://${stage.simulator.world.media.hostname}/v/none`;
  const refused = await new Promise<string | undefined>((resolve) => {
    get(address, () => resolve(undefined)).on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  expect(refused).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  const status = await new Promise<number | undefined>((resolve, reject) => {
    get(address, { ca: stage.simulator.mediaCaPem }, ({ statusCode }) => resolve(statusCode)).on(
      'error',
      reject,
    );
  });
  expect(status).toBe(404);
});
