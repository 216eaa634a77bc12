/**
 * The listening side: opens the port, and closes it without cutting off answers in hand. Called by gateway.ts.
 */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { gatewayError } from '../domain/error.js';
import { newId } from '../lib/ids.js';
import { toProblem } from './problem.js';

export interface HttpServer {
  /** The port in use, also when 0 was asked for. */
  port: number;
  /** Takes no new connection, lets running requests finish for `graceMs`, then cuts the rest. */
  close(graceMs: number): Promise<void>;
}

export interface ListenOptions {
  app: RequestListener;
  host: string;
  port: number;
}

/** A kept-alive connection without a request would hold `close` for seconds, so idle ones are ended again and again. */
const SWEEP_MS = 100;

/** What is not HTTP never reaches the application, and is answered here in the same form. */
function refuseMalformed(error: Error, socket: Duplex): void {
  if (!socket.writable || (error as NodeJS.ErrnoException).code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = toProblem(gatewayError('invalid_request', 'The request is not valid HTTP.'), newId('req'));
  const body = JSON.stringify(problem);
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${problem.requestId}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** @throws Error when the address cannot be taken, for example EADDRINUSE */
export async function listen({ app, host, port }: ListenOptions): Promise<HttpServer> {
  const server = createServer(app);
  server.on('clientError', refuseMalformed);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close(graceMs) {
      const sweep = setInterval(() => {
        server.closeIdleConnections();
      }, SWEEP_MS);
      const cut = setTimeout(() => {
        server.closeAllConnections();
      }, graceMs);
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      clearInterval(sweep);
      clearTimeout(cut);
    },
  };
}
