/**
 * Many messages in few requests: POST /v1/messages/batch, with an outcome per item.
 * Used by deliver.ts. A batch that the gateway cannot take as a whole is halved until the item at fault is found;
 * the idempotency keys make repeats harmless.
 */
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { failureOf, refusalError } from '../errors';
import type { Patience } from '../patience';
import { gatewayRequest } from '../transport';
import type { BatchAnswer } from '../wire';

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
    const body = { title: verdict.message, status: 422, code: verdict.code };
    return {
      itemIndex,
      error: refusalError(context.getNode(), { status: 422, body, url: '/v1/messages/batch' }),
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
    return toOutcomes(context, batch, answer.body);
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
