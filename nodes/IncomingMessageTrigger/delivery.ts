/**
 * One call of the trigger's webhook: believed only with a genuine, fresh signature on the raw body, taken once,
 * filtered, and answered at once. Called by the node's webhook function.
 */
import { jsonParse, type IWebhookFunctions, type IWebhookResponseData } from 'n8n-workflow';

import { deliveryId, signatureFault, type SignedDelivery } from '../shared/signature';
import type { EventEnvelope } from '../shared/wire';
import { readSettings } from './fields';
import { startsWorkflow } from './filters';
import { isRepeat, rememberEvent, secretsOf } from './memory';
import { toItem } from './output';

async function readDelivery(context: IWebhookFunctions): Promise<SignedDelivery> {
  const request: { rawBody?: Buffer; readRawBody(): Promise<void> } = context.getRequestObject();
  // n8n has read the body unless the content type was unknown to it.
  if (request.rawBody === undefined) await request.readRawBody();
  return {
    headers: context.getHeaderData(),
    rawBody: request.rawBody ?? Buffer.alloc(0),
  };
}

function faultOf(context: IWebhookFunctions, delivery: SignedDelivery): string | undefined {
  const secrets = secretsOf(context);
  if (secrets.length === 0) return 'The webhook is not registered, activate the workflow again';
  const faults = secrets.map((secret) => signatureFault(delivery, secret, Date.now()));
  return faults.includes(undefined) ? undefined : faults[0];
}

/** Answers 401 and starts nothing. */
function reject(context: IWebhookFunctions, fault: string): IWebhookResponseData {
  context.logger.warn(`A call of the Sluice trigger was refused: ${fault}`, { node: context.getNode().name });
  context.getResponseObject().status(401).json({ ok: false, error: fault });
  return { noWebhookResponse: true };
}

const ignored = (reason: string): IWebhookResponseData => ({
  webhookResponse: { ok: true, ignored: reason },
});

/** Takes one delivery of the gateway. */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  const delivery = await readDelivery(context);
  const fault = faultOf(context, delivery);
  if (fault !== undefined) return reject(context, fault);

  const id = deliveryId(delivery);
  if (isRepeat(context, id)) return ignored('repeated');
  const event = jsonParse<EventEnvelope>(delivery.rawBody.toString('utf8'));
  if (event.type === 'webhook.test') return ignored('test');
  if (!startsWorkflow(event, readSettings(context))) return ignored('filtered');
  const item = await toItem(context, event);
  // Only now: a call that breaks before this line is delivered again.
  rememberEvent(context, id);
  return { webhookResponse: { ok: true }, workflowData: [[item]] };
}
