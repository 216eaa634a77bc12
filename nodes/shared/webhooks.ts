/**
 * The gateway's webhooks: find, register, rotate, remove. Used by the trigger and by Send and Wait.
 * Must not decide when; the life cycle is in IncomingMessageTrigger/registration and SendMessage/replyWait.
 */
import type { IDataObject } from 'n8n-workflow';

import { failureOf } from './errors';
import { gatewayRequest, type GatewayContext } from './transport';
import type { Page, Webhook, WebhookFilter } from './wire';

export interface Subscription {
  url: string;
  events: string[];
  sessionIds?: string[];
  filter?: WebhookFilter;
  description: string;
}

const pathOf = (id: string): string => `/v1/webhooks/${encodeURIComponent(id)}`;

/** Registers a webhook, or finds and re-enables the same one. The secret is only in the answer that made it. */
export async function registerWebhook(context: GatewayContext, subscription: Subscription): Promise<Webhook> {
  const body: IDataObject = { ...subscription };
  return (await gatewayRequest<Webhook>(context, { method: 'POST', path: '/v1/webhooks', body })).body;
}

/** All webhooks that `wanted` picks, over all pages. */
export async function findWebhooks(
  context: GatewayContext,
  wanted: (webhook: Webhook) => boolean,
): Promise<Webhook[]> {
  const found: Webhook[] = [];
  let cursor: string | undefined;
  do {
    const query: IDataObject = cursor === undefined ? {} : { cursor };
    const page = (
      await gatewayRequest<Page<Webhook>>(context, { method: 'GET', path: '/v1/webhooks', query })
    ).body;
    found.push(...page.data.filter(wanted));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

/** The webhook with this id, or undefined when the gateway has none. */
export async function getWebhook(context: GatewayContext, id: string): Promise<Webhook | undefined> {
  try {
    return (await gatewayRequest<Webhook>(context, { method: 'GET', path: pathOf(id) })).body;
  } catch (error) {
    if (failureOf(error)?.status === 404) return undefined;
    throw asThrown(error);
  }
}

/** Gives the webhook a new secret and returns it; the old one is lost. */
export async function rotateSecret(context: GatewayContext, id: string): Promise<string> {
  const path = `${pathOf(id)}/rotate-secret`;
  const { secret } = (await gatewayRequest<{ secret: string }>(context, { method: 'POST', path })).body;
  return secret;
}

/** Removes the webhook; one that is gone already is as good as removed. */
export async function removeWebhook(context: GatewayContext, id: string): Promise<void> {
  try {
    await gatewayRequest(context, { method: 'DELETE', path: pathOf(id) });
  } catch (error) {
    if (failureOf(error)?.status !== 404) throw asThrown(error);
  }
}

/** The transport's error goes on unchanged: it already names cause and fix. */
const asThrown = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
