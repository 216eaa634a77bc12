import { eventually } from '../../support/eventually.js';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhookReceiver.js';
import { ADMIN, openBed, seqOf, type Bed } from './bed.js';

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

const code = (name: string): unknown => expect.objectContaining({ code: name });
const seqs = (): number[] => receiver.requests.map(seqOf);

describe('test', () => {
  test('reaches this webhook only, past a failing queue, and is tried once', async () => {
    const { webhook } = await bed.create(receiver.url);
    await bed.create('http://127.0.0.1:1/');
    receiver.next({ status: 500 }, { status: 404, body: 'not registered' });
    await bed.startDispatcher();
    await bed.publish();
    await receiver.waitFor(1);
    const made = await bed.webhooks.test(ADMIN, webhook.id);
    expect(made).toMatchObject({ state: 'pending', eventType: 'webhook.test', attemptCount: 0 });
    const [, request] = await receiver.waitFor(2);
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ type: 'webhook.test', sessionId: webhook.id });
    const dead = await eventually('the test to have failed', async () => {
      const { data } = await bed.webhooks.deliveries(ADMIN, webhook.id, { state: 'dead', limit: 10 });
      return data[0];
    });
    expect(dead).toMatchObject({ id: made.id, attempts: [{ status: 404, response: 'not registered' }] });
    await bed.webhooks.test(ADMIN, webhook.id);
    await receiver.waitFor(3);
    expect(seqs()).toEqual([1, 1, 2]);
  });

  test('is refused while the webhook is disabled', async () => {
    const { webhook } = await bed.create(receiver.url);
    await bed.webhooks.patch(ADMIN, webhook.id, { enabled: false });
    await expect(bed.webhooks.test(ADMIN, webhook.id)).rejects.toEqual(code('invalid_state'));
  });
});

test('after a rotation both secrets sign until the grace time ends', async () => {
  const { webhook, secret } = await bed.create(receiver.url);
  const rotated = await bed.webhooks.rotateSecret(ADMIN, webhook.id, { graceSeconds: 60 });
  expect(rotated.secret).not.toBe(secret);
  expect(rotated.previousSecretExpiresAt).toBe(bed.clock.now() + 60_000);
  await bed.startDispatcher();
  await bed.publish();
  await receiver.waitFor(1);
  bed.advance(60_000);
  await bed.publish();
  await receiver.waitFor(2);
  const counts = receiver.requests.map(
    ({ headers }) => String(headers['webhook-signature']).split(' ').length,
  );
  expect(counts).toEqual([2, 1]);
});

describe('replay', () => {
  test('afterSeq sends a part of one session again, in order', async () => {
    const { webhook } = await bed.create(receiver.url, { events: ['message.received'] });
    await bed.startDispatcher();
    for (let n = 0; n < 4; n += 1) await bed.publish();
    await bed.publish({ type: 'message.sent' });
    await bed.delivered(webhook.id, 4);
    expect(await bed.webhooks.replay(ADMIN, webhook.id, { sessionId: 'main', afterSeq: 2 })).toEqual({
      queued: 2,
    });
    await receiver.waitFor(6);
    expect(seqs()).toEqual([1, 2, 3, 4, 3, 4]);
    const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
    expect(ids.slice(4)).toEqual(ids.slice(2, 4));
  });

  test('since sends what the webhook has never had', async () => {
    await bed.publish();
    bed.advance(1_000);
    const since = bed.clock.now();
    await bed.publish();
    await bed.publish({ sessionId: 'other' });
    const { webhook } = await bed.create(receiver.url);
    await bed.webhooks.test(ADMIN, webhook.id);
    await bed.startDispatcher();
    await bed.delivered(webhook.id, 1);
    expect(await bed.webhooks.replay(ADMIN, webhook.id, { since })).toEqual({ queued: 2 });
    await bed.delivered(webhook.id, 3);
    expect(seqs().slice(1).sort()).toEqual([1, 2]);
  });

  test('afterSeq without a session is counted in each of them', async () => {
    for (const sessionId of ['main', 'other', 'main', 'other']) await bed.publish({ sessionId });
    const { webhook } = await bed.create(receiver.url);
    await bed.startDispatcher();
    expect(await bed.webhooks.replay(ADMIN, webhook.id, { afterSeq: 1 })).toEqual({ queued: 2 });
    await bed.delivered(webhook.id, 2);
    const sent = receiver.requests.map(({ body }) => JSON.parse(body) as { sessionId: string; seq: number });
    expect(sent.map(({ sessionId, seq }) => `${sessionId}${String(seq)}`).sort()).toEqual([
      'main2',
      'other2',
    ]);
  });

  test('refuses what is not clear', async () => {
    const { webhook } = await bed.create(receiver.url);
    const { webhook: one } = await bed.create(receiver.url, { sessionIds: ['a'] });
    await expect(bed.webhooks.replay(ADMIN, webhook.id, {})).rejects.toEqual(code('invalid_request'));
    await expect(bed.webhooks.replay(ADMIN, webhook.id, { afterSeq: 0, since: 0 })).rejects.toEqual(
      code('invalid_request'),
    );
    await expect(bed.webhooks.replay(ADMIN, one.id, { sessionId: 'b', afterSeq: 0 })).rejects.toEqual(
      code('forbidden'),
    );
    expect(await bed.webhooks.replay(ADMIN, one.id, { afterSeq: 0 })).toEqual({ queued: 0 });
  });
});

