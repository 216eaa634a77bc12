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

const laneNext = async (webhookId: string): Promise<number | null | undefined> =>
  (await bed.store.deliveryLanes.nextAttempts(webhookId)).get('main');

/** Moves the time to the lane's next try, so often, each settled before the next. */
async function tryAgain(webhookId: string, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    const at = await eventually('the lane to wait', async () => {
      const next = await laneNext(webhookId);
      return next && next > bed.clock.now() ? next : null;
    });
    bed.advance(at - bed.clock.now());
    await eventually('the try to be settled', async () => (await laneNext(webhookId)) !== at);
  }
}

describe('an event that the receiver refuses', () => {
  test('is put aside when the receiver takes the one behind it, and can be redelivered', async () => {
    const { webhook } = await bed.create(receiver.url);
    receiver.always((request) => ({ status: seqOf(request) === 2 ? 422 : 200 }));
    await bed.startDispatcher();
    for (let n = 0; n < 4; n += 1) await bed.publish();
    await tryAgain(webhook.id, 5);
    await bed.delivered(webhook.id, 3);
    expect(receiver.requests.map(seqOf)).toEqual([1, 2, 2, 2, 2, 2, 2, 3, 2, 4]);
    const { data: dead } = await bed.webhooks.deliveries(ADMIN, webhook.id, { state: 'dead', limit: 10 });
    expect(dead).toMatchObject([{ seq: 2, attemptCount: 7 }]);
    receiver.always({ status: 200 });
    await bed.webhooks.redeliver(ADMIN, dead[0]?.id ?? '');
    await bed.delivered(webhook.id, 4);
  });

  test('is not put aside by a receiver that refuses all of them for a while', async () => {
    const { webhook } = await bed.create(receiver.url);
    receiver.always({ status: 404 });
    await bed.startDispatcher();
    for (let n = 0; n < 3; n += 1) await bed.publish();
    await tryAgain(webhook.id, 8);
    const failed = receiver.requests.length;
    expect(new Set(receiver.requests.map(seqOf))).toEqual(new Set([1, 2]));
    receiver.always({ status: 200 });
    await tryAgain(webhook.id, 1);
    await bed.delivered(webhook.id, 3);
    expect(receiver.requests.slice(failed).map(seqOf)).toEqual([1, 2, 3]);
  });

  test('is delivered after all when the receiver comes back between the two', async () => {
    const { webhook } = await bed.create(receiver.url);
    let refusals = 0;
    receiver.always(() => ({ status: (refusals += 1) <= 6 ? 404 : 200 }));
    await bed.startDispatcher();
    for (let n = 0; n < 3; n += 1) await bed.publish();
    await tryAgain(webhook.id, 5);
    await bed.delivered(webhook.id, 3);
    expect(receiver.requests.slice(6).map(seqOf)).toEqual([2, 1, 3]);
  });

  test('with a status that speaks of the receiver holds its lane', async () => {
    const { webhook } = await bed.create(receiver.url);
    receiver.always((request) => ({ status: seqOf(request) === 1 ? 500 : 200 }));
    await bed.startDispatcher();
    for (let n = 0; n < 2; n += 1) await bed.publish();
    await tryAgain(webhook.id, 10);
    expect(new Set(receiver.requests.map(seqOf))).toEqual(new Set([1]));
  });
});

test('a receiver that is down for an hour, then slow, then answers 500 to every third call gets all in order, one at a time', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.always('close');
  await bed.startDispatcher();
  const COUNT = 60;
  for (let n = 0; n < COUNT; n += 1) await bed.publish();
  await bed.tried(webhook.id, 1);
  const downAt = bed.clock.now();
  await probeUntil(webhook.id, () => Promise.resolve(bed.clock.now() - downAt >= HOUR));
  const failed = receiver.requests.length;

  let calls = 0;
  const taken: number[] = [];
  receiver.always(async (request) => {
    calls += 1;
    if (calls <= 20) await new Promise((resolve) => setTimeout(resolve, 10));
    if (calls > 20 && calls % 3 === 0) return { status: 500 };
    taken.push(seqOf(request));
    return { status: 200 };
  });
  const isDone = async (): Promise<boolean> => {
    const { data } = await bed.webhooks.deliveries(ADMIN, webhook.id, { state: 'pending', limit: 1 });
    return data.length === 0;
  };
  await eventually('all of it to be delivered', async () => {
    if (await isDone()) return true;
    const next = (await bed.store.deliveryLanes.nextAttempts(webhook.id)).get('main');
    if (next) bed.advance(Math.max(0, next - bed.clock.now()));
    return false;
  });
  expect(taken).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
  expect(receiver.mostAtOnce()).toBe(1);
  expect(new Set(receiver.requests.slice(0, failed).map(seqOf))).toEqual(new Set([1]));
}, 60_000);
