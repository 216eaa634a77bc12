/**
 * An in-memory stand-in for campaigns, for the tests of the HTTP side: it keeps what it was given and makes no messages.
 */
import type { Campaign } from '../../../gateway/src/domain/campaign.js';
import { gatewayError } from '../../../gateway/src/domain/error.js';
import { newId } from '../../../gateway/src/lib/ids.js';
import type { Campaigns } from '../../../gateway/src/outbox/types.js';

export function fakeCampaigns(): Campaigns {
  const rows = new Map<string, Campaign>();
  const found = (id: string): Campaign => {
    const row = rows.get(id);
    if (!row) throw gatewayError('campaign_not_found');
    return row;
  };
  const change = (state: Campaign['state']) => async (id: string) => {
    const row = { ...found(id), state };
    rows.set(id, row);
    return Promise.resolve(row);
  };
  return {
    create: (caller, { name, sessionIds, recipients, sendAt, template }) => {
      const campaign: Campaign = {
        id: newId('cmp'),
        caller,
        name,
        sessionIds,
        template,
        sendAt: sendAt ?? null,
        state: 'running',
        total: recipients.length,
        nextRow: 0,
        createdAt: 5_000,
      };
      rows.set(campaign.id, campaign);
      return Promise.resolve({ campaign, replayed: false });
    },
    get: (id) => Promise.resolve().then(() => found(id)),
    list: () => Promise.resolve({ data: [...rows.values()], nextCursor: null }),
    describe: () =>
      Promise.resolve({ counts: { byStatus: { queued: 1 }, byFailure: {} }, estimatedEndAt: 10_000 }),
    refused: () => Promise.resolve([]),
    pause: change('paused'),
    resume: change('running'),
    cancel: change('canceled'),
    async *report() {
      yield await Promise.resolve([]);
    },
  };
}
