/**
 * Refusals of the control API: problem details (RFC 9457) with a reason that a person can act on.
 */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { z } from 'zod';

export interface Problem {
  status: number;
  code: string;
  detail: string;
}

export class ControlError extends Error {
  readonly problem: Problem;
  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.problem = { status, code, detail };
  }
}

export const notFound = (what: string): ControlError =>
  new ControlError(404, 'not_found', `there is no ${what}`);

/** Checks unknown input against a schema. @throws ControlError 400 naming every fault. */
export function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input ?? {});
  if (!result.success) throw new ControlError(400, 'invalid_request', z.prettifyError(result.error));
  return result.data;
}

function toProblem(error: unknown): Problem {
  if (error instanceof ControlError) return error.problem;
  const { status, message } = error as { status?: unknown; message?: unknown };
  const detail = typeof message === 'string' ? message : 'unknown';
  // Express' own refusals (body that is no JSON, too large) carry a 4xx status.
  if (typeof status === 'number' && status >= 400 && status < 500)
    return { status, code: 'invalid_request', detail };
  return { status: 500, code: 'internal', detail };
}

export const handleUnknownPath: RequestHandler = (request) => {
  throw new ControlError(
    404,
    'not_found',
    `${request.method} ${request.path} is not part of the control API`,
  );
};

function answerProblem(...[error, , response, next]: Parameters<ErrorRequestHandler>): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const problem = toProblem(error);
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Express knows error handlers by their four parameters, which a rest parameter does not show. */
export const handleProblem = Object.defineProperty(answerProblem, 'length', { value: 4 });
