/**
 * Events that are committed, and not on the disk yet: whoever would tell the outside of them waits for it.
 */
import { systemClock } from '../../../gateway/src/lib/clock.js';
import type { DeliveryRow } from '../../../gateway/src/store/deliveries.js';
import { readAhead } from '../../../gateway/src/webhooks/ahead.js';
import { createEvents } from '../../../gateway/src/webhooks/events.js';
import { addSessions } from '../../store/builders.js';
import { eventually } from '../../support/eventually.js';
import { createHeldDisk, type HeldDisk } from '../../support/heldDisk.js';
import { openTestStore, type TestStore } from '../../support/testStore.js';
import { ADMIN } from './bed.js';

let disk: HeldDisk;
let opened: TestStore;

beforeEach(async () => {
  disk = createHeldDisk();
  opened = await openTestStore({
    aroundSync: disk.aroundSync,
  });
  await addSessions(opened.store, 'a');
  const settings = {
    url: 'https://example.com/',
    events: ['*'],
    sessionIds: [],
    filter: null,
    headers: {},
    description: null,
  };
  await opened.store.webhooks.insert('whk_1', settings, { secret: 'whsec_AA==', now: 1 });
});

afterEach(async () => {
  disk.release();
  await opened.close();
});

/** An event with its delivery, committed while the disk is busy. */
async function commitEvent(): Promise<DeliveryRow> {
  disk.hold();
  await opened.store.transactionEarly(async (tx) => {
    const event = await tx.events.append({ sessionId: 'a', type: 'message.sent', data: {} }, 1);
    if (event) await tx.deliveries.add({ webhookIds: ['whk_1'], events: [event], now: 1, expiresAt: 2 });
  });
  const delivery = await opened.store.deliveries.head('whk_1', 'a');
  if (!delivery) throw new Error('The delivery is not there.');
  return delivery;
}

/** What has become of the promise, to be asked at any time. */
function stateOf(promise: Promise<unknown>): () => string {
  let state = 'pending';
  promise.then(
    () => (state = 'resolved'),
    () => (state = 'rejected'),
  );
  return () => state;
}

test('a webhook gets none of it', async () => {
  const delivery = await commitEvent();
  const event = readAhead(opened.store)(delivery);
  const state = stateOf(event);
  await eventually('the sync', () => disk.waiting() === 1);
  expect(state()).toBe('pending');
  disk.release();
  expect((await event)?.type).toBe('message.sent');
});

test('the event stream gives none of it', async () => {
  await commitEvent();
  const events = createEvents({ store: opened.store, clock: systemClock });
  const end = new AbortController();
  const stream = events.follow(ADMIN, {
    types: [],
    signal: end.signal,
    lastEventId: `evt_${'0'.repeat(12)}7${'0'.repeat(19)}`,
  });
  const next = stream[Symbol.asyncIterator]().next();
  const state = stateOf(next);
  await eventually('the sync', () => disk.waiting() === 1);
  expect(state()).toBe('pending');
  disk.release();
  expect((await next).value).toMatchObject({ sessionId: 'a', seq: 1 });
  end.abort();
});
