import { eventually } from '../../support/eventually.js';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhookReceiver.js';
import { ADMIN, HOUR, MINUTE, openBed, seqOf, type Bed } from './bed.js';

let bed: Bed;
let receiver: WebhookReceiver;

beforeEach(async () => {
  bed = await openBed();
  receiver = await startWebhookReceiver();
});

afterEach(async () => {
  await receiver.close();
  await bed.close();
});

test('410 disables the webhook; enabled again, it goes on where it stopped', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next({ status: 410 });
  await bed.startDispatcher();
  await bed.publish();
  await bed.tried(webhook.id, 1);
  expect(await bed.webhooks.get(ADMIN, webhook.id)).toMatchObject({
    state: 'disabled',
    stateReason: 'The receiver answered 410 Gone.',
  });
  await bed.publish();
  bed.advance(HOUR);
  expect(await bed.deliveriesOf(webhook.id)).toHaveLength(1);
  expect(receiver.requests).toHaveLength(1);
  const again = await bed.create(receiver.url);
  expect(again).toMatchObject({
    created: false,
    secret: null,
    webhook: { id: webhook.id, state: 'enabled' },
  });
  await bed.delivered(webhook.id, 1);
  await bed.publish();
  await bed.delivered(webhook.id, 2);
  expect(receiver.requests.map(seqOf)).toEqual([1, 1, 3]);
});

/** Moves the time from probe to probe until the condition holds. */
async function probeUntil(webhookId: string, isReached: () => Promise<boolean>): Promise<void> {
  for (let probes = 0; probes < 2_000; probes += 1) {
    if (await isReached()) return;
    const attempts = receiver.requests.length;
    const next = (await bed.store.deliveryLanes.nextAttempts(webhookId)).get('main') ?? bed.clock.now();
    bed.advance(Math.max(0, next - bed.clock.now()));
    await receiver.waitFor(attempts + 1);
    await eventually('the probe to be settled', async () => {
      const lane = await bed.store.deliveryLanes.nextAttempts(webhookId);
      return lane.get('main') !== next;
    });
  }
  throw new Error('never reached');
}

test('a receiver that is down for an hour is paused, probed, and gets everything in order', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.always({ status: 502 });
  await bed.startDispatcher();
  for (let n = 0; n < 10; n += 1) await bed.publish();
  await bed.tried(webhook.id, 1);
  const downAt = bed.clock.now();
  await probeUntil(webhook.id, () => Promise.resolve(bed.clock.now() - downAt >= HOUR));
  const paused = await bed.webhooks.get(ADMIN, webhook.id);
  expect(paused).toMatchObject({ state: 'paused', failingSince: downAt });
  expect(paused.stateReason).toContain('The receiver answered 502.');
  expect(receiver.requests.length).toBeLessThan(25);
  expect(new Set(receiver.requests.map(seqOf))).toEqual(new Set([1]));

  receiver.always({ status: 200 });
  const probes = receiver.requests.length;
  const next = (await bed.store.deliveryLanes.nextAttempts(webhook.id)).get('main') ?? 0;
  expect(next - bed.clock.now()).toBeLessThanOrEqual(6 * MINUTE);
  bed.advance(next - bed.clock.now());
  await bed.delivered(webhook.id, 10);
  expect(receiver.requests.slice(probes).map(seqOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(await bed.webhooks.get(ADMIN, webhook.id)).toMatchObject({
    state: 'enabled',
    stateReason: null,
    failingSince: null,
  });
}, 60_000);

test('one success ends the waits of all lanes of a paused webhook', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.always({ status: 500 });
  await bed.startDispatcher();
  await bed.publish();
  await bed.publish({ sessionId: 'other' });
  await probeUntil(webhook.id, async () => (await bed.webhooks.get(ADMIN, webhook.id)).state === 'paused');
  await eventually('both lanes to wait', async () => {
    const lanes = await bed.store.deliveryLanes.nextAttempts(webhook.id);
    return [...lanes.values()].every((at) => at !== null && at > bed.clock.now());
  });
  receiver.always({ status: 200 });
  await bed.webhooks.test(ADMIN, webhook.id);
  await bed.delivered(webhook.id, 3);
});

test('after three days of failures all that waited as long is dead, can be listed and redelivered', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.always({ status: 500 });
  await bed.startDispatcher();
  for (let n = 0; n < 3; n += 1) await bed.publish();
  await bed.tried(webhook.id, 1);
  bed.advance(71 * HOUR);
  await bed.tried(webhook.id, 2);
  await bed.publish();
  bed.advance(HOUR);
  await bed.tried(webhook.id, 3);
  const dead = await bed.webhooks.deliveries(ADMIN, webhook.id, { state: 'dead', limit: 10 });
  expect(dead.data.map((one) => [one.seq, one.attemptCount])).toEqual([
    [3, 0],
    [2, 0],
    [1, 3],
  ]);
  const pending = await bed.webhooks.deliveries(ADMIN, webhook.id, { state: 'pending', limit: 10 });
  expect(pending.data.map((one) => one.seq)).toEqual([4]);

  receiver.always({ status: 200 });
  const again = await bed.webhooks.redeliver(ADMIN, dead.data[1]?.id ?? '');
  expect(again).toMatchObject({ state: 'pending', seq: 2 });
  await bed.delivered(webhook.id, 2);
  expect(receiver.requests.slice(-2).map(seqOf)).toEqual([2, 4]);
});
