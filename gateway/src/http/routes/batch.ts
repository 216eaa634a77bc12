/**
 * Many messages in one request, each with its own verdict. Checked here, message by message; the outbox has their files
 * fetched and takes them in the order of the array.
 */
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Caller } from '../../domain/apiKey.js';
import { gatewayError, GatewayError } from '../../domain/error.js';
import type { Enqueued, Submission } from '../../outbox/types.js';
import { requireSession } from '../auth.js';
import { MESSAGE_LIMIT_BYTES } from '../body.js';
import { contentOf } from '../content.js';
import type { HttpDeps } from '../deps.js';
import { fieldErrors } from '../fieldErrors.js';
import { parseWithNulls } from '../nulls.js';
import { route } from '../route.js';
import { batchAnswer, batchItem, newBatch, type BatchAnswer, type NewBatch } from '../schemas/batch.js';
import { newMessage } from '../schemas/messages.js';
import { bodyHash, toNewMessage } from './messages.js';

/** Messages that are written in one transaction. */
const CHUNK = 100;

interface BatchContext {
  deps: HttpDeps;
  caller: Caller;
  batch: NewBatch;
}

/** @throws ZodError */
function parse<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const { data, error } = parseWithNulls(schema, given);
  if (error) throw error;
  return data;
}

function parseItem({ caller, batch }: BatchContext, item: unknown) {
  const { idempotencyKey, ...own } = parse(batchItem, item);
  const common = batch.sessionId === undefined ? {} : { sessionId: batch.sessionId };
  const body = parse(newMessage, { ...common, ...batch.defaults, ...own });
  if (body.dryRun) throw gatewayError('invalid_request', 'dryRun: is not possible in a batch');
  if (body.sessionId !== undefined) requireSession(caller, body.sessionId);
  return { body, idempotencyKey };
}

function submissionOf(context: BatchContext, item: unknown): Submission {
  const { body, idempotencyKey } = parseItem(context, item);
  const content = contentOf(context.deps, body, context.caller);
  return {
    message: toNewMessage(body, content),
    idempotency: idempotencyKey === undefined ? null : { key: idempotencyKey, bodyHash: bodyHash(body) },
  };
}

type Verdict = Enqueued | Error;

async function takeChunk(context: BatchContext, items: unknown[]): Promise<Verdict[]> {
  const checked = items.map((item): Submission | Error => {
    try {
      return submissionOf(context, item);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  });
  const submissions = checked.flatMap((entry) => (entry instanceof Error ? [] : [entry]));
  const taken = await context.deps.outbox.enqueueMany(context.caller, submissions);
  let next = 0;
  return checked.map((entry) =>
    entry instanceof Error ? entry : (taken[next++] ?? new Error('the outbox gave no verdict')),
  );
}

function reasonOf({ logger }: HttpDeps, error: Error): { code: string; message: string } {
  if (error instanceof GatewayError) return { code: error.code, message: error.message };
  if (error instanceof z.ZodError) {
    const fields = fieldErrors(error).map(({ path, message }) =>
      path === '' ? message : `${path}: ${message}`,
    );
    return { code: 'invalid_request', message: fields.join('; ') };
  }
  logger.error({ err: error }, 'a message of a batch failed');
  return { code: 'internal', message: 'Something went wrong inside the gateway.' };
}

function toAnswer(deps: HttpDeps, verdicts: Verdict[]): BatchAnswer {
  const answer: BatchAnswer = { accepted: 0, rejected: [], ids: [] };
  for (const [index, verdict] of verdicts.entries()) {
    if (verdict instanceof Error) {
      answer.rejected.push({ index, ...reasonOf(deps, verdict) });
      answer.ids.push(null);
    } else {
      answer.accepted += 1;
      answer.ids.push(verdict.message.id);
    }
  }
  return answer;
}

export const batchRoutes = [
  route(
    {
      method: 'post',
      path: '/v1/messages/batch',
      tag: 'Messages',
      summary: 'Send many messages',
      description:
        'Each message is accepted or rejected by itself. Those that are accepted are sent in the order of the array, session by session; without a session the least busy one is chosen for each part of the batch.',
      access: 'messages:send',
      body: newBatch,
      bodyLimitBytes: MESSAGE_LIMIT_BYTES,
      answers: { 202: { description: 'What became of each message', schema: batchAnswer } },
      errors: ['session_not_found'],
    },
    async (deps, { caller, body: batch }) => {
      if (batch.sessionId !== undefined) {
        requireSession(caller, batch.sessionId);
        await deps.sessions.get(batch.sessionId);
      }
      const context = { deps, caller, batch };
      const verdicts: Verdict[] = [];
      for (let start = 0; start < batch.messages.length; start += CHUNK) {
        // Others are answered in between, also where nothing here has to wait for anything.
        await setImmediate();
        verdicts.push(...(await takeChunk(context, batch.messages.slice(start, start + CHUNK))));
      }
      return { status: 202, json: toAnswer(deps, verdicts) };
    },
  ),
];
