/**
 * Messages that were accepted: list, get, cancel, retry. A key without messages:read sees only what it sent.
 */
import { may, type Caller } from '../../domain/apiKey.js';
import { gatewayError } from '../../domain/error.js';
import type { Message } from '../../domain/message.js';
import { requireSession } from '../auth.js';
import type { HttpDeps } from '../deps.js';
import { ok, route } from '../route.js';
import { idParams } from '../schemas/common.js';
import * as schema from '../schemas/messages.js';
import { describeMessage } from './messages.js';

const TAG = 'Messages';
const MESSAGE_ANSWER = { 200: { description: 'The message', schema: schema.message } };

/** @throws GatewayError message_not_found, forbidden */
async function visibleMessage({ outbox }: HttpDeps, caller: Caller, id: string): Promise<Message> {
  const message = await outbox.get(id);
  requireSession(caller, message.sessionId);
  if (may(caller.role, 'messages:read') || message.keyId === caller.keyId) return message;
  throw gatewayError('forbidden', 'This key sees only the messages that it sent.');
}

const change = (verb: 'cancel' | 'retry', summary: string) =>
  route(
    {
      method: 'post',
      path: `/v1/messages/{id}/${verb}`,
      tag: TAG,
      summary,
      access: 'messages:send',
      params: idParams,
      answers: MESSAGE_ANSWER,
      errors: ['message_not_found', 'invalid_state'],
    },
    async (deps, { caller, params }) => {
      const { id } = await visibleMessage(deps, caller, params.id);
      return ok(await describeMessage(deps, await deps.outbox[verb](id)));
    },
  );

export const messageLogRoutes = [
  route(
    {
      method: 'get',
      path: '/v1/messages',
      tag: TAG,
      summary: 'List messages, newest first',
      access: 'messages:read-own',
      query: schema.messageQuery,
      answers: {
        200: { description: 'A page of the messages that the key may see', schema: schema.messagePage },
      },
    },
    async (deps, { caller, query }) => {
      const { sessionId, ...filter } = query;
      if (sessionId !== undefined) requireSession(caller, sessionId);
      const { data, nextCursor } = await deps.outbox.list({
        ...filter,
        sessionIds: sessionId === undefined ? caller.sessionIds : [sessionId],
        keyId: may(caller.role, 'messages:read') ? undefined : caller.keyId,
      });
      return ok({
        data: await Promise.all(data.map((message) => describeMessage(deps, message))),
        nextCursor,
      });
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/messages/{id}',
      tag: TAG,
      summary: 'Get a message by its id or its WhatsApp id',
      access: 'messages:read-own',
      params: idParams,
      description: 'With who has received and read it: in a group, member by member.',
      answers: { 200: { description: 'The message', schema: schema.messageDetail } },
      errors: ['message_not_found'],
    },
    async (deps, { caller, params }) => {
      const message = await visibleMessage(deps, caller, params.id);
      const recipients = await deps.outbox.recipientsOf(message);
      return ok({
        ...(await describeMessage(deps, message)),
        recipients: recipients.map(schema.toMessageRecipient),
      });
    },
  ),
  change('cancel', 'Cancel a message that has not been handed over'),
  change('retry', 'Put a failed message back into the queue'),
];
