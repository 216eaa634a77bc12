/**
 * Media files: uploading one to send it, and reading one that was sent or received.
 */
import { pipeline } from 'node:stream/promises';
import { may } from '../../domain/apiKey.js';
import { gatewayError } from '../../domain/error.js';
import { created, route, written } from '../route.js';
import { idParams } from '../schemas/common.js';
import * as schema from '../schemas/messages.js';
import { readUpload } from '../upload.js';

const TAG = 'Media';
/** What a sender uploaded must not run as a page of this origin, whatever it is. */
const HARMLESS = {
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'X-Content-Type-Options': 'nosniff',
};

export const mediaRoutes = [
  route(
    {
      method: 'post',
      path: '/v1/media',
      tag: TAG,
      summary: 'Upload a file',
      description: 'The body is the file itself with its Content-Type, or a multipart form with one file.',
      access: 'messages:send',
      query: schema.mediaQuery,
      rawBody: true,
      answers: { 201: { description: 'Stored; send it by its id', schema: schema.mediaFile } },
      errors: ['media_too_large'],
    },
    async ({ media }, { caller, query, request }) => {
      const { stream, filename, mimeType } = await readUpload(request, query.filename);
      const file = await media.fromStream(stream, { kind: null, keyId: caller.keyId, filename, mimeType });
      return created({
        id: file.id,
        mimeType: file.mimeType,
        sizeBytes: file.sizeBytes,
        sha256: file.sha256,
      });
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/media/{id}',
      tag: TAG,
      summary: 'Download a file',
      access: 'messages:read-own',
      params: idParams,
      answers: { 200: { description: 'The file, with the type it is stored with', contentTypes: ['*/*'] } },
      errors: ['media_not_found'],
    },
    async ({ media }, { caller, params, response }) => {
      const { keyId } = await media.find(params.id);
      if (!may(caller.role, 'messages:read') && keyId !== caller.keyId) {
        throw gatewayError('forbidden', 'This key sees only the files that it uploaded.');
      }
      const { media: file, stream } = await media.open(params.id);
      if (file.filename !== null) response.attachment(file.filename);
      response.status(200).set({ ...HARMLESS, 'Content-Length': String(file.sizeBytes) });
      // Not response.type(): it would add a charset to text files whose encoding nobody knows.
      response.setHeader('Content-Type', file.mimeType);
      await pipeline(stream, response);
      return written;
    },
  ),
];
