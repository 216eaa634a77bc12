/**
 * Reading campaigns: lists, counts, when one will be through, and the report. Used by campaigns; changes nothing.
 */
import type { Campaign, CampaignRecipient } from '../domain/campaign.js';
import type { OutboxDeps } from './ports.js';
import type { Campaigns, Outbox, ReportRow } from './types.js';

type Reading = Pick<Campaigns, 'list' | 'describe' | 'refused' | 'report'>;

const REPORT_PAGE = 500;

export function createCampaignReading({
  store,
  describe,
}: Pick<OutboxDeps, 'store'> & Pick<Outbox, 'describe'>): Reading {
  async function* report(id: string): AsyncGenerator<ReportRow[]> {
    let from = 0;
    for (;;) {
      const recipients = await store.campaigns.recipients(id, from, REPORT_PAGE);
      if (recipients.length === 0) return;
      yield await toReport(recipients);
      from = (recipients.at(-1)?.row ?? from) + 1;
    }
  }

  async function toReport(recipients: CampaignRecipient[]): Promise<ReportRow[]> {
    const ids = recipients.flatMap(({ messageId }) => (messageId === null ? [] : [messageId]));
    const messages = new Map((await store.campaigns.messagesOf(ids)).map((message) => [message.id, message]));
    return recipients.map((recipient) => ({
      recipient,
      message: messages.get(recipient.messageId ?? '') ?? null,
    }));
  }

  async function estimatedEndAt(campaign: Campaign): Promise<number | null> {
    if (campaign.state !== 'running' || campaign.nextRow < campaign.total) return null;
    const last = await store.campaigns.lastWaiting(campaign.id);
    const looks = await Promise.all(last.map((message) => describe(message)));
    if (looks.length === 0 || looks.some((look) => look.estimatedSendAt === null)) return null;
    return Math.max(...looks.map((look) => look.estimatedSendAt ?? 0));
  }

  return {
    report,
    async list({ keyId, cursor, limit }) {
      const found = await store.campaigns.list({
        ...(keyId !== undefined && { keyId }),
        ...(cursor !== undefined && { before: cursor }),
        limit: limit + 1,
      });
      const data = found.slice(0, limit);
      return { data, nextCursor: found.length > limit ? (data.at(-1)?.id ?? null) : null };
    },
    async describe(campaign) {
      const counts = await store.campaigns.counts(campaign.id);
      return { counts, estimatedEndAt: await estimatedEndAt(campaign) };
    },
    refused: (id, limit) => store.campaigns.refused(id, limit),
  };
}
