/**
 * The listening side: opens the port, and closes it without cutting off answers in hand. Called by gateway.ts.
 */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

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

/** @throws Error when the address cannot be taken, for example EADDRINUSE */
export async function listen({ app, host, port }: ListenOptions): Promise<HttpServer> {
  const server = createServer(app);
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
