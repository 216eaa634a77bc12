/**
 * Hostile and broken clients on every port: the simulator cuts them off, leaks nothing and goes on.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { proto } from '@whiskeysockets/baileys';
import { WebSocket } from 'ws';
import { createSimulator } from '../../gateway/src/simulator/simulator.js';
import { generateKeyPair } from '../../gateway/src/simulator/signal/curve.js';
import { eventually } from '../support/eventually.js';
import { jid, openStage, type Stage } from './support/stage.js';

const HEADER = Buffer.from([0x57, 0x41, 6, 3]);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const framed = (payload: Buffer): Buffer => {
  const length = Buffer.alloc(3);
  length.writeUIntBE(payload.length, 0, 3);
  return Buffer.concat([length, payload]);
};
const hello = (ephemeral: Buffer): Buffer =>
  framed(Buffer.from(proto.HandshakeMessage.encode({ clientHello: { ephemeral } }).finish()));

/** Sends the pieces over a WebSocket and resolves when the simulator has ended the connection. */
function attack(pieces: Buffer[], url = stage.simulator.url): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.on('open', () => {
      for (const piece of pieces) socket.send(piece);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}

function throwAt(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
  });
}

/** Whoever has not logged in has been cut off. */
const strangersAreGone = (): Promise<true> =>
  eventually('the end of every connection without a session', async () => {
    const open = await stage.control.connections.list();
    return open.every(({ session }) => session !== null);
  });

afterEach(async () => {
  const { world } = stage.simulator;
  await strangersAreGone();
  expect(world.records.errors.all().filter(({ kind }) => kind === 'internal')).toEqual([]);
  // And a real client still gets through.
  const { client } = await stage.session();
  const contact = await stage.contact();
  await client.socket.sendMessage(jid(contact), { text: 'still alive' });
  await stage.control.messages.waitFor({ to: contact });
});

test('random bytes on all three ports', async () => {
  const { url, controlUrl, world } = stage.simulator;
  const addresses = [url, controlUrl, `https://${world.media.hostname}`];
  const ports = addresses.map((address) => Number(new URL(address).port));
  for (const port of ports) {
    await Promise.all(Array.from({ length: 20 }, () => throwAt(port, randomBytes(4096))));
  }
  expect(await stage.control.connections.list()).toEqual([]);
});

test('random bytes, a wrong header, a huge length and a huge routing intro inside a WebSocket', async () => {
  const before = (await stage.control.metrics()).malformedConnections;
  const attacks = [
    [Buffer.from('GET / HTTP/1.1')],
    [Buffer.concat([HEADER, Buffer.from([0xff, 0xff, 0xff])])],
    [Buffer.from([0x45, 0x44, 0, 1, 0xff, 0xff, 0xff])],
    [Buffer.concat([HEADER, framed(randomBytes(300))])],
    [Buffer.concat([HEADER, hello(Buffer.alloc(5))])],
    [Buffer.concat([HEADER, hello(Buffer.alloc(32))])],
    [Buffer.concat([HEADER, hello(generateKeyPair().public)]), framed(randomBytes(200))],
  ];
  await Promise.all(attacks.map((pieces) => attack(pieces)));
  expect((await stage.control.metrics()).malformedConnections).toBe(before + attacks.length);
});

test('a message larger than the limit is cut off', async () => {
  await attack([Buffer.alloc(5 * 1024 * 1024)]);
});

test('clients that send half a frame, or nothing, are cut off after the time for the handshake', async () => {
  // A simulator of its own: real clients on a busy machine may need longer than this.
  const impatient = await createSimulator({ handshakeTimeoutMs: 500 });
  const startedAt = Date.now();
  await Promise.all([
    attack([], impatient.url),
    attack([HEADER], impatient.url),
    attack([Buffer.concat([HEADER, Buffer.from([0, 1, 0, 7])])], impatient.url),
  ]);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(490);
  await impatient.stop();
});

test('a handshake that comes byte by byte is understood', async () => {
  const bytes = Buffer.concat([HEADER, hello(generateKeyPair().public)]);
  const answered = await new Promise<boolean>((resolve) => {
    const socket = new WebSocket(stage.simulator.url);
    socket.on('open', () => {
      for (const byte of bytes) socket.send(Buffer.from([byte]));
    });
    socket.on('message', (data: Buffer) => {
      resolve(proto.HandshakeMessage.decode(data.subarray(3)).serverHello?.static?.length === 48);
      socket.terminate();
    });
  });
  expect(answered).toBe(true);
});

