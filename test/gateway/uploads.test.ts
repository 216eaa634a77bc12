/**
 * Large uploads, raw and as a form: streamed to the disk with the same limits, refused with an answer that the client
 * gets, and without a trace; and on from there to WhatsApp.
 */
import { readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createHash, randomBytes } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { pair, useWorld, type MessageJson } from '../support/world.js';

const world = useWorld();
const MB = 1024 * 1024;
const KEY = 'slk_live_test-admin-key-with-enough-characters';
let gateway: GatewayProcess;
let dataDir: string;

beforeAll(async () => {
  dataDir = world.newDataDir();
  gateway = await world.start({ dataDir });
});

interface Answer {
  status: number;
  body: { id?: string; code?: string; sizeBytes?: number; sha256?: string };
}

const HEAD = '--B\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n';
const files = (): string[] => {
  try {
    return readdirSync(join(dataDir, 'media'));
  } catch {
    return [];
  }
};

/** Sends blocks as fast as they are taken; `edges` stand before and after them. */
async function upload(block: Buffer, blocks: number, edges?: [string, string]): Promise<Answer> {
  const encoder = new TextEncoder();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (edges) controller.enqueue(encoder.encode(edges[0]));
    },
    pull(controller) {
      if (sent < blocks) controller.enqueue(new Uint8Array(block));
      else {
        if (edges) controller.enqueue(encoder.encode(edges[1]));
        controller.close();
      }
      sent += 1;
    },
  });
  const response = await fetch(`${gateway.url}/v1/media`, {
    method: 'POST',
    body,
    duplex: 'half',
    headers: {
      'x-api-key': KEY,
      'content-type': edges ? 'multipart/form-data; boundary=B' : 'application/octet-stream',
    },
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

async function mostMemory<T>(work: Promise<T>): Promise<{ result: T; grownBytes: number }> {
  const resident = async (): Promise<number> =>
    Number(
      /^process_resident_memory_bytes (\S+)/m.exec(await gateway.ask<string>('GET', '/metrics'))?.[1] ?? 0,
    );
  const before = await resident();
  let most = before;
  const sampler = setInterval(() => {
    resident().then(
      (now) => (most = Math.max(most, now)),
      () => undefined,
    );
  }, 50);
  const result = await work;
  clearInterval(sampler);
  return { result, grownBytes: most - before };
}

const shapes: [string, [string, string] | undefined][] = [
  ['as the raw body', undefined],
  ['as a form', [HEAD, '\r\n--B--\r\n']],
];

test.each(shapes)('90 MB %s are stored whole, and not by way of the memory', async (_what, edges) => {
  const block = randomBytes(MB);
  const { result, grownBytes } = await mostMemory(upload(block, 90, edges));
  expect([result.status, result.body.sizeBytes]).toEqual([201, 90 * MB]);
  const hash = createHash('sha256');
  for (let index = 0; index < 90; index += 1) hash.update(block);
  expect(result.body.sha256).toBe(hash.digest('hex'));
  expect(grownBytes).toBeLessThan(60 * MB);
});

test('90 MB go on to WhatsApp whole, not by way of the memory, and leave no temporary file', async () => {
  const BOB = '4915550022002';
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: 'large', number: '4915550022001' });
  const { body: file } = await upload(randomBytes(MB), 90);
  const document = { sessionId: 'large', to: BOB, type: 'document', document: { id: file.id } };
  const { result: message, grownBytes } = await mostMemory(
    gateway.ask<MessageJson>('POST', '/v1/messages?wait=sent&timeoutSeconds=60', document),
  );
  expect(message).toMatchObject({ error: null });
  const [seen] = await world.phone().messages.waitFor({ to: BOB, waId: message.waId });
  const arrived = seen?.message.documentMessage as { fileSha256: string; fileLength: string };
  expect(Buffer.from(arrived.fileSha256, 'base64').toString('hex')).toBe(file.sha256);
  expect(Number(arrived.fileLength)).toBe(90 * MB);
  expect(grownBytes).toBeLessThan(60 * MB);
  const [own = ''] = readdirSync(join(dataDir, 'tmp'));
  expect(readdirSync(join(dataDir, 'tmp', own))).toEqual([]);
});

test.each(shapes)('101 MB %s are refused with an answer, and nothing of it is left', async (_what, edges) => {
  const before = files();
  const { status, body } = await upload(randomBytes(MB), 101, edges);
  expect([status, body.code]).toEqual([413, 'media_too_large']);
  expect(files()).toEqual(before);
});

test('after a refusal the connection serves the next request', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (method: string, path: string, length: number): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const headers = { 'x-api-key': KEY, 'content-length': String(length) };
      const sent = request(`${gateway.url}${path}`, { agent, method, headers }, (response) => {
        response.resume().once('end', () => {
          resolve(response.statusCode);
        });
      });
      sent.once('error', reject);
      sent.end(Buffer.alloc(length, 7));
    });
  expect(await ask('POST', '/v1/media', 101 * MB)).toBe(413);
  expect(await ask('POST', '/v1/messages', 17 * MB)).toBe(415);
  expect(await ask('GET', '/v1/whoami', 0)).toBe(200);
  agent.destroy();
});

test('a second file behind a large first one refuses both, and nothing is left', async () => {
  const before = files();
  const { status, body } = await upload(randomBytes(MB), 20, [HEAD, `\r\n${HEAD}x\r\n--B--\r\n`]);
  expect([status, body.code]).toEqual([400, 'invalid_request']);
  expect(files()).toEqual(before);
});

test.each(shapes)('a client that goes away in the middle %s leaves nothing', async (_what, edges) => {
  const before = files();
  const going = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(`${edges?.[0] ?? ''}begun`));
    },
  });
  const uploading = fetch(`${gateway.url}/v1/media`, {
    method: 'POST',
    body,
    duplex: 'half',
    signal: going.signal,
    headers: {
      'x-api-key': KEY,
      'content-type': edges ? 'multipart/form-data; boundary=B' : 'application/octet-stream',
    },
  });
  await eventually('the temporary file', () => files().length > before.length);
  going.abort();
  await expect(uploading).rejects.toThrow();
  await eventually('it to go', () => files().length === before.length);
  expect(files()).toEqual(before);
});
