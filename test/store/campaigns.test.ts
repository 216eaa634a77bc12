/**
 * Campaigns in the store: written once under their key, recipients page by page, their messages counted, paused and put
 * back.
 */
import type { Campaign, CampaignRecipient } from '../../gateway/src/domain/campaign.js';
import { describeOnEachEngine } from '../support/databases.js';
import { addSessions, messageOf, NOW } from './builders.js';

const CALLER = {
  keyId: 'key_1',
  name: 'k',
  role: 'admin' as const,
  mode: 'live' as const,
  sessionIds: [],
  expiresAt: null,
};
const campaignOf = (more: Partial<Campaign> = {}) => ({
  id: 'cmp_1',
  caller: CALLER,
  name: 'c',
  sessionIds: ['s1'],
  template: { content: { type: 'text', text: { body: 'Hi' } } },
  sendAt: null,
  state: 'running' as const,
  total: 3,
  nextRow: 0,
  createdAt: NOW,
  idempotency: { key: 'k1', bodyHash: 'h' },
  ...more,
});
const ROWS: CampaignRecipient[] = [
  { row: 0, to: '491', variables: { name: 'A' }, messageId: null, refusal: null },
  { row: 1, to: 'x', variables: {}, messageId: null, refusal: { code: 'recipient_invalid', message: 'No.' } },
  { row: 2, to: '493', variables: {}, messageId: null, refusal: null },
];

describeOnEachEngine('campaigns', ({ open }) => {
  it('are written once under their key, with their recipients', async () => {
    const { store } = await open();
    expect(await store.campaigns.insert(campaignOf(), ROWS)).toBe(true);
    expect(await store.campaigns.insert(campaignOf({ id: 'cmp_2' }), ROWS)).toBe(false);
    const campaign: Partial<ReturnType<typeof campaignOf>> = campaignOf();
    delete campaign.idempotency;
    expect(await store.campaigns.find('cmp_1')).toEqual(campaign);
    expect(await store.campaigns.findByKey('key_1', 'k1')).toEqual({ campaign, bodyHash: 'h' });
    expect(await store.campaigns.findByKey('key_2', 'k1')).toBeNull();
    expect(await store.campaigns.recipients('cmp_1', 1, 10)).toEqual(ROWS.slice(1));
    expect(await store.campaigns.refused('cmp_1', 10)).toEqual([ROWS[1]]);
    expect(await store.campaigns.list({ keyId: 'key_2', limit: 9 })).toEqual([]);
    expect(await store.campaigns.list({ before: 'cmp_2', limit: 9 })).toEqual([campaign]);
  });

  it('say what is still to be made, and keep what recipients came to', async () => {
    const { store } = await open();
    await store.campaigns.insert(campaignOf(), ROWS);
    expect((await store.campaigns.toCreate()).map(({ id }) => id)).toEqual(['cmp_1']);
    await store.transaction(async (tx) => {
      expect((await tx.campaigns.lock('cmp_1'))?.nextRow).toBe(0);
      await tx.campaigns.record('cmp_1', 0, { messageId: 'msg_a' });
      await tx.campaigns.record('cmp_1', 2, { refusal: { code: 'c', message: 'm' } });
      await tx.campaigns.advance('cmp_1', 3);
    });
    expect(await store.campaigns.toCreate()).toEqual([]);
    const rows = await store.campaigns.recipients('cmp_1', 0, 10);
    expect(rows.map(({ messageId, refusal }) => messageId ?? refusal?.code)).toEqual([
      'msg_a',
      'recipient_invalid',
      'c',
    ]);
  });

  it('count their messages, take them out of line while paused, and put them back', async () => {
    const { store } = await open();
    await addSessions(store, 's1');
    await store.campaigns.insert(campaignOf(), ROWS);
    const own = messageOf({ campaignId: 'cmp_1' });
    const error = { code: 'recipient_not_on_whatsapp', message: 'm', retryable: false };
    await store.messages.insert(own);
    await store.messages.insert(messageOf({ campaignId: 'cmp_1', status: 'failed', error }));
    await store.messages.insert(messageOf());
    const lane = { sessionId: 's1', test: false };
    expect(await store.campaigns.counts('cmp_1')).toEqual({
      byStatus: { queued: 1, failed: 1, rejected: 1 },
      byFailure: { recipient_not_on_whatsapp: 1, recipient_invalid: 1 },
    });
    expect((await store.campaigns.lastWaiting('cmp_1')).map(({ id }) => id)).toEqual([own.id]);
    await store.campaigns.setState('cmp_1', 'paused');
    await store.campaigns.pauseMessages('cmp_1');
    expect(await store.campaigns.unsettled()).toEqual({ paused: ['cmp_1'], canceling: [] });
    expect((await store.messages.candidate(lane))?.message.campaignId).toBeNull();
    expect(await store.messages.find(own.id)).toMatchObject({
      status: 'scheduled',
      sendAt: null,
      hold: { code: 'campaign_paused', until: null },
    });
    expect((await store.messages.nextTimes('s1')).due).toBeNull();
    await store.campaigns.resumeMessages('cmp_1', null, NOW);
    expect((await store.messages.candidate(lane))?.message.id).toBe(own.id);
    await store.campaigns.pauseMessages('cmp_1');
    await store.campaigns.resumeMessages('cmp_1', NOW + 1_000, NOW);
    expect(await store.messages.find(own.id)).toMatchObject({
      status: 'scheduled',
      sendAt: NOW + 1_000,
      hold: null,
    });
    await store.campaigns.setState('cmp_1', 'canceled');
    expect(await store.campaigns.unsettled()).toEqual({ paused: [], canceling: ['cmp_1'] });
    expect(await store.campaigns.cancelable('cmp_1', 9)).toEqual([own.id]);
    await store.campaigns.canceled('cmp_1');
    expect(await store.campaigns.unsettled()).toEqual({ paused: [], canceling: [] });
  });
});
