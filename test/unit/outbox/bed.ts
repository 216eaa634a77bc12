/**
 * An outbox on a real embedded database, with a fake sender and a clock that stands still. Session `s1` is connected,
 * unpaced and owned here unless a test says otherwise.
 */
import type { Caller } from '../../../gateway/src/domain/apiKey.js';
import type { NewEvent } from '../../../gateway/src/domain/event.js';
import type { Message, MessageStatus } from '../../../gateway/src/domain/message.js';
import type { PolicyInput } from '../../../gateway/src/domain/policy.js';
import type { Fence } from '../../../gateway/src/domain/session.js';
import { createBell, type Bell } from '../../../gateway/src/cluster/bell.js';
import { createOutbox, type RunningOutbox } from '../../../gateway/src/outbox/outbox.js';
import type { RecipientLookup } from '../../../gateway/src/outbox/ports.js';
import type { Enqueued, Idempotency, NewMessage } from '../../../gateway/src/outbox/types.js';
import type { Store } from '../../../gateway/src/store/index.js';
import { eventually } from '../../support/eventually.js';
import { createFakeClock, type FakeClock } from '../../support/fakeClock.js';
import { createFakeSender, type FakeSender } from '../../support/fakeSender.js';
import { openTestStore, type TestStore } from '../../support/testStore.js';

export const BOB = '4915112345678';
export const SECOND = 1_000;

export const LIVE: Caller = {
  keyId: 'key_1',
  name: 'live',
  role: 'admin',
  mode: 'live',
  sessionIds: [],
  expiresAt: null,
};
export const TEST: Caller = { ...LIVE, keyId: 'key_2', name: 'test', mode: 'test' };

export interface Bed {
  store: Store;
  db: TestStore['db'];
  clock: FakeClock;
  bell: Bell;
  outbox: RunningOutbox;
  sender: FakeSender;
  recipients: { lookUp: RecipientLookup['lookUp'] };
  events: NewEvent[];
  errors: unknown[];
  fence: Fence;
  addSession: (id: string, policy?: PolicyInput | null) => Promise<Fence>;
  post: (more?: Partial<NewMessage>, idempotency?: Idempotency) => Promise<Message>;
  enqueue: (caller: Caller, more?: Partial<NewMessage>, idempotency?: Idempotency) => Promise<Enqueued>;
  /** The message, once it has this status. */
  reaches: (message: Message, status: MessageStatus) => Promise<Message>;
  /** The texts handed to the sender. */
  texts: () => string[];
  close: () => Promise<void>;
}

export const text = (body: string): Pick<NewMessage, 'content'> => ({
  content: { type: 'text', text: { body } },
});

interface BedOptions extends NonNullable<Parameters<typeof openTestStore>[0]> {
  pollMs?: number;
}

export async function openBed({ pollMs = 30 * SECOND, ...disk }: BedOptions = {}): Promise<Bed> {
  const opened = await openTestStore(disk);
  const { store } = opened;
  const clock = createFakeClock();
  const bell = createBell();
  const sender = createFakeSender();
  const events: NewEvent[] = [];
  const errors: unknown[] = [];
  const recipients: Bed['recipients'] = { lookUp: () => Promise.resolve(null) };
  const outbox = createOutbox({
    store,
    clock,
    bell,
    sender,
    recipients: { lookUp: (sessionId, address) => recipients.lookUp(sessionId, address) },
    openLinkedFile: () => {
      throw new Error('there are no files here');
    },
    publisher: {
      publish: (_tx, event) => {
        events.push(event);
        return Promise.resolve(null);
      },
      committed: () => undefined,
    },
    random: () => 0,
    onError: (error) => errors.push(error),
    pollMs,
  });

  async function addSession(id: string, policy: PolicyInput | null = { preset: 'unpaced' }): Promise<Fence> {
    const now = clock.now();
    await store.sessions.insert({ id, name: null, metadata: {}, policy, desired: 'started', now });
    const [fence] = await store.leases.takeFree({ owner: 'me', now, ttlMs: 3_600_000 });
    if (!fence) throw new Error(`session ${id} was not taken`);
    await store.sessions.setStatus(id, { status: 'connected', reason: null, since: now });
    return fence;
  }

  const enqueue: Bed['enqueue'] = (caller, more = {}, idempotency) =>
    outbox.enqueue(caller, { sessionId: 's1', to: BOB, ...text('Hello'), ...more }, idempotency ?? null);

  return {
    store,
    db: opened.db,
    clock,
    bell,
    outbox,
    sender,
    recipients,
    events,
    errors,
    fence: await addSession('s1'),
    addSession,
    enqueue,
    post: async (more, idempotency) => (await enqueue(LIVE, more, idempotency)).message,
    reaches: (message, status) =>
      eventually(`message ${message.id} to be ${status}`, async () => {
        const found = await store.messages.find(message.id);
        return found?.status === status ? found : null;
      }),
    texts: () =>
      sender.sent.map(({ content }) => (content.type === 'text' ? content.text.body : content.type)),
    async close() {
      await outbox.stop();
      await opened.close();
    },
  };
}
