/**
 * The opt-out list: nobody on it is written to, by any session.
 */
import { noContent, ok, route } from '../route.js';
import { pageQuery } from '../schemas/common.js';
import * as schema from '../schemas/optOuts.js';

const TAG = 'Opt-outs';
const path = '/v1/opt-outs/{phone}';

export const optOutRoutes = [
  route(
    {
      method: 'put',
      path,
      tag: TAG,
      summary: 'Put a number on the opt-out list',
      description: 'Messages to it are refused, and those that wait are not sent.',
      access: 'messages:send',
      params: schema.optOutParams,
      answers: {
        200: { description: 'It was there already', schema: schema.optOut },
        201: { description: 'It is there now', schema: schema.optOut },
      },
      errors: ['recipient_invalid'],
    },
    async ({ outbox }, { params }) => {
      const { optOut, created } = await outbox.optOuts.put(params.phone);
      return { status: created ? 201 : 200, json: schema.toOptOut(optOut) };
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/opt-outs',
      tag: TAG,
      summary: 'List the opt-outs, by number',
      access: 'messages:read',
      query: pageQuery(/^\d{1,20}$/),
      answers: { 200: { description: 'A page of the list', schema: schema.optOutPage } },
    },
    async ({ outbox }, { query }) => {
      const { data, nextCursor } = await outbox.optOuts.list(query);
      return ok({ data: data.map(schema.toOptOut), nextCursor });
    },
  ),
  route(
    {
      method: 'get',
      path,
      tag: TAG,
      summary: 'Whether a number is on the opt-out list',
      access: 'messages:send',
      params: schema.optOutParams,
      answers: { 200: { description: 'It is', schema: schema.optOut } },
      errors: ['opt_out_not_found', 'recipient_invalid'],
    },
    async ({ outbox }, { params }) => ok(schema.toOptOut(await outbox.optOuts.get(params.phone))),
  ),
  route(
    {
      method: 'delete',
      path,
      tag: TAG,
      summary: 'Take a number off the opt-out list',
      access: 'sessions:manage',
      params: schema.optOutParams,
      answers: { 204: { description: 'It is not there any more' } },
      errors: ['opt_out_not_found', 'recipient_invalid'],
    },
    async ({ outbox }, { params }) => {
      await outbox.optOuts.remove(params.phone);
      return noContent;
    },
  ),
];
