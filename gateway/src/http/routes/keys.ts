/**
 * API keys: create, list, revoke, rotate; and what the caller's own key may do.
 */
import type { Caller } from '../../domain/apiKey.js';
import { gatewayError } from '../../domain/error.js';
import { created, noContent, ok, route } from '../route.js';
import { idCursor, idParams, pageQuery } from '../schemas/common.js';
import * as schema from '../schemas/keys.js';

const TAG = 'API keys';

/** A limited key that makes keys could make one without its limits. */
function refuseLimited(caller: Caller): void {
  if (caller.sessionIds.length === 0 && caller.mode === 'live') return;
  throw gatewayError('forbidden', 'Keys are managed with a live key that is not limited to sessions.');
}

export const keyRoutes = [
  route(
    {
      method: 'get',
      path: '/v1/whoami',
      tag: TAG,
      summary: 'What this key may do',
      access: 'any-key',
      answers: { 200: { description: 'The key that was used', schema: schema.whoami } },
    },
    (_deps, { caller }) => ok(schema.toWhoami(caller)),
  ),
  route(
    {
      method: 'post',
      path: '/v1/keys',
      tag: TAG,
      summary: 'Create an API key',
      access: 'keys:manage',
      body: schema.newKey,
      answers: { 201: { description: 'The key; its text is shown only now', schema: schema.createdApiKey } },
    },
    async ({ keys, clock }, { caller, body }) => {
      refuseLimited(caller);
      if (body.expiresAt !== null && body.expiresAt <= clock.now()) {
        const errors = [{ path: 'expiresAt', message: 'must be in the future' }];
        throw gatewayError('invalid_request', undefined, { errors });
      }
      const { record, key } = await keys.create(body);
      return created({ ...schema.toApiKey(record), key });
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/keys',
      tag: TAG,
      summary: 'List API keys, oldest first',
      access: 'keys:manage',
      query: pageQuery(idCursor('key')),
      answers: { 200: { description: 'A page of keys that are not revoked', schema: schema.apiKeyPage } },
    },
    async ({ keys }, { caller, query }) => {
      refuseLimited(caller);
      const { data, nextCursor } = await keys.list(query);
      return ok({ data: data.map(schema.toApiKey), nextCursor });
    },
  ),
  route(
    {
      method: 'delete',
      path: '/v1/keys/{id}',
      tag: TAG,
      summary: 'Revoke an API key',
      access: 'keys:manage',
      params: idParams,
      answers: { 204: { description: 'Revoked: it no longer works' } },
      errors: ['key_not_found'],
    },
    async ({ keys }, { caller, params }) => {
      refuseLimited(caller);
      await keys.revoke(params.id);
      return noContent;
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/keys/{id}/rotate',
      tag: TAG,
      summary: 'Replace an API key',
      description:
        'Makes a key with the same rights and lifetime. The old one works for another `graceSeconds`.',
      access: 'keys:manage',
      params: idParams,
      body: schema.rotation,
      answers: {
        201: { description: 'The new key; its text is shown only now', schema: schema.createdApiKey },
      },
      errors: ['key_not_found'],
    },
    async ({ keys }, { caller, params, body }) => {
      refuseLimited(caller);
      const { record, key } = await keys.rotate(params.id, body.graceSeconds);
      return created({ ...schema.toApiKey(record), key });
    },
  ),
];
