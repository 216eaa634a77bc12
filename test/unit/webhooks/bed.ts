/**
 * Everything of webhooks/ put together on a real database, a fake clock and real HTTP to 127.0.0.1.
 */
import { randomBytes } from 'node:crypto';
import type { Caller } from '../../../gateway/src/domain/apiKey.js';
import type { NewEvent, StoredEvent } from '../../../gateway/src/domain/event.js';
import { createLogger } from '../../../gateway/src/lib/logger.js';
import { createGuardedFetch } from '../../../gateway/src/net/guardedFetch.js';
import { parsePrivateTargets } from '../../../gateway/src/net/privateTargets.js';
import { createTargetGuard } from '../../../gateway/src/net/targetGuard.js';
import type { Database } from '../../../gateway/src/store/database/index.js';
import type { Store } from '../../../gateway/src/store/index.js';
import { createDispatcher, type Dispatcher } from '../../../gateway/src/webhooks/dispatcher.js';
import { createEvents } from '../../../gateway/src/webhooks/events.js';
import { createPublisher } from '../../../gateway/src/webhooks/publisher.js';
import type { CreatedWebhook, Delivery, WebhookInput } from '../../../gateway/src/webhooks/types.js';
import { createWebhooks } from '../../../gateway/src/webhooks/webhooks.js';
import { eventually } from '../../support/eventually.js';
import { createFakeClock } from '../../support/fakeClock.js';
import { openTestStore } from '../../support/testStore.js';
import type { Received } from '../../support/webhookReceiver.js';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const seqOf = (request: Received): number => (JSON.parse(request.body) as { seq: number }).seq;
export const sessionOf = (request: Received): string =>
  (JSON.parse(request.body) as { sessionId: string }).sessionId;

export const ADMIN: Caller = {
  keyId: 'key_1',
  name: 'test',
  role: 'admin',
  mode: 'live',
  sessionIds: [],
  expiresAt: null,
};

export const limitedTo = (...sessionIds: string[]): Caller => ({ ...ADMIN, role: 'operator', sessionIds });

export const input = (url: string, more: Partial<WebhookInput> = {}): WebhookInput => ({
  url,
  events: ['*'],
  sessionIds: [],
  filter: null,
  headers: {},
  description: null,
  ...more,
});

/** On an embedded database of its own, or on the one given, which its owner closes. */
export async function openBed(given?: { store: Store; database: Pick<Database, 'db'> }) {
  const { store, db, close } = given
    ? { store: given.store, db: given.database.db, close: () => Promise.resolve() }
    : await openTestStore();
  const clock = createFakeClock();
  const log = createLogger('silent');
  const guard = createTargetGuard({
    privateTargets: parsePrivateTargets('127.0.0.1'),
    resolve: () => Promise.resolve(['93.184.215.14']),
  });
  const guarded = createGuardedFetch(guard);
  const events = createEvents({ store, clock });
  const dispatchers: Dispatcher[] = [];
  const wake = (): void => {
    for (const dispatcher of dispatchers) dispatcher.wake();
  };
  const onCommitted = (): void => {
    wake();
    events.wake();
  };
  const publisher = createPublisher({ clock, log, onCommitted });
  const webhooks = createWebhooks({ store, clock, guard, randomBytes, wake });

  const deliveriesOf = async (webhookId: string): Promise<Delivery[]> =>
    (await webhooks.deliveries(ADMIN, webhookId, { limit: 100 })).data;

  return {
    store,
    db,
    deliveriesOf,
    /** A delivery once it has been tried so often. */
    tried: (webhookId: string, times: number): Promise<Delivery> =>
      eventually(`${String(times)} attempts`, async () =>
        (await deliveriesOf(webhookId)).find((one) => one.attemptCount === times),
      ),
    /** The delivered ones once there are so many. */
    delivered: (webhookId: string, count: number): Promise<Delivery[]> =>
      eventually(`${String(count)} delivered`, async () => {
        const done = (await deliveriesOf(webhookId)).filter((one) => one.state === 'delivered');
        return done.length === count ? done : null;
      }),
    clock,
    events,
    publisher,
    webhooks,
    /** One more process that delivers. */
    async startDispatcher(on: Store = store): Promise<Dispatcher> {
      const made = createDispatcher({
        store: on,
        clock,
        log,
        random: () => 0,
        post: guarded.post,
        version: 'test',
      });
      dispatchers.push(made);
      await made.start();
      return made;
    },
    /** Moves the time. The dispatchers look at once, as they do every second, whatever they were doing meanwhile. */
    advance(ms: number): void {
      clock.advance(ms);
      wake();
    },
    create: (url: string, more: Partial<WebhookInput> = {}): Promise<CreatedWebhook> =>
      webhooks.create(ADMIN, input(url, more)),
    async publish(event: Partial<NewEvent> = {}): Promise<StoredEvent | null> {
      const stored = await store.transaction((tx) =>
        publisher.publish(tx, { type: 'message.received', sessionId: 'main', data: {}, ...event }),
      );
      publisher.committed();
      return stored;
    },
    async close() {
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop()));
      await guarded.close();
      await close();
    },
  };
}

export type Bed = Awaited<ReturnType<typeof openBed>>;
