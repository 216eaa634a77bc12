/**
 * One try of one delivery: the POST, its time limit, and what came back. It decides nothing and stores nothing.
 * Used by the lanes of the dispatcher.
 */
import { GatewayError } from '../domain/error.js';
import type { Clock } from '../lib/clock.js';
import type { GuardedFetch } from '../net/guardedFetch.js';
import { readFirstBytes } from './firstBytes.js';

export interface AttemptRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface AttemptResult {
  at: number;
  durationMs: number;
  /** Null when no answer came. */
  status: number | null;
  /** First bytes of the answer's body. */
  response: string | null;
  /** Why it failed, in words without the address; null for a success. */
  error: string | null;
  /** What Retry-After asked for. */
  retryAfterMs: number | null;
}

/** Time from the start of an attempt to the end of what is read of its answer. */
const ATTEMPT_TIMEOUT_MS = 20_000;

const NETWORK_ERRORS: Record<string, string> = {
  ECONNREFUSED: 'Nothing listens at the address (connection refused).',
  ECONNRESET: 'The receiver closed the connection without an answer.',
  UND_ERR_SOCKET: 'The receiver closed the connection without an answer.',
  EPIPE: 'The receiver closed the connection while the event was sent.',
  ENOTFOUND: 'The host name does not exist.',
  EAI_AGAIN: 'The host name could not be resolved; the DNS server did not answer.',
  EHOSTUNREACH: 'There is no route to the host.',
  ENETUNREACH: 'There is no route to the network of the host.',
  ETIMEDOUT: 'The connection timed out.',
  UND_ERR_CONNECT_TIMEOUT: 'The connection timed out.',
  UND_ERR_HEADERS_OVERFLOW: 'The headers of the answer are too large.',
};

interface Failure {
  code?: unknown;
  cause?: Failure;
  errors?: Failure[];
}

/** The innermost error code: fetch wraps what the socket said, and several addresses make an AggregateError. */
function codeOf(error: unknown): string {
  let code = '';
  for (let cause = error as Failure | undefined; cause; cause = cause.cause) {
    const found = cause.code ?? cause.errors?.[0]?.code;
    if (typeof found === 'string') code = found;
  }
  return code;
}

/** Why no answer came, for the record of attempts; no address in it. */
export function failureInWords(error: unknown): string {
  if (error instanceof GatewayError) return error.message;
  const code = codeOf(error);
  if (NETWORK_ERRORS[code] !== undefined) return NETWORK_ERRORS[code];
  if (/CERT|SSL|TLS|ALTNAME/.test(code)) return `The TLS certificate or handshake was refused (${code}).`;
  if (error instanceof Error && error.name === 'HTTPParserError') return 'The answer was no valid HTTP.';
  return `The request failed${code === '' ? '' : ` (${code})`}.`;
}

/** Retry-After as a wait in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3). */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
  // Date.parse alone takes almost anything, a negative number too.
  const date = header.trimEnd().endsWith('GMT') ? Date.parse(header) : NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function statusInWords(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400)
    return `The receiver redirects (${status}); deliveries do not follow redirects.`;
  if (status === 410) return 'The receiver answered 410 Gone: it wants no more events.';
  return `The receiver answered ${status}.`;
}

export interface AttemptDeps {
  clock: Clock;
  post: GuardedFetch['post'];
  /** Ends the attempt early; the caller then drops its result. */
  signal: AbortSignal;
}

/** Never throws: whatever happens is the result. */
export async function attemptDelivery(deps: AttemptDeps, request: AttemptRequest): Promise<AttemptResult> {
  const { clock, post, signal } = deps;
  const at = clock.now();
  const limit = new AbortController();
  const abort = (): void => {
    limit.abort();
  };
  signal.addEventListener('abort', abort, { once: true });
  const timeout = new AbortController();
  const cancel = clock.schedule(() => {
    timeout.abort();
    abort();
  }, ATTEMPT_TIMEOUT_MS);
  const ended = (): Pick<AttemptResult, 'at' | 'durationMs'> => ({ at, durationMs: clock.now() - at });
  try {
    const { headers, body } = request;
    const answer = await post(request.url, { headers, body, signal: limit.signal });
    const text = await readFirstBytes(answer.body);
    const error = statusInWords(answer.status);
    const { 'retry-after': after = null } = answer.headers;
    const wait = error === null || Array.isArray(after) ? null : retryAfterMs(after, clock.now());
    return { ...ended(), status: answer.status, response: text, error, retryAfterMs: wait };
  } catch (error) {
    const reason = timeout.signal.aborted
      ? `No answer within ${ATTEMPT_TIMEOUT_MS / 1_000} seconds.`
      : failureInWords(error);
    return { ...ended(), status: null, response: null, error: reason, retryAfterMs: null };
  } finally {
    cancel();
    signal.removeEventListener('abort', abort);
  }
}
