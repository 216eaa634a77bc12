/**
 * A web server whose links misbehave in every way that a stranger's can: they hang, drip, redirect for ever, lie about
 * their length, send without end, or unpack to far more than they are. Used by links.test.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const MB = 1024 * 1024;
const TWO_GB = 2 * 1024 * MB;

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** Writes as fast as the other side reads, until it has enough or is gone. */
function pour(response: ServerResponse, count: (bytes: number) => void): void {
  const block = Buffer.alloc(256 * 1024, 7);
  const more = (): void => {
    while (!response.destroyed) {
      count(block.length);
      if (!response.write(block)) return void response.once('drain', more);
    }
  };
  more();
}

/** One byte after the other, for ever. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write('.'), 20);
  response.once('close', () => {
    clearInterval(timer);
  });
}

export interface BadLinks {
  url: (path: string) => string;
  /** Bytes that were written for the path. */
  written: (path: string) => number;
  /** How often the path was asked for. */
  asked: (path: string) => number;
  /** Connections that are open. */
  open: () => number;
  close: () => Promise<void>;
}

export async function startBadLinks(): Promise<BadLinks> {
  const bytes = new Map<string, number>();
  const requests = new Map<string, number>();
  let open = 0;
  const bomb = gzipSync(Buffer.alloc(200 * MB));
  const answers: Record<string, Answer> = {
    '/hang': () => undefined,
    '/drip': (response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      drip(response);
    },
    '/loop': (response) => response.writeHead(302, { location: '/loop' }).end(),
    '/pingpong': (response, { url = '' }) =>
      response.writeHead(307, { location: url.endsWith('a') ? '/pingpong?b' : '/pingpong?a' }).end(),
    '/two-gigabytes': (response) => {
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': String(TWO_GB) });
      pour(response, (count) => bytes.set('/two-gigabytes', (bytes.get('/two-gigabytes') ?? 0) + count));
    },
    '/without-end': (response) => {
      response.writeHead(200, { 'content-type': 'video/mp4' });
      pour(response, (count) => bytes.set('/without-end', (bytes.get('/without-end') ?? 0) + count));
    },
    '/says-more': (response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': '100000' });
      response.write('only this');
      setImmediate(() => response.socket?.destroy());
    },
    '/says-less': (response) => {
      response.socket?.end(
        `HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 5\r\nconnection: close\r\n\r\n${'x'.repeat(MB)}`,
      );
    },
    '/bomb': (response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-encoding': 'gzip' });
      response.end(bomb);
    },
    '/no-http': (response) => response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n'),
    '/endless-head': (response) => {
      const { socket } = response;
      socket?.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket?.write('x-more: and more\r\n'), 20);
      socket?.once('close', () => {
        clearInterval(timer);
      });
    },
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    requests.set(path, (requests.get(path) ?? 0) + 1);
    response.on('error', () => undefined);
    const answer = answers[path];
    if (answer) answer(response, request);
    else response.writeHead(404).end();
  });
  server.on('connection', (socket) => {
    open += 1;
    socket.on('error', () => undefined);
    socket.once('close', () => {
      open -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${String(port)}${path}`,
    written: (path) => bytes.get(path) ?? 0,
    asked: (path) => requests.get(path) ?? 0,
    open: () => open,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
