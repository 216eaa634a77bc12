/**
 * Sending a message, and waiting for what becomes of it. Reading and changing messages is in messageLog.
 */
import { createHash } from 'node:crypto';
import { hasReached, isFinal, type Message } from '../../domain/message.js';
import type { Session } from '../../domain/session.js';
import { MESSAGE_LIMIT_BYTES } from '../body.js';
import { contentOf } from '../content.js';
import type { HttpDeps } from '../deps.js';
import type { FileContent, NewContent, NewMessage } from '../../outbox/types.js';
import { route } from '../route.js';
import * as schema from '../schemas/messages.js';
import { untilStopping } from '../stopping.js';
import { requireSession } from '../auth.js';

/** A message as it is answered; only one that still waits has an estimate. */
export const describeMessage = async (
  { outbox }: Pick<HttpDeps, 'outbox'>,
  message: Message,
  session?: Session,
) =>
  schema.toMessage(
    message,
    isFinal(message.status) ? { hold: null, estimatedSendAt: null } : await outbox.describe(message, session),
  );

/** The parsed body as text is the same for the same request, however its fields were ordered. */
export const bodyHash = (body: unknown): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('hex');

/** What the outbox is asked to send. */
export function toNewMessage(body: schema.NewMessageBody, content: NewContent | FileContent): NewMessage {
  const { sessionId, to, sendAt, expiresAt, priority, typing, reference, dryRun } = body;
  const contextMessageId = 'context' in body ? body.context?.messageId : undefined;
  return {
    ...{ sessionId, to, sendAt, expiresAt, priority, typing, reference, dryRun },
    contextMessageId,
    content,
  };
}

interface Wait {
  wanted: 'sent' | 'delivered' | 'read';
  timeoutMs: number;
  stopping: AbortSignal;
}

async function waitFor(
  { outbox }: HttpDeps,
  message: Message,
  { wanted, timeoutMs, stopping }: Wait,
): Promise<Message> {
  if (hasReached(message.status, wanted)) return message;
  return (
    (await untilStopping(stopping, outbox.waitFor(message.id, wanted, timeoutMs))) ?? outbox.get(message.id)
  );
}

export const messageRoutes = [
  route(
    {
      method: 'post',
      path: '/v1/messages',
      tag: 'Messages',
      summary: 'Send a message',
      description:
        'Answers 202 once the message is stored durably, before WhatsApp has it. With `wait` it answers 200 as soon as that status is reached or the message has failed, and 202 at the timeout.',
      access: 'messages:send',
      query: schema.sendQuery,
      headers: schema.sendHeaders,
      body: schema.newMessage,
      bodyLimitBytes: MESSAGE_LIMIT_BYTES,
      answers: {
        200: { description: 'What was waited for is reached, or it was a dry run', schema: schema.message },
        202: { description: 'Stored; it is sent when its turn comes', schema: schema.message },
      },
      errors: [
        'session_not_found',
        'message_not_found',
        'media_not_found',
        'invalid_state',
        'media_too_large',
        'recipient_invalid',
        'recipient_not_on_whatsapp',
        'recipient_opted_out',
        'media_unreachable',
        'target_not_allowed',
        'idempotency_key_reused',
        'recipient_cooldown',
        'minute_limit_reached',
        'daily_limit_reached',
        'quota_exceeded',
        'no_session',
        'queue_full',
      ],
    },
    async (deps, { caller, query, headers, body, stopping }) => {
      if (body.sessionId !== undefined) requireSession(caller, body.sessionId);
      const content = contentOf(deps, body, caller);
      const key = headers['idempotency-key'];
      const { message, replayed, session } = await deps.outbox.enqueue(
        caller,
        toNewMessage(body, content),
        key === undefined ? null : { key, bodyHash: bodyHash(body) },
      );
      const replay: Record<string, string> = replayed ? { 'Idempotent-Replayed': 'true' } : {};
      const answer = async (status: number, row: Message) => ({
        status,
        json: await describeMessage(deps, row, row === message ? session : undefined),
        headers: replay,
      });
      if (body.dryRun) return answer(200, message);
      if (query.wait === undefined) return answer(202, message);
      const timeoutMs = query.timeoutSeconds * 1000;
      const after = await waitFor(deps, message, { wanted: query.wait, timeoutMs, stopping });
      await deps.durable();
      return answer(hasReached(after.status, query.wait) ? 200 : 202, after);
    },
  ),
];
