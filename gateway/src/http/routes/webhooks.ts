/**
 * Webhooks: create, list, get, change, delete, test, rotate the secret, replay. Their deliveries are in deliveries.
 */
import { created, noContent, ok, route } from '../route.js';
import { idCursor, idParams, pageQuery, toTime } from '../schemas/common.js';
import * as schema from '../schemas/webhooks.js';

const TAG = 'Webhooks';
const WEBHOOK_ANSWER = { 200: { description: 'The webhook', schema: schema.webhook } };

const crud = [
  route(
    {
      method: 'post',
      path: '/v1/webhooks',
      tag: TAG,
      summary: 'Create a webhook',
      description:
        'The same url, events and sessions again give the same webhook, enabled, without its secret.',
      access: 'webhooks:manage',
      body: schema.newWebhook,
      answers: {
        200: { description: 'It existed and is enabled again', schema: schema.webhook },
        201: { description: 'The webhook; its secret is shown only now', schema: schema.createdWebhook },
      },
      errors: ['target_not_allowed'],
    },
    async ({ webhooks }, { caller, body }) => {
      const { webhook, secret, created: isNew } = await webhooks.create(caller, body);
      return isNew ? created({ ...schema.toWebhook(webhook), secret }) : ok(schema.toWebhook(webhook));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/webhooks',
      tag: TAG,
      summary: 'List webhooks, oldest first',
      access: 'webhooks:manage',
      query: pageQuery(idCursor('whk')),
      answers: { 200: { description: 'A page of webhooks', schema: schema.webhookPage } },
    },
    async ({ webhooks }, { caller, query }) => {
      const { data, nextCursor } = await webhooks.list(caller, query);
      return ok({ data: data.map(schema.toWebhook), nextCursor });
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/webhooks/{id}',
      tag: TAG,
      summary: 'Get a webhook',
      access: 'webhooks:manage',
      params: idParams,
      answers: WEBHOOK_ANSWER,
      errors: ['webhook_not_found'],
    },
    async ({ webhooks }, { caller, params }) => ok(schema.toWebhook(await webhooks.get(caller, params.id))),
  ),
  route(
    {
      method: 'patch',
      path: '/v1/webhooks/{id}',
      tag: TAG,
      summary: 'Change, enable or disable a webhook',
      access: 'webhooks:manage',
      params: idParams,
      body: schema.webhookPatch,
      answers: WEBHOOK_ANSWER,
      errors: ['webhook_not_found', 'target_not_allowed', 'invalid_state'],
    },
    async ({ webhooks }, { caller, params, body }) =>
      ok(schema.toWebhook(await webhooks.patch(caller, params.id, body))),
  ),
  route(
    {
      method: 'delete',
      path: '/v1/webhooks/{id}',
      tag: TAG,
      summary: 'Delete a webhook with its deliveries',
      access: 'webhooks:manage',
      params: idParams,
      answers: { 204: { description: 'Deleted' } },
      errors: ['webhook_not_found'],
    },
    async ({ webhooks }, { caller, params }) => {
      await webhooks.remove(caller, params.id);
      return noContent;
    },
  ),
];

const actions = [
  route(
    {
      method: 'post',
      path: '/v1/webhooks/{id}/test',
      tag: TAG,
      summary: 'Send a test event to this webhook',
      access: 'webhooks:manage',
      params: idParams,
      answers: {
        200: { description: 'The delivery; its attempts tell what came back', schema: schema.delivery },
      },
      errors: ['webhook_not_found', 'invalid_state'],
    },
    async ({ webhooks }, { caller, params }) => ok(schema.toDelivery(await webhooks.test(caller, params.id))),
  ),
  route(
    {
      method: 'post',
      path: '/v1/webhooks/{id}/rotate-secret',
      tag: TAG,
      summary: 'Replace the secret',
      description: 'Deliveries carry signatures of both secrets for `graceSeconds` (default a day).',
      access: 'webhooks:manage',
      params: idParams,
      body: schema.secretRotation,
      answers: { 200: { description: 'The webhook with its new secret', schema: schema.rotatedWebhook } },
      errors: ['webhook_not_found'],
    },
    async ({ webhooks }, { caller, params, body }) => {
      const { webhook, secret, previousSecretExpiresAt } = await webhooks.rotateSecret(
        caller,
        params.id,
        body,
      );
      return ok({
        ...schema.toWebhook(webhook),
        secret,
        previousSecretExpiresAt: toTime(previousSecretExpiresAt),
      });
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/webhooks/{id}/replay',
      tag: TAG,
      summary: 'Send events of the log again',
      access: 'webhooks:manage',
      params: idParams,
      body: schema.replay,
      answers: { 202: { description: 'How many deliveries were queued', schema: schema.replayed } },
      errors: ['webhook_not_found', 'invalid_state'],
    },
    async ({ webhooks }, { caller, params, body }) => ({
      status: 202,
      json: await webhooks.replay(caller, params.id, body),
    }),
  ),
];

export const webhookRoutes = [...crud, ...actions];
