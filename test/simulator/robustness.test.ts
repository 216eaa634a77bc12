/**
 * Hostile and broken clients on every port: the simulator cuts them off, leaks nothing and goes on.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { proto } from '@whiskeysockets/baileys';
import { WebSocket } from 'ws';
import { generateKeyPair } from '../../gateway/src/simulator/signal/curve.js';
import { jid, openStage, type Stage } from './support/stage.js';

const HEADER = Buffer.from([0x57, 0x41, 6, 3]);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ handshakeTimeoutMs: 4000 });
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
function attack(pieces: Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(stage.simulator.url);
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

afterEach(async () => {
  const { world } = stage.simulator;
  expect(await stage.control.connections.list({ session: '' })).toEqual([]);
  expect(world.records.errors.all().filter(({ kind }) => kind === 'internal')).toEqual([]);
  // And a real client still gets through.
  const { client } = await stage.session();
  const contact = await stage.contact();
  await client.socket.sendMessage(jid(contact), { text: 'still alive' });
  await stage.control.messages.waitFor({ to: contact });
});

test('random bytes on both ports', async () => {
  const ports = [stage.simulator.url, stage.simulator.controlUrl].map((url) => Number(new URL(url).port));
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
  await Promise.all(attacks.map(attack));
  expect((await stage.control.metrics()).malformedConnections).toBe(before + attacks.length);
});

test('a message larger than the limit is cut off', async () => {
  await attack([Buffer.alloc(5 * 1024 * 1024)]);
});

test('clients that send half a frame, or nothing, are cut off after the time for the handshake', async () => {
  const startedAt = Date.now();
  await Promise.all([
    attack([]),
    attack([HEADER]),
    attack([Buffer.concat([HEADER, Buffer.from([0, 1, 0, 7])])]),
  ]);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(3900);
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
