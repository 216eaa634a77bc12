/**
 * A webhook receiver such as n8n's: takes signed events on a loopback port and checks each signature the way a receiver
 * should (Standard Webhooks: HMAC-SHA256 over id, time and the raw body).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedEvent {
  type: string;
  data: Record<string, unknown>;
  /** Whether the signature was right. */
  signed: boolean;
}

export interface Receiver {
  url: string;
  /** Host and port, as SLUICE_PRIVATE_TARGETS wants them. */
  target: string;
  /** Resolves with the first event of the type, waiting at most `timeoutMs`. @throws Error when none came */
  next(type: string, timeoutMs: number): Promise<ReceivedEvent>;
  /** The secret that the gateway gave for this receiver. */
  trust(secret: string): void;
  close(): Promise<void>;
}

function isSigned(secret: string, headers: IncomingHttpHeaders, body: Buffer): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body.toString('utf8')}`;
  const expected = createHmac('sha256', key).update(signed).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .map((signature) => Buffer.from(signature.replace(/^v1,/, ''), 'base64'))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected));
}

export async function startReceiver(): Promise<Receiver> {
  const received: ReceivedEvent[] = [];
  let changed = (): void => undefined;
  let secret = '';

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const signed = isSigned(secret, request.headers, body);
      response.writeHead(signed ? 204 : 401).end();
      received.push({ ...(JSON.parse(body.toString('utf8')) as Omit<ReceivedEvent, 'signed'>), signed });
      changed();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${String(port)}/webhook`,
    target: `127.0.0.1:${String(port)}`,
    trust(given) {
      secret = given;
    },
    next: (type, timeoutMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`no ${type} event arrived within ${String(timeoutMs / 1000)} seconds`));
        }, timeoutMs);
        const look = (): void => {
          const found = received.find((event) => event.type === type);
          if (!found) return;
          clearTimeout(timer);
          resolve(found);
        };
        changed = look;
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
