/**
 * The gateway's side of the HTTP calls, by nock: each test says what the gateway answers and sees what it was asked.
 */
import nock from 'nock';

import { API_KEY, BASE_URL } from './credentials';

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

type Reply = Answer | ((call: Call) => Answer);

/** A gateway that knows the given routes ("POST /v1/messages"); several answers are given one after another. */
export function gateway(routes: Record<string, Reply | Reply[]>): Call[] {
  const calls: Call[] = [];
  for (const [route, replies] of Object.entries(routes)) {
    const [method = '', path = ''] = route.split(' ');
    const list = Array.isArray(replies) ? replies : [replies];
    let next = 0;
    nock(BASE_URL, { reqheaders: { 'x-api-key': API_KEY } })
      .persist()
      .intercept((uri) => uri.split('?')[0] === path, method)
      .reply(function (uri, body) {
        const call: Call = {
          method,
          path,
          query: new URL(uri, BASE_URL).searchParams,
          headers: this.req.headers,
          body: body as unknown as Record<string, unknown>,
        };
        calls.push(call);
        const reply = list[Math.min(next++, list.length - 1)] ?? {};
        const answer = typeof reply === 'function' ? reply(call) : reply;
        return [
          answer.status ?? 200,
          answer.body ?? '',
          answer.headers ?? {},
        ] as unknown as nock.ReplyFnResult;
      });
  }
  return calls;
}

// Each test file has its own nock, but all files of a process share the patched http: it must be given back.
afterAll(() => {
  nock.restore();
});

/** Forgets all routes and lets no request out of the process. */
export function resetGateway(): void {
  nock.cleanAll();
  nock.disableNetConnect();
}

/** A problem document as the gateway sends it. */
export function problem(code: string, status: number, more: Record<string, unknown> = {}): Answer {
  const body = {
    type: `https://sluice.example/errors#${code}`,
    title: `Title of ${code}`,
    status,
    detail: `Detail of ${code}`,
    code,
    retryable: status === 429 || status >= 500,
    requestId: 'req_1',
    ...more,
  };
  return { status, body, headers: { 'content-type': 'application/problem+json' } };
}

/** A message as the gateway stores it. */
export const message = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: 'msg_1',
  waId: '3EB0AAAA',
  sessionId: 'main',
  to: '4915112345678',
  type: 'text',
  status: 'queued',
  error: null,
  ...more,
});

export const accepted = (more: Record<string, unknown> = {}): Answer => ({
  status: 202,
  body: message(more),
});
