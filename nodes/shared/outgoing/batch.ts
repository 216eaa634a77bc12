/**
 * Many messages in few requests: POST /v1/messages/batch, with an outcome per item.
 * Used by deliver.ts. A batch that the gateway cannot take as a whole is halved until the item at fault is found;
 * the idempotency keys make repeats harmless.
 */
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { failureOf, refusalError } from '../errors';
import type { Patience } from '../patience';
import { gatewayRequest } from '../transport';
import type { BatchAnswer, Message } from '../wire';

export interface Entry {
  itemIndex: number;
  sessionId: string | undefined;
  /** The message without its session. */
  message: IDataObject;
}

export type Outcome = { itemIndex: number; id: string | null } | { itemIndex: number; error: unknown };

const TIMEOUT_MS = 120_000;

/** Runs of entries with the same session, at most `size` long. */
export function toBatches(entries: Entry[], size: number): Entry[][] {
  const batches: Entry[][] = [];
  for (const entry of entries) {
    const last = batches.at(-1);
    if (last !== undefined && last.length < size && last[0]?.sessionId === entry.sessionId) last.push(entry);
    else batches.push([entry]);
  }
  return batches;
}

/** Refusals of single messages that pass with time: their status stands in the gateway's table of errors. */
export const NOT_NOW: Record<string, number> = {
  rate_limited: 429,
  recipient_cooldown: 429,
  minute_limit_reached: 429,
  daily_limit_reached: 429,
  quota_exceeded: 429,
  no_session: 503,
  session_not_connected: 503,
  queue_full: 503,
  shutting_down: 503,
  media_not_ready: 503,
};

/** Hands one message in by itself: only so does the gateway say how long to wait. */
async function handInAgain(context: IExecuteFunctions, entry: Entry, patience: Patience): Promise<Outcome> {
  const { itemIndex, sessionId, message } = entry;
  const { idempotencyKey, ...content } = message;
  const body = sessionId === undefined ? content : { sessionId, ...content };
  const headers = idempotencyKey === undefined ? undefined : { 'Idempotency-Key': idempotencyKey };
  try {
    const request = { method: 'POST' as const, path: '/v1/messages', headers, body };
    const answer = await patience.attempt(() => gatewayRequest<Message>(context, request));
    return { itemIndex, id: answer.body.id };
  } catch (error) {
    return { itemIndex, error };
  }
}

/** In order, so that messages to one person stay in theirs. */
async function insist(
  context: IExecuteFunctions,
  { batch, outcomes }: { batch: Entry[]; outcomes: Outcome[] },
  patience: Patience,
): Promise<Outcome[]> {
  const settled: Outcome[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const entry = batch[index];
    const code = 'error' in outcome ? failureOf(outcome.error)?.code : undefined;
    const passes = entry !== undefined && code !== undefined && code in NOT_NOW;
    settled.push(passes ? await handInAgain(context, entry, patience) : outcome);
  }
  return settled;
}

function toOutcomes(context: IExecuteFunctions, batch: Entry[], answer: BatchAnswer): Outcome[] {
  const refused = new Map(answer.rejected.map((verdict) => [verdict.index, verdict]));
  // The ids stand beside their messages, or are those of the accepted messages in order.
  const aligned = answer.ids.length === batch.length;
  let next = 0;
  return batch.map(({ itemIndex }, index) => {
    const verdict = refused.get(index);
    if (verdict === undefined) {
      return { itemIndex, id: answer.ids[aligned ? index : next++] ?? null };
    }
    const status = NOT_NOW[verdict.code] ?? 422;
    const body = { title: verdict.message, status, code: verdict.code };
    return {
      itemIndex,
      error: refusalError(context.getNode(), { status, body, url: '/v1/messages/batch' }),
    };
  });
}

/** Sends one batch; errors come back as outcomes, never as exceptions. */
export async function sendBatch(
  context: IExecuteFunctions,
  batch: Entry[],
  patience: Patience,
): Promise<Outcome[]> {
  const body: IDataObject = { messages: batch.map(({ message }) => message) };
  const sessionId = batch[0]?.sessionId;
  if (sessionId !== undefined) body.sessionId = sessionId;
  try {
    const answer = await patience.attempt(() =>
      gatewayRequest<BatchAnswer>(context, {
        method: 'POST',
        path: '/v1/messages/batch',
        body,
        timeoutMs: TIMEOUT_MS,
      }),
    );
    return await insist(context, { batch, outcomes: toOutcomes(context, batch, answer.body) }, patience);
  } catch (error) {
    const status = failureOf(error)?.status;
    if (batch.length === 1 || (status !== 400 && status !== 413)) {
      return batch.map(({ itemIndex }) => ({ itemIndex, error }));
    }
    const middle = Math.ceil(batch.length / 2);
    return [
      ...(await sendBatch(context, batch.slice(0, middle), patience)),
      ...(await sendBatch(context, batch.slice(middle), patience)),
    ];
  }
}
