/**
 * An in-memory stand-in for the webhooks port, for the tests of the HTTP side.
 */
import { gatewayError } from '../../../gateway/src/domain/error.js';
import { newId } from '../../../gateway/src/lib/ids.js';
import type { Delivery, Webhook, Webhooks } from '../../../gateway/src/webhooks/types.js';

const delivery = (webhookId: string): Delivery => ({
  id: newId('dlv'),
  webhookId,
  sessionId: 'main',
  eventId: newId('evt'),
  eventType: 'message.received',
  seq: 1,
  state: 'dead',
  attemptCount: 1,
  nextAttemptAt: null,
  createdAt: 1_000,
  finishedAt: 2_000,
  attempts: [{ attempt: 1, at: 1_500, status: 500, durationMs: 12, response: 'no', error: 'HTTP 500' }],
});

export function fakeWebhooks() {
  const rows = new Map<string, Webhook>();
  const deliveries = new Map<string, Delivery>();
  const calls: unknown[] = [];
  const script: { refuse?: Error } = {};
  const found = async (id: string): Promise<Webhook> => {
    const row = rows.get(id);
    if (!row) throw gatewayError('webhook_not_found');
    return Promise.resolve(row);
  };
  const newDelivery = (webhookId: string): Delivery => {
    const made = delivery(webhookId);
    deliveries.set(made.id, made);
    return made;
  };
  const port: Webhooks = {
    create: async (_caller, input) => {
      if (script.refuse) throw script.refuse;
      const known = [...rows.values()].find(({ url }) => url === input.url);
      if (known) return { webhook: known, secret: null, created: false };
      const webhook: Webhook = {
        ...input,
        id: newId('whk'),
        state: 'enabled',
        stateReason: null,
        failingSince: null,
        createdAt: 1_000,
        updatedAt: 1_000,
      };
      rows.set(webhook.id, webhook);
      return Promise.resolve({ webhook, secret: 'whsec_c2VjcmV0', created: true });
    },
    list: (_caller, { limit }) =>
      Promise.resolve({ data: [...rows.values()].slice(0, limit), nextCursor: null }),
    get: (_caller, id) => found(id),
    patch: async (_caller, id, { enabled, ...patch }) => {
      const row: Webhook = {
        ...(await found(id)),
        ...patch,
        ...(enabled === false ? { state: 'disabled' } : {}),
      };
      rows.set(id, row);
      return row;
    },
    remove: async (_caller, id) => {
      rows.delete((await found(id)).id);
    },
    test: async (_caller, id) => {
      const row = await found(id);
      if (row.state === 'disabled') throw gatewayError('invalid_state');
      return newDelivery(row.id);
    },
    rotateSecret: async (_caller, id, options) => {
      calls.push(options);
      return { webhook: await found(id), secret: 'whsec_bmV3', previousSecretExpiresAt: 90_000 };
    },
    deliveries: async (_caller, id, query) => {
      calls.push(query);
      return { data: [newDelivery((await found(id)).id)], nextCursor: null };
    },
    redeliver: (_caller, id) =>
      Promise.resolve().then(() => {
        const known = deliveries.get(id);
        if (!known) throw gatewayError('delivery_not_found');
        return { ...known, state: 'pending' as const, finishedAt: null };
      }),
    skip: (_caller, id) =>
      Promise.resolve().then(() => {
        const known = deliveries.get(id);
        if (!known) throw gatewayError('delivery_not_found');
        return { ...known, state: 'dead' as const, finishedAt: 2_000 };
      }),
    replay: async (_caller, id, request) => {
      await found(id);
      calls.push(request);
      return { queued: 3 };
    },
  };
  return { port, rows, deliveries, calls, script };
}
