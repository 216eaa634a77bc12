/**
 * Campaigns and their recipients. The messages that come of them are rows of `messages` with the campaign's id; what is
 * done to all of those at once is in campaignMessages.
 */
import type { Selectable } from 'kysely';
import type { Caller } from '../domain/apiKey.js';
import {
  CAMPAIGN_STATES,
  type Campaign,
  type CampaignRecipient,
  type CampaignRefusal,
  type CampaignState,
  type Variables,
} from '../domain/campaign.js';
import type { CampaignTables } from './database/campaignTables.js';
import { createCampaignMessages } from './campaignMessages.js';
import type { StoreContext } from './index.js';
import { fromJson } from './values.js';

export interface CampaignInsert extends Campaign {
  idempotency: { key: string; bodyHash: string } | null;
}

/** What a recipient came to. */
export type CampaignVerdict = { messageId: string } | { refusal: CampaignRefusal };

const CHUNK = 500;

function toState(text: string): CampaignState {
  const state = CAMPAIGN_STATES.find((known) => known === text);
  if (!state) throw new Error(`The database holds an unknown state of a campaign: ${text}`);
  return state;
}

const toCampaign = (row: Selectable<CampaignTables['campaigns']>): Campaign => ({
  id: row.id,
  caller: fromJson(row.caller) as Caller,
  name: row.name,
  sessionIds: fromJson(row.session_ids) as string[],
  template: fromJson(row.template),
  sendAt: row.send_at,
  state: toState(row.state),
  total: row.total,
  nextRow: row.next_row,
  createdAt: row.created_at,
});

const toRecipient = (row: Selectable<CampaignTables['campaign_recipients']>): CampaignRecipient => ({
  row: row.n,
  to: row.recipient,
  variables: fromJson(row.variables) as Variables,
  messageId: row.message_id,
  refusal: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
});

const toColumns = ({ id, caller, idempotency, ...campaign }: CampaignInsert) => ({
  id,
  key_id: caller.keyId,
  caller: JSON.stringify(caller),
  name: campaign.name,
  session_ids: JSON.stringify(campaign.sessionIds),
  template: JSON.stringify(campaign.template),
  send_at: campaign.sendAt,
  state: campaign.state,
  total: campaign.total,
  next_row: campaign.nextRow,
  created_at: campaign.createdAt,
  idempotency_key: idempotency?.key ?? null,
  body_hash: idempotency?.bodyHash ?? null,
});

function createReading({ q, engine }: StoreContext) {
  const one = (id: string) => q.selectFrom('campaigns').selectAll().where('id', '=', id);
  return {
    async find(id: string): Promise<Campaign | null> {
      const row = await one(id).executeTakeFirst();
      return row ? toCampaign(row) : null;
    },

    /** The same inside a transaction, with the row kept as it is until the end. */
    async lock(id: string): Promise<Campaign | null> {
      const query = one(id);
      const row = await (engine === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
      return row ? toCampaign(row) : null;
    },

    async findByKey(keyId: string, key: string): Promise<{ campaign: Campaign; bodyHash: string } | null> {
      const row = await q
        .selectFrom('campaigns')
        .selectAll()
        .where('key_id', '=', keyId)
        .where('idempotency_key', '=', key)
        .executeTakeFirst();
      return row ? { campaign: toCampaign(row), bodyHash: row.body_hash ?? '' } : null;
    },

    /** Newest first; `before`: the last id of the page before. */
    async list(page: { keyId?: string; before?: string; limit: number }): Promise<Campaign[]> {
      let query = q.selectFrom('campaigns').selectAll();
      if (page.keyId !== undefined) query = query.where('key_id', '=', page.keyId);
      if (page.before !== undefined) query = query.where('id', '<', page.before);
      return (await query.orderBy('id', 'desc').limit(page.limit).execute()).map(toCampaign);
    },
  };
}

function createWork({ q }: StoreContext) {
  return {
    /** The campaign with its recipients; false, and nothing written, when its idempotency key is taken. */
    async insert(campaign: CampaignInsert, recipients: CampaignRecipient[]): Promise<boolean> {
      const written = await q
        .insertInto('campaigns')
        .values(toColumns(campaign))
        .onConflict((conflict) => conflict.columns(['key_id', 'idempotency_key']).doNothing())
        .returning('id')
        .executeTakeFirst();
      if (!written) return false;
      for (let start = 0; start < recipients.length; start += CHUNK) {
        const rows = recipients.slice(start, start + CHUNK).map(({ row, to, variables, refusal }) => ({
          campaign_id: campaign.id,
          n: row,
          recipient: to,
          variables: JSON.stringify(variables),
          error_code: refusal?.code ?? null,
          error_message: refusal?.message ?? null,
        }));
        await q.insertInto('campaign_recipients').values(rows).execute();
      }
      return true;
    },

    /** Campaigns whose recipients have not all been looked at, oldest first. */
    async toCreate(): Promise<Campaign[]> {
      const rows = await q
        .selectFrom('campaigns')
        .selectAll()
        .where('state', '=', 'running')
        .whereRef('next_row', '<', 'total')
        .orderBy('id')
        .execute();
      return rows.map(toCampaign);
    },

    /** Ids of campaigns that are paused, or whose messages have yet to be cancelled. */
    async unsettled(): Promise<{ paused: string[]; canceling: string[] }> {
      const rows = await q
        .selectFrom('campaigns')
        .select(['id', 'state'])
        .where((where) => where.or([where('state', '=', 'paused'), where('canceling', '=', 1)]))
        .execute();
      const ids = (state: string): string[] => rows.filter((row) => row.state === state).map(({ id }) => id);
      return { paused: ids('paused'), canceling: ids('canceled') };
    },

    async setState(id: string, state: CampaignState): Promise<void> {
      const canceling = state === 'canceled' ? 1 : 0;
      await q.updateTable('campaigns').set({ state, canceling }).where('id', '=', id).execute();
    },

    async canceled(id: string): Promise<void> {
      await q.updateTable('campaigns').set({ canceling: 0 }).where('id', '=', id).execute();
    },
  };
}

function createRows({ q }: StoreContext) {
  const inOrder = (id: string, limit: number) =>
    q.selectFrom('campaign_recipients').selectAll().where('campaign_id', '=', id).orderBy('n').limit(limit);

  return {
    async recipients(id: string, from: number, limit: number): Promise<CampaignRecipient[]> {
      return (await inOrder(id, limit).where('n', '>=', from).execute()).map(toRecipient);
    },

    /** Recipients that get nothing, in their order. */
    async refused(id: string, limit: number): Promise<CampaignRecipient[]> {
      return (await inOrder(id, limit).where('error_code', 'is not', null).execute()).map(toRecipient);
    },

    /** Writes what a recipient came to. */
    async record(id: string, row: number, verdict: CampaignVerdict): Promise<void> {
      const set =
        'messageId' in verdict
          ? { message_id: verdict.messageId }
          : { error_code: verdict.refusal.code, error_message: verdict.refusal.message };
      await q
        .updateTable('campaign_recipients')
        .set(set)
        .where('campaign_id', '=', id)
        .where('n', '=', row)
        .execute();
    },

    async advance(id: string, nextRow: number): Promise<void> {
      await q.updateTable('campaigns').set({ next_row: nextRow }).where('id', '=', id).execute();
    },
  };
}

export const createCampaignsStore = (context: StoreContext) => ({
  ...createReading(context),
  ...createWork(context),
  ...createRows(context),
  ...createCampaignMessages(context),
});
