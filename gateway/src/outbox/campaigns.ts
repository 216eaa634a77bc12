/**
 * Campaigns as http/ sees them: made durably in one transaction, read with their counts, paused, resumed and cancelled.
 * Their messages are made by campaignLoop.
 */
import { isCompleted, type Campaign, type CampaignState } from '../domain/campaign.js';
import { gatewayError } from '../domain/error.js';
import { createCampaignLoop } from './campaignLoop.js';
import { createCampaignMaking } from './campaignMaking.js';
import { createCampaignReading } from './campaignReading.js';
import type { OutboxDeps } from './ports.js';
import type { Campaigns, Outbox } from './types.js';

type CampaignsDeps = OutboxDeps & Pick<Outbox, 'enqueueMany' | 'cancel' | 'describe'>;

/** Campaigns with the life of the loop that makes their messages. */
export interface RunningCampaigns extends Campaigns {
  start: () => void;
  stop: () => Promise<void>;
}

export function createCampaigns(deps: CampaignsDeps): RunningCampaigns {
  const { store, clock, bell } = deps;
  const create = createCampaignMaking(deps);
  let loop: ReturnType<typeof createCampaignLoop> | null = null;

  async function get(id: string): Promise<Campaign> {
    const campaign = await store.campaigns.find(id);
    if (!campaign) throw gatewayError('campaign_not_found', `There is no campaign ${id}.`);
    return campaign;
  }

  /** Changes the state, and what waits with it, in one transaction. */
  async function change(id: string, from: CampaignState[], to: CampaignState): Promise<Campaign> {
    await get(id);
    const changed = await store.transaction(async (tx) => {
      const campaign = await tx.campaigns.lock(id);
      if (campaign?.state === to) return campaign;
      if (!campaign || !from.includes(campaign.state)) {
        throw gatewayError('invalid_state', `The campaign is ${campaign?.state ?? 'gone'}.`);
      }
      if (isCompleted(campaign, await tx.campaigns.counts(id)))
        throw gatewayError('invalid_state', 'The campaign is completed.');
      await tx.campaigns.setState(id, to);
      if (to === 'paused') await tx.campaigns.pauseMessages(id);
      if (to === 'running') await tx.campaigns.resumeMessages(id, campaign.sendAt, clock.now());
      return { ...campaign, state: to };
    });
    for (const sessionId of changed.sessionIds) bell.ring(`outbox:${sessionId}`);
    loop?.wake();
    return changed;
  }

  return {
    create: async (caller, given, idempotency) => {
      const made = await create(caller, given, idempotency);
      loop?.wake();
      return made;
    },
    get,
    ...createCampaignReading(deps),
    pause: (id) => change(id, ['running'], 'paused'),
    resume: (id) => change(id, ['paused'], 'running'),
    cancel: (id) => change(id, ['running', 'paused'], 'canceled'),
    start: () => {
      loop ??= createCampaignLoop(deps);
    },
    stop: async () => {
      await loop?.stop();
    },
  };
}
