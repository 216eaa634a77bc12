/**
 * One client's connection: frames, handshake and encryption over a WebSocket, seen from above as nodes in and out.
 * It decides nothing about the protocol's content; whoever opened it gets the client's payload and each node.
 */
import { proto } from '@whiskeysockets/baileys';
import type { RawData, WebSocket } from 'ws';
import type { ServerKeys } from './certificate.js';
import { decodeNode } from './decodeNode.js';
import { encodeNode } from './encodeNode.js';
import { createFrameReader, frame } from './frames.js';
import { createNoiseResponder, type NoiseResponder, type Transport } from './noise.js';
import type { BinaryNode } from './nodes.js';

/** Ends connections that never finish the handshake (slow or hostile clients). */
export const HANDSHAKE_TIMEOUT_MS = 20_000;

/** Bytes that may wait for a client that does not read. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** What the client said of itself in the last handshake message. */
export interface ClientHandshake {
  staticKey: Buffer;
  payload: proto.ClientPayload;
}

export interface Channel {
  send(stanza: BinaryNode): void;
  /** Closes after everything sent before has left. */
  close(): void;
  /** Cuts the TCP connection without a goodbye. */
  reset(): void;
  /** Whether neither side has begun to close it and no fault keeps everything from passing. */
  isOpen(): boolean;
}

/** Lets faults hold back, slow down or drop what comes and goes. */
export interface Gate {
  incoming(pass: () => void, sizeBytes: number): void;
  outgoing(pass: () => void, sizeBytes: number): void;
  /** Whether it lets nothing through any more. */
  isDead(): boolean;
}

export interface ChannelDeps {
  socket: WebSocket;
  keys: ServerKeys;
  gate: Gate;
  handshakeTimeoutMs: number;
  onHandshake(handshake: ClientHandshake): void;
  onNode(stanza: BinaryNode): void;
  onMalformed(reason: string): void;
  onClose(): void;
}

const toBuffer = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Frames that are written in one turn of the event loop leave together: one system call instead of one for each. */
function createFrameWriter(socket: WebSocket) {
  let waiting: Buffer[] = [];
  const flush = (): void => {
    const frames = waiting;
    waiting = [];
    const [first] = frames;
    if (!first || socket.readyState !== socket.OPEN) return;
    // Whoever does not read is cut off: what it has not acknowledged is in its queue.
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      socket.terminate();
      return;
    }
    socket.send(frames.length === 1 ? first : Buffer.concat(frames), { binary: true }, () => undefined);
  };
  return {
    write(payload: Buffer): void {
      waiting.push(frame(payload));
      if (waiting.length === 1) setImmediate(flush);
    },
    close(): void {
      flush();
      socket.close();
    },
  };
}

/** Speaks the protocol on a socket that has just been upgraded. */
export function createChannel(deps: ChannelDeps): Channel {
  const { socket, gate } = deps;
  const reader = createFrameReader();
  const writer = createFrameWriter(socket);
  let responder: NoiseResponder | undefined;
  let transport: Transport | undefined;

  const fail = (error: unknown): void => {
    deps.onMalformed(reasonOf(error));
    socket.terminate();
  };
  const finishHandshake = (bytes: Buffer, noise: NoiseResponder): void => {
    const finished = noise.finish(bytes);
    transport = finished.transport;
    clearTimeout(handshakeTimer);
    const payload = proto.ClientPayload.decode(finished.payload);
    deps.onHandshake({ staticKey: finished.staticKey, payload });
  };
  const handleFrame = (bytes: Buffer): void => {
    if (transport) {
      deps.onNode(decodeNode(transport.decrypt(bytes)));
    } else if (responder) {
      finishHandshake(bytes, responder);
    } else {
      responder = createNoiseResponder(deps.keys, reader.header() ?? Buffer.alloc(0));
      writer.write(responder.answerHello(bytes));
    }
  };
  const handleData = (data: Buffer): void => {
    try {
      for (const bytes of reader.push(data)) handleFrame(bytes);
    } catch (error) {
      fail(error);
    }
  };

  const handshakeTimer = setTimeout(() => socket.terminate(), deps.handshakeTimeoutMs);
  handshakeTimer.unref();
  socket.on('message', (data) => {
    const bytes = toBuffer(data);
    gate.incoming(() => handleData(bytes), bytes.length);
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    clearTimeout(handshakeTimer);
    deps.onClose();
  });

  return {
    send(stanza) {
      const plaintext = encodeNode(stanza);
      const write = (): void => {
        if (transport) writer.write(transport.encrypt(plaintext));
      };
      // Encrypted only when it leaves: the counter must follow the order on the wire.
      gate.outgoing(write, plaintext.length);
    },
    close: () => gate.outgoing(() => writer.close(), 0),
    reset: () => socket.terminate(),
    isOpen: () => socket.readyState === socket.OPEN && !gate.isDead(),
  };
}
