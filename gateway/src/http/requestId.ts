/**
 * The request id: on every answer as X-Request-Id, in every problem document and every line of the log.
 * First in the chain of http/app.
 */
import type { RequestHandler, Response } from 'express';
import { newId } from '../lib/ids.js';

const HEADER = 'X-Request-Id';
/** What is taken over from a proxy or client; anything else could break a log line or carry what must not be logged. */
const SANE_ID = /^(?=.*[A-Za-z])[A-Za-z0-9._-]{8,128}$/;

export const requestIdOf = (response: Response): string => response.get(HEADER) ?? '';

export const requestId: RequestHandler = (request, response, next) => {
  const given = request.get(HEADER);
  response.set(HEADER, given !== undefined && SANE_ID.test(given) ? given : newId('req'));
  next();
};
