/**
 * What a webhook of the nodes answers to the gateway: taken, of no interest, or not now.
 * Used by the trigger and by Send and Wait. n8n gives a node no word about being stopped; its HTTP server shows it.
 */
import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

const RETRY_AFTER_SECONDS = 5;
export const STOPPING = 'n8n is being stopped';

/** The server of a socket, as Node keeps it; n8n closes it first of all when it is stopped. */
interface Listening {
  socket?: { server?: { listening?: boolean } };
}

/** The event is received and starts nothing. */
export const ignored = (reason: string): IWebhookResponseData => ({
  webhookResponse: { ok: true, ignored: reason },
});

/**
 * Whether n8n is being stopped: an execution that starts now may end with the process, after n8n has answered that all is
 * well. Better the gateway delivers the event again.
 */
export const isStopping = (context: IWebhookFunctions): boolean =>
  (context.getRequestObject() as Listening).socket?.server?.listening === false;

/** Leaves the event to the gateway, which delivers it again some seconds later. */
export function postpone(context: IWebhookFunctions, reason: string): IWebhookResponseData {
  const response = context.getResponseObject();
  response.setHeader('Retry-After', String(RETRY_AFTER_SECONDS));
  response.status(503).json({ ok: false, error: reason });
  return { noWebhookResponse: true };
}
