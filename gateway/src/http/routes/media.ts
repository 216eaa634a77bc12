/**
 * Media files: uploading one to send it, and reading one that was sent or received.
 */
import { covers, may, type Caller } from '../../domain/apiKey.js';
import { gatewayError } from '../../domain/error.js';
import type { MediaOwner } from '../../media/types.js';
import { sendStoredFile } from '../fileAnswer.js';
import { created, route, written } from '../route.js';
import { idParams } from '../schemas/common.js';
import * as schema from '../schemas/messages.js';
import { readUpload } from '../upload.js';

const TAG = 'Media';
/** @throws GatewayError forbidden */
function mustBeAllowed(caller: Caller, { keyId, sessionId }: MediaOwner): void {
  if (
    sessionId === null
      ? keyId === caller.keyId
      : covers(caller, sessionId) && may(caller.role, 'messages:read')
  ) {
    return;
  }
  if (sessionId !== null) throw gatewayError('forbidden', 'This key does not cover the session of the file.');
  if (!may(caller.role, 'messages:read')) {
    throw gatewayError('forbidden', 'This key sees only the files that it uploaded.');
  }
}

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
      description:
        'Files of received messages and uploads. One that is still being fetched answers 503 with Retry-After.',
      access: 'messages:read-own',
      params: idParams,
      answers: {
        200: { description: 'The file, with the type it is stored with', contentTypes: ['*/*'] },
        206: { description: 'The part of it that `Range` asked for', contentTypes: ['*/*'] },
      },
      errors: ['media_not_found', 'media_not_ready', 'range_not_satisfiable'],
    },
    async ({ media }, { caller, params, response }) => {
      const owned = await media.ownerOf(params.id);
      mustBeAllowed(caller, owned);
      await sendStoredFile(response, await media.file(params.id));
      return written;
    },
  ),
];
