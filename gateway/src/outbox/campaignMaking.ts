/**
 * Making a campaign: its sessions and recipients checked, its file fetched, all of it stored in one transaction under
 * its idempotency key. Used by campaigns.
 */
import { covers, type Caller } from '../domain/apiKey.js';
import type { Campaign } from '../domain/campaign.js';
import { gatewayError } from '../domain/error.js';
import { newId } from '../lib/ids.js';
import { toRecipients } from './campaignRows.js';
import type { OutboxDeps } from './ports.js';
import type { Campaigns, Idempotency, NewCampaign } from './types.js';

export function createCampaignMaking({
  store,
  clock,
}: Pick<OutboxDeps, 'store' | 'clock'>): Campaigns['create'] {
  async function replay(caller: Caller, { key, bodyHash }: Idempotency) {
    const known = await store.campaigns.findByKey(caller.keyId, key);
    if (!known) return null;
    if (known.bodyHash !== bodyHash) throw gatewayError('idempotency_key_reused');
    return { campaign: known.campaign, replayed: true };
  }

  async function checkSessions(caller: Caller, sessionIds: string[]): Promise<void> {
    for (const id of sessionIds) {
      if (!covers(caller, id)) throw gatewayError('forbidden', `This key does not cover session ${id}.`);
      if (!(await store.sessions.find(id)))
        throw gatewayError('session_not_found', `There is no session ${id}.`);
    }
  }

  return async function create(caller: Caller, given: NewCampaign, idempotency: Idempotency | null) {
    const known = idempotency && (await replay(caller, idempotency));
    if (known) return known;
    await checkSessions(caller, given.sessionIds);
    const { content: source, ...options } = given.template;
    const content = source.type === 'file' ? await source.fetch() : source;
    const recipients = toRecipients(content, given.recipients);
    const campaign: Campaign = {
      id: newId('cmp'),
      caller,
      name: given.name,
      sessionIds: given.sessionIds,
      template: { content, ...options },
      sendAt: given.sendAt ?? null,
      state: 'running',
      total: recipients.length,
      nextRow: 0,
      createdAt: clock.now(),
    };
    const written = await store.transaction((tx) =>
      tx.campaigns.insert({ ...campaign, idempotency }, recipients),
    );
    if (!written) {
      if (source.type === 'file') await source.drop();
      const winner = idempotency && (await replay(caller, idempotency));
      if (winner) return winner;
    }
    return { campaign, replayed: false };
  };
}
