/**
 * Broken, slow and oversized clients of the media host: they hold up nobody, and when they are gone nothing of them is left.
 */
import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { eventually } from '../support/eventually.js';
import { openStage, type Stage } from './support/stage.js';
import { upload } from './support/transfers.js';

const SESSION = '4915550000801';
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(async () => {
  // Everybody else is served meanwhile.
  expect(await upload(stage, SESSION, 5000)).toBe(200);
});
afterAll(() => stage.close());

const port = (): number => Number(stage.simulator.world.media.hostname.split(':')[1]);
const path = (): string =>
  `/mms/image/${'d'.repeat(43)}?auth=${stage.simulator.world.media.authFor(SESSION)}`;

/** A line with these bytes on it that stays open until it is destroyed or ended by the host. */
function open(secure: boolean, bytes: Buffer | string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const started = (): void => void line.write(bytes, () => resolve(line));
    const line: Socket = secure
      ? connectTls({ host: '127.0.0.1', port: port(), ca: stage.simulator.mediaCaPem }, started)
      : connect(port(), '127.0.0.1', started);
    line.once('error', reject);
    line.resume();
  });
}

test('half a TLS handshake, half a request and half a file hold up nobody', async () => {
  const lines = await Promise.all([
    open(false, Buffer.from([0x16, 3, 1, 2, 0, 1])),
    open(true, 'GET /v/half HTT'),
    open(true, `POST ${path()} HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\nhalf`),
    open(true, `POST ${path()} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nff\r\nhalf`),
  ]);
  expect(await upload(stage, SESSION, 5000)).toBe(200);
  for (const line of lines) line.destroy();
  expect(stage.simulator.world.media.find(`/v/${'d'.repeat(43)}`)).toBeUndefined();
});

test('a file that is larger than any may be is refused before it has come', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { 'content-length': String(200 * 1024 * 1024) };
    const options = { host: '127.0.0.1', port: port(), path: path(), method: 'POST', headers };
    const outgoing = request({ ...options, ca: stage.simulator.mediaCaPem }, (response) => {
      resolve(response.statusCode);
      outgoing.destroy();
    });
    outgoing.on('error', reject);
    outgoing.write(Buffer.alloc(1000));
  });
  expect(status).toBe(413);
});

test('headers without end are cut off', async () => {
  const line = await open(true, 'GET / HTTP/1.1\r\nx: ');
  const ended = new Promise((resolve) => line.once('close', resolve));
  line.on('error', () => undefined);
  line.write('y'.repeat(200_000));
  await ended;
});

test('rounds of garbage on every port leave no line open', async () => {
  const { url, controlUrl } = stage.simulator;
  const ports = [port(), ...[url, controlUrl].map((address) => Number(new URL(address).port))];
  const lines = (): number =>
    process.getActiveResourcesInfo().filter((name) => /TCPSocketWrap|TLSWrap/.test(name)).length;
  const throwAt = (target: number): Promise<void> =>
    new Promise((resolve) => {
      const line = connect(target, '127.0.0.1', () => line.end(randomBytes(4096)));
      line.on('error', () => undefined);
      line.on('close', () => resolve());
      line.resume();
    });
  const before = lines();
  for (let round = 0; round < 10; round++) {
    await Promise.all(ports.flatMap((target) => Array.from({ length: 10 }, () => throwAt(target))));
  }
  await eventually('as few lines as before', () => lines() <= before);
});
