/**
 * The built gateway as a process of its own, as users run it, so that it can be restarted and killed with -9.
 * Needs `npm run build:gateway`, which `npm test` runs first.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { checkShape } from './answerShape.js';

const MAIN = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));
export const ADMIN_KEY = 'slk_live_test-admin-key-with-enough-characters';

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

export interface CallOptions {
  key?: string | null;
  headers?: Record<string, string>;
  /** Sent as it is; otherwise the body is JSON. */
  raw?: string | Uint8Array<ArrayBuffer>;
}

/** JSON of the API, as loosely as a client without our types sees it. */
export type Json = Record<string, unknown>;

export interface GatewayProcess {
  url: string;
  /** Everything the process has written to its standard streams. */
  output: () => string;
  call: <T = Json>(method: string, path: string, body?: unknown, options?: CallOptions) => Promise<Answer<T>>;
  /** The same, and throws unless the answer is a 2xx. */
  ask: <T = Json>(method: string, path: string, body?: unknown, options?: CallOptions) => Promise<T>;
  /** Ends it as an operator does; resolves with the exit code. */
  stop: () => Promise<number | null>;
  kill9: () => Promise<void>;
  exited: Promise<number | null>;
}

export interface GatewaySettings {
  dataDir: string;
  env?: Record<string, string>;
  /** Another program than the gateway itself. */
  program?: string;
}

const LIMIT_MS = 30_000;

function whenListening(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The gateway did not start:\n${output()}`)), LIMIT_MS);
    const look = (): void => {
      const url = /listens at (\S+)/.exec(output())?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on('data', look);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The gateway ended with code ${String(code)}:\n${output()}`));
    });
  });
}

function createCall(url: string): GatewayProcess['call'] {
  return async <T>(
    method: string,
    path: string,
    body?: unknown,
    options: CallOptions = {},
  ): Promise<Answer<T>> => {
    const key = options.key === undefined ? ADMIN_KEY : options.key;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { 'x-api-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.raw === undefined && body === undefined
        ? {}
        : { body: options.raw ?? JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    const answered: unknown = isJson ? JSON.parse(text) : text;
    const contentType = response.headers.get('content-type') ?? '';
    checkShape(method, path, { status: response.status, contentType, json: answered });
    return { status: response.status, headers: response.headers, body: answered as T };
  };
}

/** Starts it on any free port and waits until it listens. @throws Error with its output when it does not */
export async function startGatewayProcess({
  dataDir,
  env = {},
  program = MAIN,
}: GatewaySettings): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [program, 'start'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      SLUICE_PORT: '0',
      SLUICE_DATA_DIR: dataDir,
      SLUICE_ADMIN_KEY: ADMIN_KEY,
      SLUICE_LOG_LEVEL: 'warn',
      ...env,
    },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const url = await whenListening(child, () => text);
  const call = createCall(url);
  return {
    url,
    output: () => text,
    call,
    exited,
    async ask<T>(method: string, path: string, body?: unknown, options?: CallOptions): Promise<T> {
      const answer = await call<T>(method, path, body, options);
      if (answer.status < 300) return answer.body;
      throw new Error(`${method} ${path}: ${String(answer.status)} ${JSON.stringify(answer.body)}\n${text}`);
    },
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
    async kill9() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
