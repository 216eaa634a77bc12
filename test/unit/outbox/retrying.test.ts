/**
 * A message that is put back into the queue by hand, and what a paused or cancelled campaign means for one that comes back by
 * itself.
 */
import type { Campaign, CampaignState } from '../../../gateway/src/domain/campaign.js';
import type { SendOutcome } from '../../../gateway/src/domain/message.js';
import { eventually } from '../../support/eventually.js';
import { LIVE, openBed, SECOND, text, type Bed } from './bed.js';

const REJECTED: SendOutcome = { kind: 'rejected', code: 'not_allowed', message: 'No.', retryable: false };
const UNKNOWN: SendOutcome = { kind: 'unknown', reason: 'no_acknowledgement' };
const HOUR = 3_600 * SECOND;

let bed: Bed;

beforeEach(async () => {
  bed = await openBed();
});
afterEach(() => bed.close());

const eventsOf = (id: string) =>
  bed.events.filter(({ data }) => data.messageId === id).map(({ type }) => type);

test('one that failed goes again under the same WhatsApp id, and tells of its second failure too', async () => {
  bed.sender.next(REJECTED, REJECTED);
  const message = await bed.post();
  bed.outbox.own(bed.fence);
  await bed.reaches(message, 'failed');
  expect(await bed.outbox.retry(message.id)).toMatchObject({ status: 'queued', error: null, attempts: 0 });
  await bed.reaches(message, 'failed');
  await bed.outbox.retry(message.id);
  const sent = await bed.reaches(message, 'sent');
  expect(new Set(bed.sender.sent.map(({ waId }) => waId)).size).toBe(1);
  const lives = ['queued', 'sending', 'failed', 'queued', 'sending', 'failed', 'queued', 'sending', 'sent'];
  expect(sent.timeline.map(({ status }) => status)).toEqual(lives);
  const told = ['queued', 'failed', 'queued', 'failed', 'queued', 'sent'];
  expect(eventsOf(message.id)).toEqual(told.map((name) => `message.${name}`));
});

test('one that has expired is sent when it is retried', async () => {
  const message = await bed.post({ expiresAt: bed.clock.now() + SECOND });
  bed.clock.advance(2 * SECOND);
  bed.outbox.own(bed.fence);
  const expired = await bed.reaches(message, 'expired');
  expect(expired.error?.message).toMatch(
    /^The message was not sent before the time in its expiresAt\. Retry it/,
  );
  expect(await bed.outbox.retry(message.id)).toMatchObject({ status: 'queued', expiresAt: null });
  await bed.reaches(message, 'sent');
});

test('one that was cancelled before its time waits for its time again', async () => {
  const sendAt = bed.clock.now() + HOUR;
  const message = await bed.post({ sendAt });
  bed.outbox.own(bed.fence);
  await bed.outbox.cancel(message.id);
  expect(await bed.outbox.retry(message.id)).toMatchObject({ status: 'scheduled', sendAt });
  const other = await bed.post(text('other'));
  await bed.reaches(other, 'sent');
  expect(bed.texts()).toEqual(['other']);
  bed.clock.advance(HOUR);
  await bed.reaches(message, 'sent');
});

describe('of a campaign', () => {
  const campaign: Campaign = {
    id: 'cmp_1',
    caller: LIVE,
    name: 'c',
    sessionIds: ['s1'],
    template: {},
    sendAt: null,
    state: 'running',
    total: 0,
    nextRow: 0,
    createdAt: 0,
  };
  const post = async () => {
    await bed.store.campaigns.insert({ ...campaign, idempotency: null }, []);
    return bed.post({ campaignId: campaign.id });
  };
  /** What is asked of it while its message is on its way, whose outcome comes afterwards. */
  async function askWhileSending(verb: 'pause' | 'cancel', outcome: SendOutcome) {
    bed.sender.next(outcome);
    const release = bed.sender.hold();
    const message = await post();
    bed.outbox.own(bed.fence);
    await bed.reaches(message, 'sending');
    await eventually('handed over', () => bed.sender.sent.length === 1);
    await bed.outbox.campaigns[verb](campaign.id);
    release();
    return message;
  }

  test.each<[string, SendOutcome]>([
    ['without an answer', UNKNOWN],
    ['into a link that was lost', { kind: 'unknown', reason: 'disconnected' }],
  ])(
    'that is paused, a message that was sent %s is not tried again until it is resumed',
    async (_, outcome) => {
      const message = await askWhileSending('pause', outcome);
      const held = await bed.reaches(message, 'scheduled');
      expect(held.hold).toMatchObject({ code: 'campaign_paused' });
      // Longer than any wait between two tries.
      bed.clock.advance(HOUR);
      await bed.reaches(await bed.post(text('other')), 'sent');
      expect(bed.texts()).toEqual(['Hello', 'other']);
      await bed.outbox.campaigns.resume(campaign.id);
      await bed.reaches(message, 'sent');
    },
  );

  test('that is paused, a message that is retried by hand is held at once', async () => {
    const message = await askWhileSending('pause', REJECTED);
    await bed.reaches(message, 'failed');
    expect(await bed.outbox.retry(message.id)).toMatchObject({
      status: 'scheduled',
      hold: { code: 'campaign_paused' },
    });
    await bed.outbox.campaigns.resume(campaign.id);
    await bed.reaches(message, 'sent');
  });

  test('that is cancelled, a message without an answer ends, and none is retried', async () => {
    const message = await askWhileSending('cancel', UNKNOWN);
    const failed = await bed.reaches(message, 'failed');
    expect(failed.error).toMatchObject({ code: 'no_acknowledgement' });
    await expect(bed.outbox.retry(message.id)).rejects.toMatchObject({ code: 'invalid_state' });
    expect(bed.sender.sent).toHaveLength(1);
  });

  test('that is cancelled, a message that met a lost link is cancelled with it', async () => {
    const message = await askWhileSending('cancel', { kind: 'unknown', reason: 'disconnected' });
    expect((await bed.reaches(message, 'canceled')).error).toBeNull();
  });

  test.each<CampaignState>(['running', 'paused', 'canceled'])(
    '%s: what was accepted is sent',
    async (state) => {
      const message = await askWhileSending('pause', { kind: 'accepted' });
      await bed.store.campaigns.setState(campaign.id, state);
      await bed.reaches(message, 'sent');
    },
  );
});
