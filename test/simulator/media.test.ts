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
import type { WAMessage } from '@whiskeysockets/baileys';
import type { TestClient } from './support/client.js';
import { openStage, type Stage } from './support/stage.js';
import { fetchPath as fetchFrom, upload as uploadAs } from './support/transfers.js';

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
      timeout: 110_000,
    },
  );
  return JSON.parse(stdout) as MediaRun;
}

const picture = (file: Buffer) =>
  ({ kind: 'media', media: 'image', base64: file.toString('base64'), mimetype: 'image/png' }) as const;

const fetchPath = (path: string): ReturnType<typeof fetchFrom> => fetchFrom(stage, path);
const upload = (session: string, sizeBytes: number): ReturnType<typeof uploadAs> =>
  uploadAs(stage, session, sizeBytes);

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
}, 120_000);

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
  await stage.control.connections.waitFor({ session: number, ready: true }, { timeoutMs: 60_000 });
  await stage.control.sendManyTo(number, messages);
  const { received } = await running;
  expect(received.map(({ base64 }) => Buffer.from(base64 ?? '', 'base64').equals(file))).toEqual(
    kinds.map(() => true),
  );
}, 120_000);

test('a failing upload is an error for the client, a download that breaks off is one that nobody catches', async () => {
  const [number, contact] = [await stage.phone(), await stage.contact()];
  await stage.control.addFault({ kind: 'fail_upload', code: 507, count: 1 });
  await stage.control.addFault({ kind: 'truncate_download', count: 1 });
  const running = runClient(number, contact, 2);
  await stage.control.connections.waitFor({ session: number, ready: true }, { timeoutMs: 60_000 });
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
}, 120_000);

test('a file that is gone from the host is asked of the phone, which uploads it again', async () => {
  const [number, contact] = [await stage.phone(), await stage.contact()];
  // Gone for the first try only: the client that gets 410 turns to its phone and tries the new place.
  await stage.control.addFault({ kind: 'fail_download', session: number, code: 410, count: 1 });
  const running = runClient(number, contact, 1);
  await stage.control.connections.waitFor({ session: number, ready: true }, { timeoutMs: 60_000 });
  const file = Buffer.from('still on the phone'.repeat(100));
  await stage.control.sendTo(number, { from: contact, content: picture(file) });
  const { received } = await running;
  expect(received).toEqual([{ kind: 'imageMessage', base64: file.toString('base64') }]);
  expect(await stage.control.errors.list({ session: number })).toEqual([]);
}, 120_000);

describe('a file that has expired', () => {
  let number: string;
  let contact: string;
  let client: TestClient;
  beforeAll(async () => {
    ({ number, client } = await stage.session());
    contact = await stage.contact();
  });
  async function expired(phoneHasIt: boolean): Promise<{ message: WAMessage; oldPath: string }> {
    const waId = await stage.control.sendTo(number, {
      from: contact,
      content: picture(Buffer.alloc(500, 1)),
    });
    const message = await client.waitFor('the picture', () =>
      client.messages.find(({ key }) => key.id === waId),
    );
    await stage.control.expireMedia(number, waId, { phoneHasIt });
    const oldPath = message.message?.imageMessage?.directPath ?? '';
    expect(await fetchPath(oldPath)).toMatchObject({ status: 410 });
    return { message, oldPath };
  }

  test('comes back under a new path from the phone that has it', async () => {
    const { message, oldPath } = await expired(true);
    const updated = await client.socket.updateMediaMessage(message);
    const newPath = updated.message?.imageMessage?.directPath ?? '';
    expect(newPath).not.toBe(oldPath);
    expect(await fetchPath(newPath)).toMatchObject({ status: 200 });
    await expect(stage.control.mediaOf(number, message.key.id ?? '')).rejects.toMatchObject({
      status: 409,
      code: 'unreadable_file',
    });
  });

  test('is a clear error for the client when the phone has it no more', async () => {
    const { message } = await expired(false);
    await expect(client.socket.updateMediaMessage(message)).rejects.toThrow(/re-upload failed.*NOT_FOUND/);
  });

  test('comes back as soon as the phone has network', async () => {
    const { message } = await expired(true);
    await stage.control.setOnline(number, false);
    const updating = client.socket.updateMediaMessage(message);
    await stage.control.receipts.waitFor({ from: number, waId: message.key.id ?? '', type: 'server-error' });
    await stage.control.setOnline(number, true);
    expect((await updating).message?.imageMessage?.directPath).toBeDefined();
  });
});

test('media faults can be limited to a session, are slow as told, and break off', async () => {
  const [sick, well] = ['4915550000701', '4915550000702'];
  await stage.control.addFault({ kind: 'fail_upload', session: sick, code: 507, count: 1 });
  expect(await upload(well, 100)).toBe(200);
  expect(await upload(sick, 100)).toBe(507);
  expect(await upload(sick, 100)).toBe(200);
  await stage.control.addFault({ kind: 'truncate_upload', session: sick, count: 1 });
  expect(await upload(sick, 100_000)).toBe('ECONNRESET');
  await stage.control.addFault({ kind: 'slow_upload', session: sick, bytesPerSecond: 100_000, count: 1 });
  const begun = Date.now();
  expect(await upload(sick, 30_000)).toBe(200);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(290);
  const { media } = stage.simulator.world;
  const file = { name: 'a'.repeat(43), bytes: Buffer.alloc(30_000, 5) };
  const paths = [sick, well].map((session) => media.store({ ...file, session }).directPath);
  await stage.control.addFault({ kind: 'slow_download', session: sick, bytesPerSecond: 100_000, count: 1 });
  await stage.control.addFault({ kind: 'fail_download', session: well, code: 503, count: 1 });
  const begunDownload = Date.now();
  expect(await fetchPath(paths[0] ?? '')).toMatchObject({ status: 200, length: 30_000 });
  expect(Date.now() - begunDownload).toBeGreaterThanOrEqual(290);
  expect(await fetchPath(paths[1] ?? '')).toMatchObject({ status: 503 });
  await stage.control.addFault({ kind: 'truncate_download', session: sick, count: 1 });
  await expect(fetchPath(paths[0] ?? '')).rejects.toThrow(/aborted/);
});

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
