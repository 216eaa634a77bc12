import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhookReceiver.js';
import { eventually } from '../../support/eventually.js';
import { ADMIN, input, limitedTo, openBed, type Bed } from './bed.js';

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

describe('create', () => {
  test('the same url, events and sessions again is the same webhook, with its new settings', async () => {
    const first = await bed.create('https://example.com/hook', {
      events: ['message.received', '*'],
      sessionIds: ['a', 'b'],
    });
    expect(first).toMatchObject({ created: true, secret: expect.stringMatching(/^whsec_/) as string });
    const again = await bed.create('https://EXAMPLE.com:443/hook#x', {
      events: ['*', 'message.received', '*'],
      sessionIds: ['b', 'a'],
      headers: { 'X-A': '1' },
      description: 'new',
    });
    expect(again).toMatchObject({ created: false, secret: null, webhook: { id: first.webhook.id } });
    expect(again.webhook).toMatchObject({
      headers: { 'x-a': '1' },
      description: 'new',
      url: 'https://example.com/hook',
    });
    expect((await bed.create('https://example.com/hook', { sessionIds: ['a'] })).created).toBe(true);
    expect((await bed.webhooks.list(ADMIN, { limit: 10 })).data).toHaveLength(2);
  });

  test('two at once make one webhook', async () => {
    const made = await Promise.all([bed.create('https://example.com/'), bed.create('https://example.com/')]);
    expect(made.map((one) => one.created).sort()).toEqual([false, true]);
    expect(new Set(made.map((one) => one.webhook.id)).size).toBe(1);
  });

  test('keeps secret and headers encrypted', async () => {
    const { secret } = await bed.create('https://example.com/', { headers: { authorization: 'Bearer abc' } });
    const row = await bed.db.selectFrom('webhooks').selectAll().executeTakeFirstOrThrow();
    const stored = Object.values(row).map((value) =>
      value instanceof Object ? Buffer.from(value as ArrayBuffer).toString('latin1') : String(value),
    );
    expect(stored.join('\n')).not.toContain('Bearer abc');
    expect(stored.join('\n')).not.toContain(secret ?? '');
    expect(JSON.stringify(await bed.webhooks.list(ADMIN, { limit: 10 }))).not.toContain('whsec_');
  });

  test.each([
    ['http://10.0.0.1/', {}, 'target_not_allowed'],
    ['https://user:pw@example.com/', {}, 'target_not_allowed'],
    ['https://example.com/', { headers: { host: 'x' } }, 'invalid_request'],
    ['https://example.com/', { filter: { textMatches: '(a+)+' } }, 'invalid_request'],
    ['https://example.com/', { filter: { textMatches: '(' } }, 'invalid_request'],
  ])('refuses %s %j', async (url, more, expected) => {
    await expect(bed.create(url, more)).rejects.toEqual(code(expected));
    expect((await bed.webhooks.list(ADMIN, { limit: 10 })).data).toEqual([]);
  });
});

describe('a caller limited to sessions', () => {
  test('sees and touches only webhooks wholly within them', async () => {
    const caller = limitedTo('a', 'b');
    const all = await bed.create('https://example.com/all');
    const mixed = await bed.create('https://example.com/mixed', { sessionIds: ['a', 'c'] });
    const own = await bed.create('https://example.com/own', { sessionIds: ['a'] });
    expect((await bed.webhooks.list(caller, { limit: 10 })).data.map(({ id }) => id)).toEqual([
      own.webhook.id,
    ]);
    for (const { webhook } of [all, mixed]) {
      const { id } = webhook;
      const calls = [
        bed.webhooks.get(caller, id),
        bed.webhooks.patch(caller, id, { description: 'x' }),
        bed.webhooks.remove(caller, id),
        bed.webhooks.test(caller, id),
        bed.webhooks.rotateSecret(caller, id),
        bed.webhooks.deliveries(caller, id, { limit: 1 }),
        bed.webhooks.replay(caller, id, { since: 0 }),
      ];
      for (const call of calls) await expect(call).rejects.toEqual(code('webhook_not_found'));
    }
    await bed.publish({ sessionId: 'c' });
    const delivery = (await bed.webhooks.deliveries(ADMIN, all.webhook.id, { limit: 1 })).data[0];
    await expect(bed.webhooks.redeliver(caller, delivery?.id ?? '')).rejects.toEqual(
      code('delivery_not_found'),
    );
  });

  test('names sessions of its own, or means all of them', async () => {
    const caller = limitedTo('a', 'b');
    await expect(
      bed.webhooks.create(caller, input('https://example.com/', { sessionIds: ['c'] })),
    ).rejects.toEqual(code('forbidden'));
    const made = await bed.webhooks.create(caller, input('https://example.com/'));
    expect(made.webhook.sessionIds).toEqual(['a', 'b']);
    await expect(bed.webhooks.patch(caller, made.webhook.id, { sessionIds: ['c'] })).rejects.toEqual(
      code('forbidden'),
    );
    expect((await bed.webhooks.patch(caller, made.webhook.id, { sessionIds: [] })).sessionIds).toEqual([
      'a',
      'b',
    ]);
  });
});

