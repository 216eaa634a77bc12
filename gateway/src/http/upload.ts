/**
 * The file of an upload: the raw body, or the one file of a multipart form. Both are streams. Used by routes/media.
 */
import type { Readable } from 'node:stream';
import type { Request } from 'express';
import { gatewayError } from '../domain/error.js';
import { bodyOf, hasBody } from './body.js';
import { readForm } from './multipart.js';

export interface Upload {
  stream: Readable;
  filename: string | undefined;
  mimeType: string | undefined;
}

/** @throws GatewayError invalid_request, also while the stream of a form is read */
export async function readUpload(request: Request, filename: string | undefined): Promise<Upload> {
  if (!hasBody(request)) {
    throw gatewayError('invalid_request', undefined, {
      errors: [{ path: '', message: 'is required: send the file as the body' }],
    });
  }
  const contentType = request.get('Content-Type');
  if (contentType !== undefined && request.is('multipart/form-data')) {
    const file = await readForm(request);
    return { ...file, filename: filename ?? file.filename };
  }
  return { stream: bodyOf(request), filename, mimeType: contentType?.split(';')[0]?.trim() };
}
