/**
 * What a webhook of the nodes answers to the gateway: taken, of no interest, or not now.
 * Used by the trigger and by Send and Wait. n8n gives a node no word about being stopped; its HTTP server shows it.
 */
import type { INodeExecutionData, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

const RETRY_AFTER_SECONDS = 5;

/** The server of a socket, as Node keeps it; n8n closes it first of all when it is stopped. */
interface Listening {
  socket?: { server?: { listening?: boolean } };
}

/** The event is received and starts nothing. */
export const ignored = (reason: string): IWebhookResponseData => ({
  webhookResponse: { ok: true, ignored: reason },
});

const isStopping = (context: IWebhookFunctions): boolean =>
  (context.getRequestObject() as Listening).socket?.server?.listening === false;

/** Leaves the event to the gateway, which delivers it again some seconds later. */
export function postpone(context: IWebhookFunctions, reason: string): IWebhookResponseData {
  const response = context.getResponseObject();
  response.setHeader('Retry-After', String(RETRY_AFTER_SECONDS));
  response.status(503).json({ ok: false, error: reason });
  return { noWebhookResponse: true };
}

/**
 * Starts or wakes the workflow with the item, unless n8n is being stopped: then the process may end with the execution
 * just begun, after n8n has answered that all is well. The gateway is told to deliver the event again instead.
 * @param written called when n8n has written the execution down and asks for the answer; a webhook that is answered when
 * the workflow has finished is not asked
 */
export function goOn(
  context: IWebhookFunctions,
  item: INodeExecutionData,
  written: () => void = () => undefined,
): IWebhookResponseData {
  if (isStopping(context)) return postpone(context, 'n8n is being stopped');
  return {
    get webhookResponse() {
      written();
      return { ok: true };
    },
    workflowData: [[item]],
  };
}
