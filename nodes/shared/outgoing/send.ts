/**
 * One message to the gateway: POST /v1/messages with the item's idempotency key, waiting for a status if asked.
 * Used by deliver.ts (one by one) and by Send and Wait.
 */
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { messageFailedError } from '../errors';
import { idempotencyKey } from '../idempotency';
import { gatewayRequest } from '../transport';
import type { Message } from '../wire';
import { readOptions } from './envelope';

const DEFAULT_WAIT_SECONDS = 15;
/** On top of the gateway's own timeout, for the network. */
const MARGIN_MS = 15_000;

/**
 * Sends the message of one item and returns it as the gateway has stored it.
 * @throws NodeApiError when the gateway refuses it, or when the awaited message failed
 */
export async function sendMessage(
  context: IExecuteFunctions,
  body: IDataObject,
  itemIndex: number,
): Promise<Message> {
  const { waitFor, waitSeconds = DEFAULT_WAIT_SECONDS } = readOptions(context, itemIndex);
  const waits = waitFor !== undefined && waitFor !== 'none';
  const key = idempotencyKey(context, itemIndex);
  const { body: message } = await gatewayRequest<Message>(context, {
    method: 'POST',
    path: '/v1/messages',
    query: waits ? { wait: waitFor, timeoutSeconds: waitSeconds } : undefined,
    headers: key === undefined ? undefined : { 'Idempotency-Key': key },
    body,
    timeoutMs: waits ? waitSeconds * 1000 + MARGIN_MS : undefined,
  });
  if (message.status === 'failed' && message.error !== undefined && message.error !== null) {
    throw messageFailedError(context.getNode(), message.error);
  }
  return message;
}
