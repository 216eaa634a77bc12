import { createHmac } from 'node:crypto';
import { startWebhookReceiver, type Received, type WebhookReceiver } from '../../support/webhookReceiver.js';
import { eventually } from '../../support/eventually.js';
import { ADMIN, openBed, type Bed } from './bed.js';

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

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const seqOf = (request: Received): number => (JSON.parse(request.body) as { seq: number }).seq;
const sessionOf = (request: Received): string =>
  (JSON.parse(request.body) as { sessionId: string }).sessionId;

const deliveriesOf = async (webhookId: string) =>
  (await bed.webhooks.deliveries(ADMIN, webhookId, { limit: 100 })).data;

/** The newest delivery once it has been tried so often. */
const tried = (webhookId: string, times: number) =>
  eventually(`${String(times)} attempts`, async () =>
    (await deliveriesOf(webhookId)).find((one) => one.attemptCount === times),
  );

const delivered = (webhookId: string, count: number) =>
  eventually(`${String(count)} delivered`, async () => {
    const done = (await deliveriesOf(webhookId)).filter((one) => one.state === 'delivered');
    return done.length === count ? done : null;
  });

test('posts the envelope, signed, with the headers of its owner', async () => {
  const { secret, webhook } = await bed.create(receiver.url, {
    headers: { 'X-Token': 'abc', 'User-Agent': 'mine' },
  });
  await bed.startDispatcher();
  const event = await bed.publish({ data: { text: 'hällo \u0000 👋' } });
  const [request] = await receiver.waitFor(1);
  expect(request).toMatchObject({ method: 'POST', path: '/hook' });
  expect(JSON.parse(request?.body ?? '')).toEqual({
    id: event?.id,
    seq: 1,
    type: 'message.received',
    timestamp: new Date(bed.clock.now()).toISOString(),
    sessionId: 'main',
    data: { text: 'hällo \u0000 👋' },
  });
  const headers = request?.headers ?? {};
  const timestamp = String(bed.clock.now() / 1_000);
  const key = Buffer.from((secret ?? '').slice('whsec_'.length), 'base64');
  const content = `${event?.id ?? ''}.${timestamp}.${request?.body ?? ''}`;
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': 'mine',
    'x-token': 'abc',
    'webhook-id': event?.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${createHmac('sha256', key).update(content).digest('base64')}`,
  });
  const [delivery] = await delivered(webhook.id, 1);
  expect(delivery).toMatchObject({
    state: 'delivered',
    attemptCount: 1,
    nextAttemptAt: null,
    eventId: event?.id,
  });
  expect(delivery?.attempts).toMatchObject([{ attempt: 1, status: 200, error: null }]);
});

test('delivers each session in order and one at a time, sessions beside one another', async () => {
  const { webhook } = await bed.create(receiver.url);
  let waiting: (() => void)[] = [];
  receiver.always(async () => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return { status: 200 };
  });
  for (let n = 0; n < 5; n += 1) {
    await bed.publish({ sessionId: 'a' });
    await bed.publish({ sessionId: 'b' });
  }
  await bed.startDispatcher();
  for (let n = 1; n <= 5; n += 1) {
    const two = await eventually('both sessions in flight', () => (waiting.length === 2 ? waiting : null));
    expect(receiver.requests.length).toBe(2 * n);
    waiting = [];
    for (const answer of two) answer();
  }
  await delivered(webhook.id, 10);
  for (const session of ['a', 'b']) {
    const seqs = receiver.requests.filter((request) => sessionOf(request) === session).map(seqOf);
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
  }
});

test('a failing head holds its lane: the same webhook-id again, the others after it', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next({ status: 500, body: 'out of order' }, 'close');
  await bed.startDispatcher();
  await bed.publish();
  await bed.publish();
  await tried(webhook.id, 1);
  expect(receiver.requests.map(seqOf)).toEqual([1]);
  bed.advance(SECOND);
  const twice = await tried(webhook.id, 2);
  expect(twice.attempts).toMatchObject([
    { attempt: 1, status: 500, response: 'out of order', error: 'The receiver answered 500.' },
    {
      attempt: 2,
      status: null,
      response: null,
      error: expect.any(String) as string,
    },
  ]);
  expect(twice.nextAttemptAt).toBe(bed.clock.now() + 5 * SECOND);
  bed.advance(5 * SECOND);
  await delivered(webhook.id, 2);
  expect(receiver.requests.map(seqOf)).toEqual([1, 1, 1, 2]);
  const ids = receiver.requests.map((request) => request.headers['webhook-id']);
  expect(new Set(ids.slice(0, 3)).size).toBe(1);
});

test('a redirect is a failure and is not followed', async () => {
  const other = await startWebhookReceiver();
  const { webhook } = await bed.create(receiver.url);
  receiver.next({ status: 302, headers: { location: other.url } });
  await bed.startDispatcher();
  await bed.publish();
  const delivery = await tried(webhook.id, 1);
  expect(delivery.attempts[0]).toMatchObject({
    status: 302,
    error: expect.stringContaining('redirects') as string,
  });
  expect(other.requests).toEqual([]);
  await other.close();
});

test('gives up waiting after 20 seconds', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next('hang');
  await bed.startDispatcher();
  await bed.publish();
  await receiver.waitFor(1);
  bed.advance(19 * SECOND);
  expect((await deliveriesOf(webhook.id))[0]?.attemptCount).toBe(0);
  bed.advance(SECOND);
  const delivery = await tried(webhook.id, 1);
  expect(delivery.attempts[0]).toMatchObject({
    status: null,
    durationMs: 20 * SECOND,
    error: 'No answer within 20 seconds.',
  });
});

test('an answer whose body never ends counts by its status, and is let go after 20 seconds', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next('hangInBody');
  await bed.startDispatcher();
  await bed.publish();
  await receiver.waitFor(1);
  // Once for the headers' arrival, whenever that is: the limit counts from the start of the attempt.
  bed.advance(19 * SECOND);
  await eventually('the timer of the attempt alone', () => receiver.requests.length === 1);
  const delivery = await eventually('delivered', async () => {
    bed.advance(SECOND);
    return (await deliveriesOf(webhook.id)).find((one) => one.attemptCount > 0);
  });
  expect([
    { state: 'delivered', status: 200, response: 'beginning' },
    { state: 'pending', status: null, response: null },
  ]).toContainEqual({
    state: delivery.state,
    status: delivery.attempts[0]?.status,
    response: delivery.attempts[0]?.response,
  });
});

test('reads no more than the first bytes of an endless answer', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next('endless');
  await bed.startDispatcher();
  await bed.publish();
  const [delivery] = await delivered(webhook.id, 1);
  expect(delivery?.attempts[0]?.response).toBe('x'.repeat(1_024));
  const sent = await eventually('the connection to be closed', () => receiver.bytesSent());
  expect(sent).toBeLessThan(50 * 1024 * 1024);
});

test('records an answer that no text column would take', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next({ status: 200, body: 'a\u0000b' });
  await bed.startDispatcher();
  await bed.publish();
  const [delivery] = await delivered(webhook.id, 1);
  expect(delivery?.attempts[0]?.response).toBe('a\ufffdb');
});

test('honours Retry-After, up to an hour', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next(
    { status: 429, headers: { 'retry-after': '120' } },
    { status: 503, headers: { 'retry-after': '999999' } },
  );
  await bed.startDispatcher();
  await bed.publish();
  expect((await tried(webhook.id, 1)).nextAttemptAt).toBe(bed.clock.now() + 120 * SECOND);
  bed.advance(120 * SECOND);
  expect((await tried(webhook.id, 2)).nextAttemptAt).toBe(bed.clock.now() + HOUR);
});

test('410 disables the webhook; enabled again, it goes on where it stopped', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next({ status: 410 });
  await bed.startDispatcher();
  await bed.publish();
  await tried(webhook.id, 1);
  expect(await bed.webhooks.get(ADMIN, webhook.id)).toMatchObject({
    state: 'disabled',
    stateReason: 'The receiver answered 410 Gone.',
  });
  await bed.publish();
  bed.advance(HOUR);
  expect(await deliveriesOf(webhook.id)).toHaveLength(1);
  expect(receiver.requests).toHaveLength(1);
  const again = await bed.create(receiver.url);
  expect(again).toMatchObject({
    created: false,
    secret: null,
    webhook: { id: webhook.id, state: 'enabled' },
  });
  await delivered(webhook.id, 1);
  await bed.publish();
  await delivered(webhook.id, 2);
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
  await tried(webhook.id, 1);
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
  await delivered(webhook.id, 10);
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
  await delivered(webhook.id, 3);
});

test('after three days of failures all that waited as long is dead, can be listed and redelivered', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.always({ status: 500 });
  await bed.startDispatcher();
  for (let n = 0; n < 3; n += 1) await bed.publish();
  await tried(webhook.id, 1);
  bed.advance(71 * HOUR);
  await tried(webhook.id, 2);
  await bed.publish();
  bed.advance(HOUR);
  await tried(webhook.id, 3);
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
  await delivered(webhook.id, 2);
  expect(receiver.requests.slice(-2).map(seqOf)).toEqual([2, 4]);
});

test('a lane that another process has claimed is left alone until the claim ends', async () => {
  const { webhook } = await bed.create(receiver.url);
  await bed.startDispatcher();
  // As a process leaves it that dies between the POST and its commit.
  await bed.store.deliveryLanes.open([webhook.id], 'main', bed.clock.now());
  const claim = { webhookId: webhook.id, sessionId: 'main', token: 'other process' };
  expect(await bed.store.deliveryLanes.claim(claim, bed.clock.now(), bed.clock.now() + 30 * SECOND)).toBe(
    true,
  );
  const event = await bed.publish();
  bed.advance(29 * SECOND);
  await eventually('the dispatcher to have looked', () => bed.clock.pending() > 0);
  expect(receiver.requests).toHaveLength(0);
  bed.advance(2 * SECOND);
  const [request] = await receiver.waitFor(1);
  expect(request?.headers['webhook-id']).toBe(event?.id);
  await delivered(webhook.id, 1);
  // The first one lives after all: its books do not count any more.
  expect(await bed.store.deliveryLanes.hold(claim, bed.clock.now())).toBe(false);
});

test('two dispatchers on one database deliver each event once and in order', async () => {
  const { webhook } = await bed.create(receiver.url);
  await bed.startDispatcher();
  await bed.startDispatcher();
  for (let n = 0; n < 40; n += 1) await bed.publish({ sessionId: `s${String(n % 4)}` });
  await delivered(webhook.id, 40);
  expect(receiver.requests).toHaveLength(40);
  for (let session = 0; session < 4; session += 1) {
    const own = receiver.requests.filter((request) => sessionOf(request) === `s${String(session)}`);
    expect(own.map(seqOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  }
});

test('stop waits for the attempt in flight, and cuts off one that hangs without counting it', async () => {
  const { webhook } = await bed.create(receiver.url);
  receiver.next('hang');
  const dispatcher = await bed.startDispatcher();
  await bed.publish();
  await receiver.waitFor(1);
  const stopped = dispatcher.stop();
  const over = stopped.then(() => true);
  await eventually('the drain to begin', () => bed.clock.pending() >= 2);
  bed.advance(5 * SECOND);
  expect(await over).toBe(true);
  const [delivery] = await deliveriesOf(webhook.id);
  expect(delivery).toMatchObject({ state: 'pending', attemptCount: 0 });
  await bed.startDispatcher();
  await delivered(webhook.id, 1);
});

test('what was published while nothing ran is delivered at the start', async () => {
  const { webhook } = await bed.create(receiver.url);
  for (let n = 0; n < 3; n += 1) await bed.publish();
  await bed.startDispatcher();
  await delivered(webhook.id, 3);
  expect(receiver.requests.map(seqOf)).toEqual([1, 2, 3]);
});

test('a target that is not allowed any more is a recorded failure, and nothing is sent', async () => {
  const { webhook } = await bed.create(receiver.url);
  await bed.db.updateTable('webhooks').set({ url: 'http://169.254.169.254/' }).execute();
  await bed.startDispatcher();
  await bed.publish();
  const delivery = await tried(webhook.id, 1);
  expect(delivery.attempts[0]).toMatchObject({
    status: null,
    error: 'This is a private or reserved IP address.',
  });
});
