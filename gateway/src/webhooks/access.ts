/**
 * Which webhooks a caller sees: those wholly within the sessions of its key. All others do not exist for it.
 */
import { covers, type Caller } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import type { Store } from '../store/index.js';
import type { WebhookRow } from '../store/webhooks.js';

type Scope = Pick<Caller, 'sessionIds'>;

/** A webhook for every session is beyond a caller with some of them. */
export const canSee = (caller: Scope, webhook: Pick<WebhookRow, 'sessionIds'>): boolean =>
  caller.sessionIds.length === 0 ||
  (webhook.sessionIds.length > 0 && webhook.sessionIds.every((sessionId) => covers(caller, sessionId)));

/**
 * The sessions that a caller's webhook is for: none named means every one that its key covers.
 * @throws GatewayError forbidden when one is named that the key does not cover
 */
export function sessionsWithin(caller: Scope, sessionIds: string[]): string[] {
  const beyond = sessionIds.find((sessionId) => !covers(caller, sessionId));
  if (beyond !== undefined) throw gatewayError('forbidden', `The session ${beyond} is not covered.`);
  return sessionIds.length > 0 ? [...new Set(sessionIds)] : caller.sessionIds;
}

/** @throws GatewayError webhook_not_found */
export async function findVisible(store: Store, caller: Scope, id: string): Promise<WebhookRow> {
  const webhook = await store.webhooks.find(id);
  if (!webhook || !canSee(caller, webhook)) throw gatewayError('webhook_not_found');
  return webhook;
}

/** For what makes no sense while nothing is sent. @throws GatewayError invalid_state */
export function mustBeEnabled(webhook: WebhookRow): void {
  if (webhook.state === 'disabled') {
    throw gatewayError('invalid_state', 'The webhook is disabled; enable it first.');
  }
}