test('deliveries come newest first, in pages', async () => {
  const { webhook } = await bed.create(receiver.url);
  for (let n = 0; n < 5; n += 1) await bed.publish();
  const first = await bed.webhooks.deliveries(ADMIN, webhook.id, { limit: 3 });
  expect(first.data.map(({ seq }) => seq)).toEqual([5, 4, 3]);
  expect(first.data[0]).toMatchObject({ state: 'pending', nextAttemptAt: bed.clock.now(), attempts: [] });
  const rest = await bed.webhooks.deliveries(ADMIN, webhook.id, { limit: 3, cursor: first.nextCursor ?? '' });
  expect(rest.data.map(({ seq }) => seq)).toEqual([2, 1]);
  expect(rest.nextCursor).toBeNull();
});

test('slow and failing receivers do not delay the others', async () => {
  receiver.always('hang');
  for (let n = 0; n < 3; n += 1) await bed.create(`${receiver.url}/${String(n)}`);
  const quick = await startWebhookReceiver();
  await bed.create(quick.url);
  await bed.startDispatcher();
  for (let n = 0; n < 30; n += 1) await bed.publish({ sessionId: `s${String(n)}` });
  await quick.waitFor(30);
  expect(receiver.mostAtOnce()).toBeLessThanOrEqual(3 * 8);
  await quick.close();
});

describe('skip', () => {
  test('a delivery that the receiver never takes is given up, and those behind it go on', async () => {
    const { webhook } = await bed.create(receiver.url);
    receiver.always((request) => ({ status: seqOf(request) === 1 ? 500 : 200 }));
    await bed.startDispatcher();
    for (let n = 0; n < 3; n += 1) await bed.publish();
    const stuck = await bed.tried(webhook.id, 1);
    const skipped = await bed.webhooks.skip(ADMIN, stuck.id);
    expect(skipped).toMatchObject({ id: stuck.id, state: 'dead', nextAttemptAt: null });
    await bed.delivered(webhook.id, 2);
    expect(seqs()).toEqual([1, 2, 3]);
    await expect(bed.webhooks.skip(ADMIN, stuck.id)).rejects.toEqual(code('invalid_state'));
    receiver.always({ status: 200 });
    await bed.webhooks.redeliver(ADMIN, stuck.id);
    await bed.delivered(webhook.id, 3);
  });

  test('while it is being tried: the failure of that try does not bring it back', async () => {
    const { webhook } = await bed.create(receiver.url);
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    receiver.always(async (request) => {
      if (seqOf(request) === 1) await held;
      return { status: seqOf(request) === 1 ? 500 : 200 };
    });
    await bed.startDispatcher();
    for (let n = 0; n < 2; n += 1) await bed.publish();
    await receiver.waitFor(1);
    const [, first] = await bed.deliveriesOf(webhook.id);
    await bed.webhooks.skip(ADMIN, first?.id ?? '');
    answer();
    await bed.delivered(webhook.id, 1);
    const [second, skipped] = await bed.deliveriesOf(webhook.id);
    expect([second?.state, skipped?.state, skipped?.attemptCount]).toEqual(['delivered', 'dead', 1]);
  });

  test('is not for the deliveries of others', async () => {
    const { webhook } = await bed.create(receiver.url);
    receiver.always({ status: 500 });
    await bed.startDispatcher();
    await bed.publish();
    const { id } = await bed.tried(webhook.id, 1);
    await expect(bed.webhooks.skip({ ...ADMIN, sessionIds: ['other'] }, id)).rejects.toEqual(
      code('delivery_not_found'),
    );
  });
});