test('list pages through all webhooks', async () => {
  for (let n = 0; n < 5; n += 1) await bed.create(`https://example.com/${String(n)}`);
  const urls: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await bed.webhooks.list(ADMIN, { limit: 2, cursor });
    urls.push(...page.data.map(({ url }) => new URL(url).pathname));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(urls).toEqual(['/0', '/1', '/2', '/3', '/4']);
});

test('patch changes what is given and no more; it cannot make two of a kind', async () => {
  const { webhook } = await bed.create('https://example.com/1', { description: 'one', headers: { a: 'b' } });
  await bed.create('https://example.com/2');
  const patched = await bed.webhooks.patch(ADMIN, webhook.id, { description: null, enabled: false });
  expect(patched).toMatchObject({
    description: null,
    headers: { a: 'b' },
    state: 'disabled',
    url: webhook.url,
  });
  expect(await bed.webhooks.patch(ADMIN, webhook.id, { enabled: true })).toMatchObject({
    state: 'enabled',
    stateReason: null,
  });
  await expect(bed.webhooks.patch(ADMIN, webhook.id, { url: 'https://example.com/2' })).rejects.toEqual(
    code('invalid_state'),
  );
  await expect(bed.webhooks.patch(ADMIN, webhook.id, { url: 'http://[::1]/' })).rejects.toEqual(
    code('target_not_allowed'),
  );
});

test('a corrected address is tried at once', async () => {
  const { webhook } = await bed.create('http://127.0.0.1:1/');
  await bed.startDispatcher();
  await bed.publish();
  await eventually('a failure', async () => (await bed.webhooks.get(ADMIN, webhook.id)).failingSince);
  await eventually('the lane to wait', async () => {
    const lanes = await bed.store.deliveryLanes.nextAttempts(webhook.id);
    return (lanes.get('main') ?? 0) > bed.clock.now();
  });
  await bed.webhooks.patch(ADMIN, webhook.id, { url: receiver.url });
  await receiver.waitFor(1);
});

test('what is removed is gone with its deliveries, and events go on', async () => {
  const { webhook } = await bed.create(receiver.url);
  await bed.publish();
  await bed.webhooks.remove(ADMIN, webhook.id);
  await expect(bed.webhooks.get(ADMIN, webhook.id)).rejects.toEqual(code('webhook_not_found'));
  expect(await bed.db.selectFrom('deliveries').selectAll().execute()).toEqual([]);
  expect(await bed.db.selectFrom('delivery_lanes').selectAll().execute()).toEqual([]);
  expect(await bed.publish()).toMatchObject({ seq: 2 });
});

describe('publish', () => {
  test('makes deliveries for the webhooks that want the event', async () => {
    const ids = async (more: object): Promise<string> => (await bed.create(receiver.url, more)).webhook.id;
    const wanted = [
      await ids({ events: ['message.received'] }),
      await ids({ sessionIds: ['main'] }),
      await ids({
        events: ['*', 'message.received'],
        filter: { chatKind: 'direct', from: '+49 151', textMatches: '^hi' },
      }),
    ];
    await ids({ events: ['message.sent'] });
    await ids({ sessionIds: ['other'] });
    await ids({ events: ['*', 'message.read'], filter: { textMatches: '^bye' } });
    const disabled = await ids({ events: ['*', 'message.sent'] });
    await bed.webhooks.patch(ADMIN, disabled, { enabled: false });
    await bed.publish({ data: { text: 'hi there', chat: { kind: 'direct' }, from: { phone: '49151' } } });
    const rows = await bed.db.selectFrom('deliveries').select('webhook_id').execute();
    expect(rows.map((row) => row.webhook_id).sort()).toEqual(wanted.sort());
  });

  test('an event that exists already is neither stored nor delivered again', async () => {
    const { webhook } = await bed.create(receiver.url);
    expect(await bed.publish({ dedupeKey: 'k' })).toMatchObject({ seq: 1 });
    expect(await bed.publish({ dedupeKey: 'k' })).toBeNull();
    expect(await bed.publish({ dedupeKey: 'other' })).toMatchObject({ seq: 2 });
    expect((await bed.webhooks.deliveries(ADMIN, webhook.id, { limit: 10 })).data).toHaveLength(2);
  });

  test('nothing of it stays when the transaction fails', async () => {
    const { webhook } = await bed.create(receiver.url);
    const failing = bed.store.transaction(async (tx) => {
      await bed.publisher.publish(tx, { type: 'message.received', sessionId: 'main', data: {} });
      throw new Error('afterwards');
    });
    await expect(failing).rejects.toThrow('afterwards');
    expect((await bed.webhooks.deliveries(ADMIN, webhook.id, { limit: 10 })).data).toEqual([]);
    expect(await bed.publish()).toMatchObject({ seq: 1 });
  });
});
