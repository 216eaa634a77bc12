/**
 * The listening side: HTTP on loopback that upgrades `/ws/chat` to a WebSocket, as WhatsApp's edge does.
 * It hands over raw sockets; refusing them by fault is decided by the caller's `admit`.
 */
import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';

export const CHAT_PATH = '/ws/chat';
const LOOPBACK = '127.0.0.1';
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** What to do with a new connection: let it in, answer with an HTTP status, cut it, or leave it hanging. */
export type Admission =
  { kind: 'accept' } | { kind: 'status'; status: number } | { kind: 'reset' } | { kind: 'hang' };

export interface ListenerDeps {
  port: number;
  admit(): Admission;
  onSocket: (socket: WebSocket) => void;
}

export interface Listener {
  port: number;
  /** Stops accepting TCP connections: clients see "connection refused". Open ones stay. */
  refuse(): void;
  /** Accepts again on the same port. */
  accept(): Promise<void>;
  close(): Promise<void>;
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });

function answerStatus(socket: Duplex, status: number): void {
  const reason = STATUS_CODES[status] ?? 'Refused';
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Listens on 127.0.0.1; port 0 takes any free one. @throws when the port is taken. */
export async function createListener(deps: ListenerDeps): Promise<Listener> {
  const server = createServer((_request, response) => {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('This is a simulated WhatsApp server.\n');
  });
  const upgrades = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const hanging = new Set<Duplex>();

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    const admission: Admission =
      request.url?.split('?')[0] === CHAT_PATH ? deps.admit() : { kind: 'status', status: 404 };
    if (admission.kind === 'accept') upgrades.handleUpgrade(request, socket, head, deps.onSocket);
    else if (admission.kind === 'status') answerStatus(socket, admission.status);
    else if (admission.kind === 'reset') socket.destroy();
    else {
      hanging.add(socket);
      socket.once('close', () => hanging.delete(socket));
    }
  };
  server.on('upgrade', upgrade);
  server.on('clientError', (_error, socket) => socket.destroy());
  await listen(server, deps.port);
  const { port } = server.address() as AddressInfo;

  /** Closes the listening handle only; `closed` resolves when the last connection is gone, which may be much later. */
  const stopListening = (): { closed: Promise<void> } => ({
    closed: new Promise((resolve) => {
      if (server.listening) server.close(() => resolve());
      else resolve();
      server.closeAllConnections();
    }),
  });
  return {
    port,
    refuse() {
      stopListening();
    },
    accept: () => (server.listening ? Promise.resolve() : listen(server, port)),
    async close() {
      for (const socket of hanging) socket.destroy();
      for (const client of upgrades.clients) client.terminate();
      await stopListening().closed;
      upgrades.close();
    },
  };
}
