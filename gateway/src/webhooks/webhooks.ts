/**
 * The operations on webhooks that the HTTP API offers: made, changed, tested, and their deliveries looked at and
 * repeated. Shapes have been checked in http/schemas; what needs more than a shape (targets, headers, patterns) here.
 */
import type { Caller } from '../domain/apiKey.js';
import { gatewayError } from '../domain/error.js';
import type { Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import type { TargetGuard } from '../net/targetGuard.js';
import type { Store } from '../store/index.js';
import type { WebhookRow, WebhookSettings } from '../store/webhooks.js';
import { canSee, findVisible, sessionsWithin } from './access.js';
import { checkHeaders } from './headers.js';
import { createRedelivery } from './redelivery.js';
import { newSecret } from './signature.js';
import { checkTextPattern } from './textFilter.js';
import type {
  CreatedWebhook,
  Page,
  RotatedSecret,
  Webhook,
  WebhookInput,
  WebhookPatch,
  Webhooks,
} from './types.js';

export interface WebhooksDeps {
  store: Store;
  clock: Clock;
  guard: Pick<TargetGuard, 'checkResolved'>;
  randomBytes: (size: number) => Buffer;
  /** Deliveries may be due: wakes the dispatcher. */
  wake: () => void;
}

const GRACE_SECONDS = 24 * 60 * 60;
/** A webhook that is removed while it is made again is rare; one that never stays is not this. */
const CREATE_TRIES = 3;

/** Only what the patch gives, over what there is. */
const merge = (webhook: WebhookRow, patch: WebhookPatch): WebhookSettings => ({
  url: patch.url ?? webhook.url,
  events: patch.events ?? webhook.events,
  sessionIds: patch.sessionIds ?? webhook.sessionIds,
  filter: patch.filter === undefined ? webhook.filter : patch.filter,
  headers: patch.headers ?? webhook.headers,
  description: patch.description === undefined ? webhook.description : patch.description,
});

/** The given parts, checked and in their stored form. */
async function checked<T extends WebhookPatch>(deps: WebhooksDeps, caller: Caller, input: T): Promise<T> {
  const { url, events, sessionIds, filter, headers } = input;
  if (filter?.textMatches !== undefined) checkTextPattern(filter.textMatches);
  return {
    ...input,
    ...(headers && { headers: checkHeaders(headers) }),
    ...(events && { events: [...new Set(events)] }),
    ...(sessionIds && { sessionIds: sessionsWithin(caller, sessionIds) }),
    ...(url !== undefined && { url: await checkedUrl(deps, url) }),
  };
}

async function checkedUrl({ guard }: WebhooksDeps, url: string): Promise<string> {
  const target = await guard.checkResolved(url);
  // Never sent; two webhooks that differ in it alone would deliver everything twice.
  target.hash = '';
  return target.href;
}

async function create(deps: WebhooksDeps, caller: Caller, input: WebhookInput): Promise<CreatedWebhook> {
  const { store, clock, randomBytes, wake } = deps;
  const settings = await checked(deps, caller, input);
  for (let tries = 0; tries < CREATE_TRIES; tries += 1) {
    const now = clock.now();
    const id = newId('whk');
    const secret = newSecret(randomBytes);
    if (await store.webhooks.insert(id, settings, { secret, now })) {
      return { webhook: await findVisible(store, caller, id), secret, created: true };
    }
    const known = await store.webhooks.findByIdentity(settings);
    if (!known) continue;
    await store.transaction(async (tx) => {
      await tx.webhooks.update(known.id, settings, now);
      await tx.webhooks.setState(known.id, 'enabled', null);
      await tx.deliveryLanes.hurry(known.id, now);
    });
    wake();
    return { webhook: await findVisible(store, caller, known.id), secret: null, created: false };
  }
  throw gatewayError('invalid_state', 'The webhook is being removed at this moment; try again.');
}

async function patch(
  deps: WebhooksDeps,
  given: { caller: Caller; id: string; patch: WebhookPatch },
): Promise<Webhook> {
  const { store, clock, wake } = deps;
  const { caller, id } = given;
  const before = await findVisible(store, caller, id);
  const { enabled, ...changes } = await checked(deps, caller, given.patch);
  const settings = merge(before, changes);
  const same = await store.webhooks.findByIdentity(settings);
  if (same && same.id !== id) {
    throw gatewayError('invalid_state', `The webhook ${same.id} has the same url, events and sessions.`);
  }
  const now = clock.now();
  await store.transaction(async (tx) => {
    await tx.webhooks.update(id, settings, now);
    if (enabled === false) await tx.webhooks.setState(id, 'disabled', 'Disabled by its owner.');
    if (enabled === true) await tx.webhooks.setState(id, 'enabled', null);
    // A new address or header may be just what was missing: no lane waits for its next probe.
    await tx.deliveryLanes.hurry(id, now);
  });
  wake();
  return await findVisible(store, caller, id);
}

export function createWebhooks(deps: WebhooksDeps): Webhooks {
  const { store, clock, randomBytes } = deps;
  return {
    create: (caller, input) => create(deps, caller, input),
    get: (caller, id) => findVisible(store, caller, id),
    patch: (caller, id, changes) => patch(deps, { caller, id, patch: changes }),

    async list(caller, { limit, cursor }): Promise<Page<Webhook>> {
      const visible = (await store.webhooks.list()).filter(
        (webhook) => canSee(caller, webhook) && (cursor === undefined || webhook.id > cursor),
      );
      const data = visible.slice(0, limit);
      return { data, nextCursor: visible.length > limit ? (data.at(-1)?.id ?? null) : null };
    },

    async remove(caller, id) {
      await findVisible(store, caller, id);
      await store.webhooks.remove(id);
    },

    async rotateSecret(caller, id, { graceSeconds = GRACE_SECONDS } = {}): Promise<RotatedSecret> {
      await findVisible(store, caller, id);
      const secret = newSecret(randomBytes);
      const previousSecretExpiresAt = clock.now() + graceSeconds * 1_000;
      await store.webhooks.rotateSecret(id, secret, previousSecretExpiresAt);
      return { webhook: await findVisible(store, caller, id), secret, previousSecretExpiresAt };
    },

    ...createRedelivery(deps),
  };
}
