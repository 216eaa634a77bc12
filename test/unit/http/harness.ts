/**
 * The HTTP side on a real port with fakes behind it. Every answer is checked against the schema that its route declares,
 * so a shape that differs from openapi.json fails wherever it shows up.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { KeyMode, Role } from '../../../gateway/src/domain/apiKey.js';
import { createApp } from '../../../gateway/src/http/app.js';
import type { HttpDeps } from '../../../gateway/src/http/deps.js';
import { createKeys } from '../../../gateway/src/http/keys.js';
import type { Problem } from '../../../gateway/src/http/problem.js';
import { listen } from '../../../gateway/src/http/server.js';
import type { Clock } from '../../../gateway/src/lib/clock.js';
import { checkShape } from '../../support/answerShape.js';
import { fakeEvents, fakeMedia } from './mediaPort.js';
import { fakeKeyStore } from './keyStorePort.js';
import { fakeOutbox, fakeSessions } from './ports.js';
import { fakeWebhooks } from './webhookPort.js';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** Parsed when it is JSON. */
  json: Record<string, unknown>;
}

export interface CallOptions {
  key?: string | null;
  /** Sent as JSON, unless it is a string or bytes. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface KeyOptions {
  mode?: KeyMode;
  sessionIds?: string[];
  expiresAt?: number | null;
}

const START = Date.parse('2026-01-31T09:00:00.000Z');

/** A clock that stands still until a test moves it; what is scheduled never fires by itself. */
function stillClock(): Clock & { at: number; timers: (() => void)[] } {
  const timers: (() => void)[] = [];
  return {
    at: START,
    timers,
    now() {
      return this.at;
    },
    schedule(callback) {
      timers.push(callback);
      return () => undefined;
    },
  };
}

type Body = NonNullable<NonNullable<Parameters<typeof fetch>[1]>['body']>;

function encode(body: unknown): { body?: Body; type?: string } {
  if (body === undefined) return {};
  if (body instanceof FormData) return { body };
  if (typeof body === 'string' || body instanceof Uint8Array)
    return { body: body as Body, type: 'application/json' };
  return { body: JSON.stringify(body), type: 'application/json' };
}

export async function startHttp(overrides: Partial<HttpDeps> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-http-'));
  const clock = stillClock();
  const keyStore = fakeKeyStore();
  const keys = createKeys({ store: keyStore, clock });
  const [sessions, outbox, media, webhooks, events] = [
    fakeSessions(),
    fakeOutbox(),
    fakeMedia(folder),
    fakeWebhooks(),
    fakeEvents(),
  ];
  const log: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(chunk.toString());
      done();
    },
  });
  const http = createApp({
    keys,
    clock,
    sessions: sessions.port,
    outbox: outbox.port,
    media: media.port,
    webhooks: webhooks.port,
    events: events.port,
    logger: pino({ level: 'debug' }, sink),
    metrics: new Registry(),
    durable: () => Promise.resolve(),
    readiness: () => Promise.resolve({ ready: true, checks: { database: 'ok' } }),
    version: '1.2.3',
    ...overrides,
  });
  const server = await listen({ app: http.app, host: '127.0.0.1', port: 0 });
  const base = `http://127.0.0.1:${String(server.port)}`;

  const makeKey = async (role: Role, { mode = 'live', sessionIds = [], expiresAt = null }: KeyOptions = {}) =>
    keys.create({ name: role, role, mode, sessionIds, expiresAt });
  const admin = (await makeKey('admin')).key;

  const fetchRaw = (
    method: string,
    path: string,
    { key = admin, body, headers, signal }: CallOptions = {},
  ) => {
    const encoded = encode(body);
    return fetch(base + path, {
      method,
      signal,
      body: encoded.body,
      headers: {
        ...(key === null ? {} : { 'X-API-Key': key }),
        ...(encoded.type === undefined ? {} : { 'Content-Type': encoded.type }),
        ...headers,
      },
    });
  };

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const response = await fetchRaw(method, path, options);
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    const json = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
    const answer = { status: response.status, headers: response.headers, text, json };
    const contentType = response.headers.get('content-type') ?? '';
    checkShape(method, path, { status: response.status, contentType, json });
    return answer;
  }

  /** The problem document of a request that must fail. */
  async function refusal(method: string, path: string, options: CallOptions = {}): Promise<Problem> {
    const answer = await call(method, path, options);
    if (answer.headers.get('content-type')?.startsWith('application/problem+json') !== true) {
      throw new Error(`${method} ${path} was answered ${String(answer.status)}: ${answer.text}`);
    }
    const problem = answer.json as unknown as Problem;
    expect(answer.status).toBe(problem.status);
    expect(answer.headers.get('x-request-id')).toBe(problem.requestId);
    expect(answer.headers.get('retry-after')).toBe(problem.retryAfterSeconds?.toString() ?? null);
    return problem;
  }

  return {
    base,
    clock,
    keys,
    keyStore,
    sessions,
    outbox,
    media,
    webhooks,
    events,
    log,
    admin,
    makeKey,
    fetchRaw,
    call,
    refusal,
    drain: () => {
      http.drain();
    },
    stop: async () => {
      await server.close(0);
      rmSync(folder, { recursive: true });
    },
  };
}

export type HttpHarness = Awaited<ReturnType<typeof startHttp>>;