test('garbage inside TLS, and requests that nobody understands, do not harm the media host', async () => {
  const { media } = stage.simulator.world;
  const port = Number(media.hostname.split(':')[1]);
  const ca = stage.simulator.mediaCaPem;
  const send = (bytes: Buffer): Promise<void> =>
    new Promise((resolve) => {
      const socket = connectTls({ host: '127.0.0.1', port, ca }, () => socket.end(bytes));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.resume();
    });
  await send(randomBytes(4096));
  await send(Buffer.from('GET //::: HTTP/1.1\r\nhost: x\r\n\r\n'));
  await send(Buffer.from('POST /mms/image/short HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\nabc'));
  await send(
    Buffer.from(`POST /mms/image/${'c'.repeat(43)} HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\nabc`),
  );
  expect(media.find(`/v/${'c'.repeat(43)}`)).toBeUndefined();
});

test('a client that does not read is cut off, and what it has not taken stays in its queue', async () => {
  const { number, client } = await stage.session();
  const contact = await stage.contact();
  const { socket: line } = client.socket.ws as unknown as { socket: { pause(): void; resume(): void } };
  line.pause();
  const [text, count] = ['x'.repeat(60_000), 100];
  for (let sent = 0; (await stage.control.connections.list({ session: number })).length > 0; sent += count) {
    // Kernel buffers take some megabytes, the simulator 16 more.
    expect(sent).toBeLessThan(10 * count);
    await stage.control.sendManyTo(
      number,
      Array.from({ length: count }, (_, index) => ({ from: contact, text: `${sent + index} ${text}` })),
    );
  }
  client.socket.ws.removeAllListeners('message');
  line.resume();
  await client.socket.end(undefined);
  const [, linked] = (await stage.control.phone(number)).devices;
  expect(linked?.owed).toBeGreaterThanOrEqual(count);
});

test('rounds of attacks leave nothing behind in the memory', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const round = async (): Promise<void> => {
    await Promise.all([
      ...Array.from({ length: 10 }, () => attack([Buffer.concat([HEADER, framed(randomBytes(20_000))])])),
      ...Array.from({ length: 10 }, () =>
        attack([Buffer.concat([HEADER, hello(generateKeyPair().public)]), framed(randomBytes(20_000))]),
      ),
      ...Array.from({ length: 5 }, () =>
        throwAt(Number(new URL(stage.simulator.url).port), randomBytes(20_000)),
      ),
    ]);
  };
  const used = (): number => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const rounds = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) await round();
    await strangersAreGone();
  };
  await rounds(10);
  // Buffers are freed in a thread of their own, a while after their collection.
  let before = used();
  let same = 0;
  await eventually('a memory at rest', () => {
    const now = used();
    same = now < before - 2 ** 16 ? 0 : same + 1;
    before = Math.min(before, now);
    return same === 5;
  });
  await rounds(20);
  // 500 connections: a leak of one frame each would be 10 MB, and would stay.
  await eventually('as much memory as before', () => used() - before < 2 * 2 ** 20);
}, 120_000);

test('stanzas that make no sense do not end the session of a real client', async () => {
  const { number, client } = await stage.session();
  await client.socket.sendNode({ tag: 'nonsense', attrs: {} });
  await client.socket.sendNode({ tag: 'message', attrs: {}, content: [{ tag: 'enc', attrs: {} }] });
  await client.socket.sendNode({ tag: 'receipt', attrs: { type: 'retry' } });
  await client.socket.sendNode({ tag: 'ack', attrs: {} });
  await client.socket.sendNode({ tag: 'iq', attrs: { id: 'x', type: 'get', xmlns: 'usync' } });
  await client.socket.sendNode({ tag: 'iq', attrs: { id: 'y', type: 'set', xmlns: 'encrypt' } });
  await stage.control.errors.waitFor({ session: number, kind: 'unanswered_query' });
  expect(await client.socket.onWhatsApp(number)).toHaveLength(1);
});
