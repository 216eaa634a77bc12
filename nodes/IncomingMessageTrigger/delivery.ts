/**
 * One call of the trigger's webhook: believed only with a genuine, fresh signature on the raw body, taken once,
 * filtered, and answered: at once, or by n8n when the workflow has finished. Called by the node's webhook function.
 */
import {
  jsonParse,
  type INodeExecutionData,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import { STOPPING, ignored, isStopping, postpone } from '../shared/answer';
import { deliveryMark, signatureFault, type DeliveryMark, type SignedDelivery } from '../shared/signature';
import type { EventEnvelope } from '../shared/wire';
import { readSettings } from './settings';
import { startsWorkflow } from './filters';
import { familiarity, rememberEvent, secretsOf } from './memory';
import { toItem } from './output';
import { repairSecret } from './registration';
import { noteStart, stateOf } from './underway';

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

/**
 * Starts the workflow. n8n writes the execution down, then asks for the answer, then saves what the node remembers: what was
 * remembered before the execution it forgets to save (seen on 2.41), so the event is remembered again with the answer.
 */
function start(
  context: IWebhookFunctions,
  mark: DeliveryMark,
  item: INodeExecutionData,
): IWebhookResponseData {
  rememberEvent(context, mark);
  noteStart(context, mark, false);
  return {
    get webhookResponse() {
      rememberEvent(context, mark);
      return { ok: true };
    },
    workflowData: [[item]],
  };
}

/** Starts the workflow; n8n answers when it has finished, and until then the event is the gateway's. */
function startAndFinish(
  context: IWebhookFunctions,
  mark: DeliveryMark,
  item: INodeExecutionData,
): IWebhookResponseData {
  noteStart(context, mark, true);
  return { workflowData: [[item]] };
}

/** Takes one delivery of the gateway. */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  const delivery = await readDelivery(context);
  const fault = faultOf(context, delivery);
  if (fault !== undefined) {
    // The gateway tries again, and then finds the secret repaired if it was lost.
    await repairSecret(context);
    return reject(context, fault);
  }
  const mark = deliveryMark(delivery);
  const remembered = familiarity(context, mark);
  const known = remembered === 'new' ? stateOf(context, mark) : remembered;
  // The gateway signs each attempt anew: the very same call again was recorded by somebody and sent once more.
  if (known === 'replayed') return reject(context, 'The call was made before');
  if (known === 'repeated') return ignored('repeated');
  if (known === 'running') return postpone(context, 'The workflow has not started or not finished yet');
  const event = jsonParse<EventEnvelope>(delivery.rawBody.toString('utf8'));
  if (event.type === 'webhook.test') return ignored('test');
  const settings = readSettings(context);
  if (!startsWorkflow(event, settings)) return ignored('filtered');
  // Only with the item is the event taken: a call that breaks before is delivered again.
  const item = await toItem(context, event);
  if (isStopping(context)) return postpone(context, STOPPING);
  return settings.answersWhenFinished ? startAndFinish(context, mark, item) : start(context, mark, item);
}
