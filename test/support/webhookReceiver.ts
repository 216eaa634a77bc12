/**
 * A real HTTP server that receives webhooks in tests: it records every request and answers as it is told, also badly.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** How one request is answered. */
export type Answer =
  | { status: number; body?: string | Buffer; headers?: Record<string, string> }
  /** Never answers. */
  | 'hang'
  /** Answers 200, begins a body and never ends it. */
  | 'hangInBody'
  /** Closes the connection without an answer. */
  | 'close'
  /** Answers 200 with a body that has no end. */
  | 'endless';

export interface WebhookReceiver {
  url: string;
  port: number;
  /** All requests so far, in the order they came. */
  requests: Received[];
  /** Most requests that were unanswered at once. */
  mostAtOnce(): number;
  /** Bytes that an endless body has sent. */
  bytesSent(): number;
  /** Answers for the next requests, in order; after them `always`. */
  next(...answers: Answer[]): void;
  /** Answers each request from now on. */
  always(answer: Answer | ((request: Received) => Answer | Promise<Answer>)): void;
  /** Resolves when so many requests have come, counted from the beginning. */
  waitFor(count: number): Promise<Received[]>;
  close(): Promise<void>;
}

const LIMIT_MS = 15_000;

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function stream(response: ServerResponse, count: (bytes: number) => void): void {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const more = (): void => {
    while (!response.destroyed) {
      count(chunk.length);
      if (!response.write(chunk)) return;
    }
  };
  response.on('drain', more);
  response.writeHead(200);
  more();
}

/** @param at a port to listen on; any free one by default */
export async function startWebhookReceiver(at = 0): Promise<WebhookReceiver> {
  const requests: Received[] = [];
  const answers: Answer[] = [];
  const waiting = new Set<() => void>();
  let always: (request: Received) => Answer | Promise<Answer> = () => ({ status: 200 });
  let open = 0;
  let most = 0;
  let sentBytes = 0;

  function give(response: ServerResponse, answer: Answer): void {
    if (answer === 'hang') return;
    if (answer === 'close') response.destroy();
    else if (answer === 'endless') stream(response, (bytes) => (sentBytes += bytes));
    else if (answer === 'hangInBody') response.writeHead(200).write('beginning');
    else response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    open += 1;
    most = Math.max(most, open);
    response.on('close', () => (open -= 1));
    response.on('error', () => undefined);
    const { method = '', url = '', headers } = request;
    const received = { method, path: url, headers, body: await readBody(request) };
    requests.push(received);
    for (const check of [...waiting]) check();
    give(response, answers.shift() ?? (await always(received)));
  }

  const server = createServer((request, response) => {
    receive(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${String(port)}/hook`,
    port,
    requests,
    mostAtOnce: () => most,
    bytesSent: () => sentBytes,
    next: (...more) => void answers.push(...more),
    always(answer) {
      always = typeof answer === 'function' ? answer : () => answer;
    },
    waitFor: (count) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`Received ${String(requests.length)} requests, not ${String(count)}.`));
        }, LIMIT_MS);
        function check(): void {
          if (requests.length < count) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(requests);
        }
        waiting.add(check);
        check();
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
