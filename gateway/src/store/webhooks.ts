/**
 * Webhooks: where events are delivered to. Secrets and headers are sealed with the store's cipher.
 * Written by webhooks/webhooks (their owner's wishes) and webhooks/settle (their health).
 */
import { sql, type Selectable } from 'kysely';
import type { Subscription, WebhookFilter } from '../domain/event.js';
import { openText, sealText, type Cipher } from '../lib/cipher.js';
import type { WebhooksTable } from './database/deliveryTables.js';
import { oneRowStatement, statement } from './database/statement.js';
import type { StoreContext } from './index.js';
import { affected, fromJson, fromNullableJson, toBuffer, toNullableJson } from './values.js';

/** What its owner decides. */
export interface WebhookSettings {
  url: string;
  events: string[];
  /** Empty: every session. */
  sessionIds: string[];
  filter: WebhookFilter | null;
  headers: Record<string, string>;
  description: string | null;
}

export interface WebhookRow extends WebhookSettings {
  id: string;
  state: 'enabled' | 'paused' | 'disabled';
  stateReason: string | null;
  failingSince: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface WebhookSecrets {
  /** `whsec_...` */
  current: string;
  /** Signs too until it expires. */
  previous: { secret: string; expiresAt: number } | null;
}

/** The text that tells webhooks apart: the same url, events and sessions are the same webhook. */
const webhookIdentity = ({
  url,
  events,
  sessionIds,
}: Pick<WebhookSettings, 'url' | 'events' | 'sessionIds'>): string =>
  JSON.stringify([url, [...new Set(events)].sort(), [...new Set(sessionIds)].sort()]);

const openRow = (cipher: Cipher, row: Selectable<WebhooksTable>): WebhookRow => ({
  id: row.id,
  url: row.url,
  events: fromJson(row.events) as WebhookRow['events'],
  sessionIds: fromJson(row.session_ids) as string[],
  filter: fromNullableJson(row.filter) as WebhookRow['filter'],
  headers: fromJson(openText(cipher, toBuffer(row.headers))) as WebhookRow['headers'],
  description: row.description,
  state: row.state as WebhookRow['state'],
  stateReason: row.state_reason,
  failingSince: row.failing_since,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const sealColumns = (cipher: Cipher, settings: WebhookSettings) => ({
  url: settings.url,
  events: JSON.stringify(settings.events),
  session_ids: JSON.stringify(settings.sessionIds),
  filter: toNullableJson(settings.filter),
  headers: sealText(cipher, JSON.stringify(settings.headers)),
  description: settings.description,
  identity: webhookIdentity(settings),
});

const findWebhook = oneRowStatement((q, { id }: { id: string }) =>
  q.selectFrom('webhooks').selectAll().where('id', '=', id),
);

export function createWebhooksStore({ q, engine, cipher }: StoreContext) {
  const toRow = (row: Selectable<WebhooksTable>): WebhookRow => openRow(cipher, row);
  const toColumns = (settings: WebhookSettings) => sealColumns(cipher, settings);

  return {
    /** Adds an enabled webhook; false when one with its identity exists. */
    async insert(
      id: string,
      settings: WebhookSettings,
      made: { secret: string; now: number },
    ): Promise<boolean> {
      const inserted = await q
        .insertInto('webhooks')
        .values({
          id,
          ...toColumns(settings),
          secret: sealText(cipher, made.secret),
          state: 'enabled',
          created_at: made.now,
          updated_at: made.now,
        })
        .onConflict((conflict) => conflict.column('identity').doNothing())
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },

    async find(id: string): Promise<WebhookRow | null> {
      const row = (await findWebhook({ q, engine }, { id })).rows[0];
      return row ? toRow(row) : null;
    },

    async findByIdentity(settings: WebhookSettings): Promise<WebhookRow | null> {
      const identity = webhookIdentity(settings);
      const row = await q
        .selectFrom('webhooks')
        .selectAll()
        .where('identity', '=', identity)
        .executeTakeFirst();
      return row ? toRow(row) : null;
    },

    /** All of them, oldest first: an installation has tens, not thousands. */
    async list(): Promise<WebhookRow[]> {
      return (await q.selectFrom('webhooks').selectAll().orderBy('id').execute()).map(toRow);
    },

    async update(id: string, settings: WebhookSettings, now: number): Promise<void> {
      await q
        .updateTable('webhooks')
        .set({ ...toColumns(settings), updated_at: now })
        .where('id', '=', id)
        .execute();
    },

    /** Removes it with its lanes and deliveries. */
    async remove(id: string): Promise<boolean> {
      return affected(await q.deleteFrom('webhooks').where('id', '=', id).execute()) > 0;
    },

    ...health({ q, engine }),
    ...secrets({ q, engine, cipher }),
  };
}

const subscriptions = statement((q, _nothing: object, engine) => {
  const query = q
    .selectFrom('webhooks')
    .select(['id', 'events', 'session_ids', 'filter'])
    .where('state', '!=', 'disabled')
    .orderBy('id');
  // A webhook removed between this and the deliveries' insert would fail the whole transaction, message and all.
  return engine === 'postgres' ? query.forKeyShare() : query;
});

/** How its deliveries go, and who wants what: read and written with every event and attempt, so nothing is decrypted. */
const health = ({ q, ...context }: Pick<StoreContext, 'q' | 'engine'>) => ({
  /** What every webhook that collects events wants. For a transaction that then adds deliveries for them. */
  async subscriptions(): Promise<(Subscription & { id: string })[]> {
    const { rows } = await subscriptions({ q, ...context }, {});
    return rows.map((row) => ({
      id: row.id,
      events: fromJson(row.events) as WebhookRow['events'],
      sessionIds: fromJson(row.session_ids) as string[],
      filter: fromNullableJson(row.filter) as WebhookRow['filter'],
    }));
  },

  async setState(id: string, state: WebhookRow['state'], reason: string | null): Promise<void> {
    await q
      .updateTable('webhooks')
      .set({ state, state_reason: reason, ...(state === 'enabled' ? { failing_since: null } : {}) })
      .where('id', '=', id)
      .execute();
  },

  /** Remembers the first failure since the last success. */
  async markFailing(id: string, now: number): Promise<void> {
    await q
      .updateTable('webhooks')
      .set({ failing_since: now })
      .where('id', '=', id)
      .where('failing_since', 'is', null)
      .execute();
  },

  /** Shows a failing webhook as paused. */
  async pause(id: string, reason: string): Promise<void> {
    await q
      .updateTable('webhooks')
      .set({ state: 'paused', state_reason: reason })
      .where('id', '=', id)
      .where('state', '=', 'enabled')
      .execute();
  },

  /** Notes a success after failures; true when it was paused and is enabled again. */
  async markHealthy(id: string): Promise<boolean> {
    await q.updateTable('webhooks').set({ failing_since: null }).where('id', '=', id).execute();
    const enabled = await q
      .updateTable('webhooks')
      .set({ state: 'enabled', state_reason: null })
      .where('id', '=', id)
      .where('state', '=', 'paused')
      .execute();
    return affected(enabled) > 0;
  },
});

const findSecrets = oneRowStatement((q, { id }: { id: string }) =>
  q
    .selectFrom('webhooks')
    .select(['secret', 'previous_secret', 'previous_secret_expires_at'])
    .where('id', '=', id),
);

const secrets = ({ q, engine, cipher }: StoreContext) => ({
  async secrets(id: string): Promise<WebhookSecrets | null> {
    const row = (await findSecrets({ q, engine }, { id })).rows[0];
    if (!row) return null;
    const { previous_secret: previous, previous_secret_expires_at: expiresAt } = row;
    return {
      current: openText(cipher, toBuffer(row.secret)),
      previous:
        previous === null || expiresAt === null
          ? null
          : { secret: openText(cipher, toBuffer(previous)), expiresAt },
    };
  },

  /** The present secret becomes the previous one. */
  async rotateSecret(id: string, secret: string, previousExpiresAt: number): Promise<void> {
    await q
      .updateTable('webhooks')
      .set({
        previous_secret: sql<Buffer>`secret`,
        previous_secret_expires_at: previousExpiresAt,
        secret: sealText(cipher, secret),
      })
      .where('id', '=', id)
      .execute();
  },
});
