/**
 * The life of the trigger's webhook at the gateway: found, made, repaired, removed, as n8n activates and
 * deactivates the workflow or listens for a test event. Called by the node's webhookMethods.
 */
import { NodeOperationError, type IHookFunctions, type IWebhookFunctions } from 'n8n-workflow';

import {
  findWebhooks,
  getWebhook,
  registerWebhook,
  removeWebhook,
  rotateSecret,
  type Subscription,
} from '../shared/webhooks';
import type { Webhook, WebhookFilter } from '../shared/wire';
import { readSettings, type TriggerSettings } from './settings';
import { mayCompare, recall, remember } from './memory';

function urlOf(context: IHookFunctions | IWebhookFunctions): string {
  const url = context.getNodeWebhookUrl('default');
  if (url !== undefined) return url;
  throw new NodeOperationError(
    context.getNode(),
    'n8n gives this node no webhook address. Save the workflow and try again.',
  );
}

/** The part of the filter that the gateway knows: it spares calls; the node checks everything again. */
function gatewayFilter({ filters, senders }: TriggerSettings): WebhookFilter | undefined {
  const filter: WebhookFilter = {};
  if (filters.chatKind === 'direct' || filters.chatKind === 'group') filter.chatKind = filters.chatKind;
  const [sender] = senders;
  if (senders.length === 1 && sender !== undefined && !sender.endsWith('@g.us')) {
    filter.from = sender.includes('@') ? sender : sender.replace(/\D/g, '');
  }
  return Object.keys(filter).length === 0 ? undefined : filter;
}

function wantedBy(context: IHookFunctions): Subscription {
  const settings = readSettings(context);
  const { name, id } = context.getWorkflow();
  const subscription: Subscription = {
    url: urlOf(context),
    events: settings.events,
    description: `n8n workflow "${name ?? id ?? ''}", node "${context.getNode().name}"`.slice(0, 200),
  };
  const filter = gatewayFilter(settings);
  if (settings.sessionIds.length > 0) subscription.sessionIds = settings.sessionIds;
  if (filter !== undefined) subscription.filter = filter;
  return subscription;
}

const sameSet = (a: string[], b: string[]): boolean => [...a].sort().join('\n') === [...b].sort().join('\n');

function isSame(webhook: Webhook, wanted: Subscription): boolean {
  const { filter } = webhook;
  return (
    webhook.url === wanted.url &&
    sameSet(webhook.events, wanted.events) &&
    sameSet(webhook.sessionIds ?? [], wanted.sessionIds ?? []) &&
    filter?.chatKind === wanted.filter?.chatKind &&
    filter?.from === wanted.filter?.from
  );
}

/** A webhook that the gateway has paused or disabled is registered again, which enables it. */
const isActive = ({ state }: Webhook): boolean => state === undefined || state === 'enabled';

/**
 * Whether the webhook is registered as the fields want it. Others on the same address are removed, and a secret
 * that n8n has lost is replaced: a second webhook would deliver everything twice.
 */
export async function isRegistered(context: IHookFunctions): Promise<boolean> {
  const wanted = wantedBy(context);
  const known = recall(context, wanted.url);
  if (known !== undefined) {
    const webhook = await getWebhook(context, known.id);
    if (webhook !== undefined && isSame(webhook, wanted)) return isActive(webhook);
    if (webhook !== undefined) await removeWebhook(context, webhook.id);
    remember(context, wanted.url, undefined);
  }
  const [match, ...rest] = (await findWebhooks(context, ({ url }) => url === wanted.url)).sort(
    (a, b) => Number(isSame(b, wanted)) - Number(isSame(a, wanted)),
  );
  for (const stray of rest) await removeWebhook(context, stray.id);
  if (match === undefined) return false;
  if (!isSame(match, wanted)) {
    await removeWebhook(context, match.id);
    return false;
  }
  remember(context, wanted.url, { id: match.id, secret: await rotateSecret(context, match.id) });
  return isActive(match);
}

/** Registers the webhook and keeps its secret. */
export async function register(context: IHookFunctions): Promise<boolean> {
  const wanted = wantedBy(context);
  const { id, secret } = await registerWebhook(context, wanted);
  const known = recall(context, wanted.url);
  const kept = known?.id === id ? known.secret : undefined;
  remember(context, wanted.url, { id, secret: secret ?? kept ?? (await rotateSecret(context, id)) });
  return true;
}

/** Removes the webhook; when the gateway cannot be reached the error says so and the id is kept for a repair. */
export async function unregister(context: IHookFunctions): Promise<boolean> {
  const url = urlOf(context);
  const known = recall(context, url);
  if (known === undefined) return true;
  await removeWebhook(context, known.id);
  remember(context, url, undefined);
  return true;
}

/**
 * Called when a signature does not fit: n8n saves what nodes remember as a whole, so that two calls at once can take a new
 * registration back. When the gateway has another webhook for this address than the one remembered, it becomes ours again.
 */
export async function repairSecret(context: IWebhookFunctions): Promise<void> {
  if (!mayCompare(context, Date.now())) return;
  const url = urlOf(context);
  try {
    const [match, ...rest] = await findWebhooks(context, (webhook) => webhook.url === url);
    if (match === undefined || rest.length > 0 || match.id === recall(context, url)?.id) return;
    remember(context, url, { id: match.id, secret: await rotateSecret(context, match.id) });
  } catch (error) {
    // The call is refused either way; the next one that does not fit asks again.
    context.logger.warn('The registration of the Sluice trigger could not be compared with the gateway', {
      error,
    });
  }
}
