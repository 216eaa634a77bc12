/**
 * Webhooks, deliveries and lanes on both engines: the whole way of events to a receiver, and what several processes on
 * one database may not do to each other.
 */
import { describeOnEachEngine, useEngine } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhookReceiver.js';
import { ADMIN, openBed, SECOND, seqOf, sessionOf, type Bed } from '../unit/webhooks/bed.js';

let receiver: WebhookReceiver;
let bed: Bed;

beforeEach(async () => {
  receiver = await startWebhookReceiver();
});

afterEach(async () => {
  await receiver.close();
  await bed.close();
});

/** Each session's numbers as they came. */
function received(): Map<string, number[]> {
  const bySession = new Map<string, number[]>();
  for (const request of receiver.requests) {
    const sessionId = sessionOf(request);
    bySession.set(sessionId, [...(bySession.get(sessionId) ?? []), seqOf(request)]);
  }
  return bySession;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

describeOnEachEngine('deliveries', ({ open }) => {
  beforeEach(async () => {
    bed = await openBed(await open());
  });

  test('a webhook is stored as it was given, and its secrets come back', async () => {
    const { webhook, secret } = await bed.create('https://example.com/', {
      events: ['message.received'],
      sessionIds: ['a'],
      filter: { textMatches: '^hi' },
      headers: { 'x-a': 'ö' },
      description: 'one',
    });
    expect(await bed.store.webhooks.find(webhook.id)).toEqual(webhook);
    expect(webhook).toMatchObject({
      filter: { textMatches: '^hi' },
      headers: { 'x-a': 'ö' },
      state: 'enabled',
    });
    const rotated = await bed.webhooks.rotateSecret(ADMIN, webhook.id);
    expect(await bed.store.webhooks.secrets(webhook.id)).toEqual({
      current: rotated.secret,
      previous: { secret, expiresAt: rotated.previousSecretExpiresAt },
    });
  });

  test('an event is delivered, tried again, replayed and listed', async () => {
    const { webhook } = await bed.create(receiver.url);
    receiver.next({ status: 500, body: 'a\u0000b' });
    await bed.startDispatcher();
    await bed.publish({ data: { text: 'a\u0000b' } });
    await bed.publish();
    const failed = await bed.tried(webhook.id, 1);
    expect(failed).toMatchObject({ attempts: [{ status: 500, response: 'a\ufffdb' }] });
    bed.advance(SECOND);
    await bed.delivered(webhook.id, 2);
    expect(await bed.webhooks.replay(ADMIN, webhook.id, { since: 0 })).toEqual({ queued: 2 });
    await receiver.waitFor(5);
    expect(receiver.requests.map(seqOf)).toEqual([1, 1, 2, 1, 2]);
    const listed = await bed.events.list(ADMIN, { types: ['message.received'], limit: 1, waitMs: 0 });
    const next = { types: [], limit: 5, waitMs: 0, cursor: listed.nextCursor ?? '' };
    expect((await bed.events.list(ADMIN, next)).data.map(({ seq }) => seq)).toEqual([2]);
    await bed.delivered(webhook.id, 2);
    await bed.webhooks.remove(ADMIN, webhook.id);
    expect(await bed.db.selectFrom('delivery_attempts').selectAll().execute()).toEqual([]);
  });

  test('one lane can be claimed once at a time', async () => {
    const { webhook } = await bed.create(receiver.url);
    await bed.publish();
    const now = bed.clock.now();
    const claim = (token: string) => ({ webhookId: webhook.id, sessionId: 'main', token });
    const claims = upTo(8).map((n) => bed.store.deliveryLanes.claim(claim(String(n)), now, now + SECOND));
    expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1);
    expect(await bed.store.deliveryLanes.due({ now, limit: 10, exceptWebhookIds: [] })).toEqual([]);
    expect(await bed.store.deliveryLanes.claim(claim('later'), now + SECOND, now + 2 * SECOND)).toBe(true);
  });
});

describe('several processes on Postgres', () => {
  const { open } = useEngine('postgres');

  test('deliver every event once and in order while others publish', async () => {
    const first = await open();
    const second = await first.openAgain();
    bed = await openBed(first);
    const { webhook } = await bed.create(receiver.url);
    await bed.create(`${receiver.url}2`, { events: ['message.sent'] });
    await bed.startDispatcher();
    await bed.startDispatcher(second.store);
    const sessions = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(
      sessions.map(async (sessionId) => {
        for (let n = 0; n < 20; n += 1) await bed.publish({ sessionId });
      }),
    );
    await eventually('all delivered', async () => {
      const { data } = await bed.webhooks.deliveries(ADMIN, webhook.id, { state: 'delivered', limit: 200 });
      return data.length === 100;
    });
    expect(receiver.requests).toHaveLength(100);
    for (const sessionId of sessions) expect(received().get(sessionId)).toEqual(upTo(20));
  });

  test('publishing while webhooks are removed and made fails for nobody', async () => {
    bed = await openBed(await open());
    const churn = async (): Promise<void> => {
      for (let n = 0; n < 20; n += 1) {
        const { webhook } = await bed.create(`${receiver.url}/${String(n)}`);
        await bed.webhooks.remove(ADMIN, webhook.id);
      }
    };
    const publish = async (sessionId: string): Promise<void> => {
      for (let n = 0; n < 20; n += 1) await bed.publish({ sessionId });
    };
    await bed.startDispatcher();
    await Promise.all([churn(), publish('a'), publish('b')]);
    expect(await bed.store.events.lastSeqs([])).toEqual(
      new Map([
        ['a', 20],
        ['b', 20],
      ]),
    );
  });
});
