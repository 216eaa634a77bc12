/**
 * The file of an upload: the raw body, or the one file of a multipart form. Used by routes/media.
 */
import { Readable } from 'node:stream';
import type { Request } from 'express';
import { gatewayError } from '../domain/error.js';
import { hasBody } from './body.js';
import { boundaryOf, parseMultipart } from './multipart.js';

export interface Upload {
  stream: Readable;
  filename: string | undefined;
  mimeType: string | undefined;
}

/** A form is read in memory, a raw body is streamed: what is larger goes as a raw body. */
const FORM_LIMIT_BYTES = 32 * 1024 * 1024;

async function readWhole(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > FORM_LIMIT_BYTES) {
      throw gatewayError('payload_too_large', 'A form may have 32 MB; send a larger file as the raw body.');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const misfit = (message: string): Error =>
  gatewayError('invalid_request', undefined, { errors: [{ path: '', message }] });

async function formFile(request: Request, contentType: string): Promise<Upload> {
  const boundary = boundaryOf(contentType);
  const parts = boundary === null ? null : parseMultipart(await readWhole(request), boundary);
  if (!parts) throw misfit('is not a multipart form that can be read');
  const [file, another] = parts.filter(({ filename }) => filename !== undefined);
  if (!file || another) throw misfit('must hold exactly one file');
  return { stream: Readable.from([file.data]), filename: file.filename, mimeType: file.mimeType };
}

/** @throws GatewayError invalid_request, payload_too_large */
export async function readUpload(request: Request, filename: string | undefined): Promise<Upload> {
  if (!hasBody(request)) throw misfit('is required: send the file as the body');
  const contentType = request.get('Content-Type');
  if (contentType !== undefined && request.is('multipart/form-data')) {
    const file = await formFile(request, contentType);
    return { ...file, filename: filename ?? file.filename };
  }
  return { stream: request, filename, mimeType: contentType?.split(';')[0]?.trim() };
}
