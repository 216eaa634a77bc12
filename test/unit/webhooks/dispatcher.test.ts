import { createHmac } from 'node:crypto';
import { eventually } from '../../support/eventually.js';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhookReceiver.js';
import { SECOND, openBed, seqOf, sessionOf, type Bed } from './bed.js';

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
  const [delivery] = await bed.delivered(webhook.id, 1);
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
  await bed.delivered(webhook.id, 10);
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
  await bed.tried(webhook.id, 1);
  expect(receiver.requests.map(seqOf)).toEqual([1]);
  bed.advance(SECOND);
  const twice = await bed.tried(webhook.id, 2);
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
  await bed.delivered(webhook.id, 2);
  expect(receiver.requests.map(seqOf)).toEqual([1, 1, 1, 2]);
  const ids = receiver.requests.map((request) => request.headers['webhook-id']);
  expect(new Set(ids.slice(0, 3)).size).toBe(1);
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
  await bed.delivered(webhook.id, 1);
  // The first one lives after all: its books do not count any more.
  expect(await bed.store.deliveryLanes.hold(claim, bed.clock.now())).toBe(false);
});

test('at the start on the embedded database the claims of a dead process end at once', async () => {
  const { webhook } = await bed.create(receiver.url);
  await bed.publish();
  const claim = { webhookId: webhook.id, sessionId: 'main', token: 'killed' };
  expect(await bed.store.deliveryLanes.claim(claim, bed.clock.now(), bed.clock.now() + 30 * SECOND)).toBe(
    true,
  );
  await bed.startDispatcher();
  await bed.delivered(webhook.id, 1);
});

test('two dispatchers on one database deliver each event once and in order', async () => {
  const { webhook } = await bed.create(receiver.url);
  await bed.startDispatcher();
  await bed.startDispatcher();
  for (let n = 0; n < 40; n += 1) await bed.publish({ sessionId: `s${String(n % 4)}` });
  await bed.delivered(webhook.id, 40);
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
  const [delivery] = await bed.deliveriesOf(webhook.id);
  expect(delivery).toMatchObject({ state: 'pending', attemptCount: 0 });
  await bed.startDispatcher();
  await bed.delivered(webhook.id, 1);
});

test('what was published while nothing ran is delivered at the start', async () => {
  const { webhook } = await bed.create(receiver.url);
  for (let n = 0; n < 3; n += 1) await bed.publish();
  await bed.startDispatcher();
  await bed.delivered(webhook.id, 3);
  expect(receiver.requests.map(seqOf)).toEqual([1, 2, 3]);
});

test('a target that is not allowed any more is a recorded failure, and nothing is sent', async () => {
  const { webhook } = await bed.create(receiver.url);
  await bed.db.updateTable('webhooks').set({ url: 'http://169.254.169.254/' }).execute();
  await bed.startDispatcher();
  await bed.publish();
  const delivery = await bed.tried(webhook.id, 1);
  expect(delivery.attempts[0]).toMatchObject({
    status: null,
    error: 'This is a private or reserved IP address.',
  });
});
