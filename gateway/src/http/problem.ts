/**
 * Errors on the wire: whatever was thrown becomes an `application/problem+json` document (RFC 9457).
 * Called by http/app for every request that failed. A bug becomes `internal` with a request id: its cause goes to the log, never to the caller.
 */
import type { Response } from 'express';
import { z } from 'zod';
import { GatewayError, gatewayError, type ErrorCode, type FieldError } from '../domain/error.js';
import type { Logger } from '../lib/logger.js';
import { fieldErrors } from './fieldErrors.js';
import { requestIdOf } from './requestId.js';

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  retryable: boolean;
  retryAfterSeconds?: number;
  requestId: string;
  errors?: FieldError[];
}

/** Where the code is explained; a path of this gateway, because no domain is ours to promise. */
const typeOf = (code: ErrorCode): string => `/docs/errors#${code}`;

const STATUSES_WITH_RETRY_AFTER = [429, 503];
const DEFAULT_RETRY_AFTER_SECONDS = 5;

/** What body-parser and Express throw; `type` tells the case, `limit` the bytes (body-parser README, "Errors"). */
interface ParserError {
  status: number;
  type?: string;
  limit?: number;
}

const BYTES_PER_MB = 1024 * 1024;

const isParserError = (error: unknown): error is ParserError =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500;

function fromParser({ status, type, limit }: ParserError, cause: unknown): GatewayError {
  if (status === 413) {
    const most =
      limit === undefined ? undefined : `At most ${String(limit / BYTES_PER_MB)} MB are taken here.`;
    return gatewayError('payload_too_large', most, { cause });
  }
  if (status === 415) return gatewayError('unsupported_media', 'Send JSON encoded as UTF-8.', { cause });
  const message =
    type === 'entity.parse.failed' ? 'is not valid JSON' : 'cannot be read: it is malformed or was cut off';
  return gatewayError('invalid_request', undefined, { errors: [{ path: '', message }], cause });
}

/** The error a caller is told of. */
function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof z.ZodError) {
    return gatewayError('invalid_request', undefined, { errors: fieldErrors(error), cause: error });
  }
  if (isParserError(error)) return fromParser(error, error);
  return gatewayError('internal', undefined, { cause: error });
}

function detailOf(error: GatewayError): string {
  const [first, ...more] = error.errors ?? [];
  if (!first || error.message !== error.title) return `${error.message.replace(/\.?$/, '.')} ${error.hint}`;
  const where = first.path === '' ? 'The body' : first.path;
  const others = more.length > 0 ? `, and ${more.length} more` : '';
  return `${where}: ${first.message}${others}. ${error.hint}`;
}

export function toProblem(error: GatewayError, requestId: string): Problem {
  const { code, title, status, retryable, errors } = error;
  const retryAfterSeconds =
    error.retryAfterSeconds ??
    (STATUSES_WITH_RETRY_AFTER.includes(status) ? DEFAULT_RETRY_AFTER_SECONDS : undefined);
  return {
    type: typeOf(code),
    title,
    status,
    detail: detailOf(error),
    code,
    retryable,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    requestId,
    ...(errors === undefined ? {} : { errors }),
  };
}

function sendProblem(response: Response, error: GatewayError): void {
  const problem = toProblem(error, requestIdOf(response));
  if (problem.retryAfterSeconds !== undefined) response.set('Retry-After', String(problem.retryAfterSeconds));
  if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer');
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Answers a request that ended in an error. One whose answer has begun is cut off: nobody shall take a part for the whole. */
export function answerError(error: unknown, response: Response, logger: Logger): void {
  const problem = toGatewayError(error);
  response.locals.code = problem.code;
  if (problem.code === 'internal') {
    logger.error({ err: problem.cause ?? error, requestId: requestIdOf(response) }, 'request failed');
  }
  // What is left of a refused body, as in http/body.
  response.req.resume();
  if (response.headersSent) response.destroy();
  else sendProblem(response, problem);
}
