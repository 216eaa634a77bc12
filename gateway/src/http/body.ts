/**
 * Reading request bodies: strict about the content type and the size. Used by http/mount.
 */
import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { json, type Request, type Response } from 'express';
import { gatewayError } from '../domain/error.js';

export const JSON_LIMIT_BYTES = 1024 * 1024;
/** For messages that carry a file as base64. */
export const MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024;

export type ReadBody = (request: Request, response: Response) => Promise<unknown>;

export const hasBody = (request: Request): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;

/**
 * The body as a stream that can be left in the middle: the answer gets out all the same, and what is left of the body is
 * read and forgotten. Unread, it would stand before the connection's next request.
 */
export function bodyOf(request: IncomingMessage): Readable {
  const body = new PassThrough();
  request.once('error', (error) => body.destroy(error));
  body.once('close', () => {
    request.unpipe(body);
    request.resume();
  });
  return request.pipe(body);
}

/**
 * A reader of JSON bodies up to the limit. Undefined: there was none.
 * @throws GatewayError unsupported_media; body-parser's own errors are translated by http/problem
 */
export function jsonReader(limitBytes: number): ReadBody {
  // The type is checked before: body-parser would skip another type in silence and leave the body empty.
  const parse = promisify<Request, Response>(json({ limit: limitBytes, type: () => true, strict: false }));
  return async (request, response) => {
    if (!hasBody(request)) return undefined;
    if (!request.is('application/json')) {
      throw gatewayError('unsupported_media', 'The body must be JSON, with Content-Type: application/json.');
    }
    await parse(request, response);
    return request.body as unknown;
  };
}
