/**
 * A session's chats apart from messages: the groups it is in, what it shows as present or typing, what it has read.
 */
import { parseRecipient } from '../../domain/address.js';
import { gatewayError } from '../../domain/error.js';
import { ok, route } from '../route.js';
import * as schema from '../schemas/chats.js';
import { sessionParams } from '../schemas/common.js';

const TAG = 'Chats';

function groupJid(text: string): string {
  const { kind, jid } = parseRecipient(text.includes('@') ? text : `${text}@g.us`);
  if (kind === 'group') return jid;
  throw gatewayError('recipient_invalid', 'The JID of a group ends with @g.us.');
}

export const chatRoutes = [
  route(
    {
      method: 'get',
      path: '/v1/sessions/{id}/groups',
      tag: TAG,
      summary: 'The groups that the number is in',
      access: 'sessions:read',
      params: sessionParams,
      answers: { 200: { description: 'All of them', schema: schema.groups } },
      errors: ['session_not_found', 'session_not_connected'],
    },
    async ({ sessions }, { params }) =>
      ok({ data: (await sessions.groups(params.id)).map(schema.toGroup), nextCursor: null }),
  ),
  route(
    {
      method: 'get',
      path: '/v1/sessions/{id}/groups/{jid}',
      tag: TAG,
      summary: 'One group with its participants',
      access: 'sessions:read',
      params: schema.groupParams,
      answers: { 200: { description: 'The group', schema: schema.group } },
      errors: ['session_not_found', 'recipient_invalid', 'group_not_found', 'session_not_connected'],
    },
    async ({ sessions }, { params }) =>
      ok(schema.toGroup(await sessions.group(params.id, groupJid(params.jid)))),
  ),
  route(
    {
      method: 'post',
      path: '/v1/sessions/{id}/presence',
      tag: TAG,
      summary: 'Show as typing, recording or online',
      description:
        'WhatsApp shows it for a few seconds. While a session is `available`, the phone of its number gets no notifications.',
      access: 'messages:send',
      params: sessionParams,
      body: schema.presence,
      answers: { 200: { description: 'Handed to WhatsApp', schema: schema.shownPresence } },
      errors: ['session_not_found', 'recipient_invalid', 'session_not_connected'],
    },
    async ({ sessions }, { params, body }) => {
      await sessions.showPresence(params.id, body);
      return ok({ chat: body.chat ?? null, state: body.state });
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/sessions/{id}/read',
      tag: TAG,
      summary: 'Mark incoming messages as read',
      description: 'The sender sees two blue ticks, unless read receipts are switched off on the phone.',
      access: 'messages:send',
      params: sessionParams,
      body: schema.read,
      answers: { 200: { description: 'Handed to WhatsApp', schema: schema.markedRead } },
      errors: ['session_not_found', 'message_not_found', 'session_not_connected'],
    },
    async ({ sessions }, { params, body }) => {
      await sessions.markRead(params.id, body.messageIds);
      return ok({ messageIds: body.messageIds });
    },
  ),
];
