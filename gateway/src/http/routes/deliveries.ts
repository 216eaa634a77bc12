/**
 * Deliveries of a webhook: what was tried and what came back, and sending one again.
 */
import { ok, route } from '../route.js';
import { idParams } from '../schemas/common.js';
import * as schema from '../schemas/webhooks.js';

const TAG = 'Webhooks';

export const deliveryRoutes = [
  route(
    {
      method: 'get',
      path: '/v1/webhooks/{id}/deliveries',
      tag: TAG,
      summary: 'List the deliveries of a webhook, newest first',
      access: 'webhooks:manage',
      params: idParams,
      query: schema.deliveryQuery,
      answers: {
        200: { description: 'A page of deliveries with their attempts', schema: schema.deliveryPage },
      },
      errors: ['webhook_not_found'],
    },
    async ({ webhooks }, { caller, params, query }) => {
      const { data, nextCursor } = await webhooks.deliveries(caller, params.id, query);
      return ok({ data: data.map(schema.toDelivery), nextCursor });
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/deliveries/{id}/redeliver',
      tag: TAG,
      summary: 'Send one delivery again',
      access: 'webhooks:manage',
      params: idParams,
      answers: { 200: { description: 'The delivery', schema: schema.delivery } },
      errors: ['delivery_not_found', 'invalid_state'],
    },
    async ({ webhooks }, { caller, params }) =>
      ok(schema.toDelivery(await webhooks.redeliver(caller, params.id))),
  ),
  route(
    {
      method: 'post',
      path: '/v1/deliveries/{id}/skip',
      tag: TAG,
      summary: 'Give up a waiting delivery',
      description:
        'Deliveries of a session wait for those before them. This lets the next ones go on; the skipped one is `dead` and can be redelivered.',
      access: 'webhooks:manage',
      params: idParams,
      answers: { 200: { description: 'The delivery, dead', schema: schema.delivery } },
      errors: ['delivery_not_found', 'invalid_state'],
    },
    async ({ webhooks }, { caller, params }) => ok(schema.toDelivery(await webhooks.skip(caller, params.id))),
  ),
];
