/**
 * Bad files beside good messages, from a media host that does its worst: each has its reason, leaves nothing on the disk,
 * and the messages behind it arrive.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gatewayProcess.js';
import { eventsOf, pair, useWorld, type EventJson } from '../support/world.js';

const world = useWorld();
const PHONE = '4915550022001';
const BOB = '4915550022002';
const SESSION = 'bad-files';
const GIGABYTES_2 = 2 * 1024 ** 3;
let gateway: GatewayProcess;
let dataDir: string;
let host: Server;
/** Bytes that the host got rid of, per path. */
let sent: Record<string, number>;

/** Writes as long as somebody reads. */
function writeEndlessly(path: string, response: ServerResponse): void {
  const chunk = randomBytes(64 * 1024);
  const write = (): void => {
    while (!response.destroyed) {
      sent[path] = (sent[path] ?? 0) + chunk.length;
      if (!response.write(chunk)) return;
    }
  };
  response.on('drain', write);
  write();
}

const ANSWERS: Record<string, (response: ServerResponse) => void> = {
  '/endless': (response) => writeEndlessly('/endless', response.writeHead(200)),
  '/2gb': (response) =>
    writeEndlessly('/2gb', response.writeHead(200, { 'content-length': String(GIGABYTES_2) })),
  '/silent': (response) => response.writeHead(200).flushHeaders(),
  '/half': (response) => {
    response.writeHead(200, { 'content-length': '5000' });
    response.write(randomBytes(2_000), () => response.destroy());
  },
  '/garbage': (response) => response.writeHead(200).end(randomBytes(5_000)),
  '/empty': (response) => response.writeHead(200).end(),
};

beforeAll(async () => {
  dataDir = world.newDataDir();
  const { tls } = world.simulator().world;
  sent = {};
  host = createServer({ key: tls.privateKeyPem, cert: tls.certificatePem }, (request, response) => {
    ANSWERS[request.url ?? '']?.(response);
  });
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  const env = { SLUICE_MEDIA_WAIT_SECONDS: '5', SLUICE_MEDIA_MAX_MB: '2' };
  gateway = await world.start({ dataDir, env });
  await world.phone().createContact({ number: BOB, name: 'Bob' });
  await pair(gateway, world.phone(), { id: SESSION, number: PHONE });
});

afterAll(() => {
  host.closeAllConnections();
  host.close();
});

/** A file on the bad host, as a message names it. */
function fileAt(path: string, fileLength: number) {
  const { port } = host.address() as AddressInfo;
  const imageMessage = {
    url: `https://127.0.0.1:${String(port)}${path}`,
    directPath: path,
    mediaKey: randomBytes(32).toString('base64'),
    fileSha256: randomBytes(32).toString('base64'),
    fileEncSha256: randomBytes(32).toString('base64'),
    fileLength,
    mimetype: 'image/png',
  };
  return { from: BOB, content: { kind: 'raw' as const, message: { imageMessage } } };
}

const halfWritten = (): string[] =>
  readdirSync(join(dataDir, 'media'), { recursive: true }).filter((name) =>
    String(name).endsWith('.part'),
  ) as string[];

let seen = 0;

/** Sends a bad file and a text behind it; answers the events of both. */
async function sendBoth(path: string, fileLength: number): Promise<[EventJson, EventJson]> {
  await world.phone().sendManyTo(PHONE, [fileAt(path, fileLength), { from: BOB, text: `behind ${path}` }]);
  const query = { sessionId: SESSION, type: 'message.received', count: 2, after: seen };
  const [bad, behind] = await eventsOf(gateway, query);
  if (!bad || !behind) throw new Error('two events were waited for');
  seen = behind.seq;
  expect(behind.data.text).toBe(`behind ${path}`);
  return [bad, behind];
}

test.each([
  ['has no end', '/endless', 1_000, 'media_too_large'],
  ['is 2 GB, though its message says less', '/2gb', 1_000, 'media_too_large'],
  ['is 2 GB, and says so', '/2gb', GIGABYTES_2, 'media_too_large'],
  ['is something else', '/garbage', 5_000, 'media_damaged'],
  ['is empty', '/empty', 1_000, 'media_damaged'],
])(
  'a file that %s is refused with its reason, and what is behind it arrives',
  async (_what, path, length, code) => {
    const [bad] = await sendBoth(path, length);
    const media = bad.data.media as { error: { code: string; message: string } };
    expect(media.error.code).toBe(code);
    expect(media.error.message).toMatch(/\w\.$/);
    expect(halfWritten()).toEqual([]);
    // Neither was more read of it than what may be stored and what was on its way.
    expect(sent[path] ?? 0).toBeLessThan(16 * 1024 * 1024);
  },
);

test.each(['/silent', '/half'])(
  'a file that never comes whole (%s) holds nothing up for longer than the setting',
  async (path) => {
    const [bad, behind] = await sendBoth(path, 5_000);
    expect(bad.data.media).toMatchObject({ pending: true, error: null });
    expect(behind.seq).toBe(bad.seq + 1);
    const { url } = bad.data.media as { url: string };
    const answer = await gateway.call('GET', new URL(url).pathname);
    expect(answer.status).toBe(503);
  },
);

test('another session is not held up by them at all, and a stop leaves nothing half-written', async () => {
  await world.phone().sendManyTo(
    PHONE,
    Array.from({ length: 12 }, () => fileAt('/silent', 5_000)),
  );
  await pair(gateway, world.phone(), { id: 'neighbour', number: '4915550022003' });
  const waId = await world.phone().sendTo('4915550022003', { from: BOB, text: 'not held up' });
  const [event] = await eventsOf(gateway, { sessionId: 'neighbour', type: 'message.received' });
  expect(event?.data.messageId).toBe(waId);
  expect(await gateway.stop()).toBe(0);
  await eventually('nothing half-written', () => halfWritten().length === 0);
});
