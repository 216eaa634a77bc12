/**
 * A session on a real embedded database, owned by the test, with stand-ins for what the WhatsApp side needs from others.
 */
import type { NewEvent } from '../../../gateway/src/domain/event.js';
import type { Fence, Session } from '../../../gateway/src/domain/session.js';
import { createBell, type Bell } from '../../../gateway/src/cluster/bell.js';
import { createLogger } from '../../../gateway/src/lib/logger.js';
import type { Store } from '../../../gateway/src/store/index.js';
import { TIMING } from '../../../gateway/src/whatsapp/timing.js';
import type { SupervisorDeps } from '../../../gateway/src/whatsapp/supervisor.js';
import { createFakeClock, type FakeClock } from '../../support/fakeClock.js';
import { openTestStore } from '../../support/testStore.js';
import { addSessions, findSession } from '../../store/builders.js';

export interface Bed {
  store: Store;
  clock: FakeClock;
  bell: Bell;
  fence: Fence;
  /** What was published, in order. */
  events: NewEvent[];
  /** What was reported as an error. */
  errors: unknown[];
  deps: SupervisorDeps;
  session: () => Promise<Session>;
  close: () => Promise<void>;
}

export async function openBed(): Promise<Bed> {
  const opened = await openTestStore();
  const { store } = opened;
  const clock = createFakeClock();
  const bell = createBell();
  await addSessions(store, 's1');
  const [fence] = await store.leases.takeFree({ owner: 'me', now: clock.now(), ttlMs: 3_600_000 });
  if (!fence) throw new Error('the session was not taken');
  const events: NewEvent[] = [];
  const errors: unknown[] = [];
  const deps: SupervisorDeps = {
    store,
    clock,
    bell,
    publisher: {
      publish: (_tx, event) => {
        events.push(event);
        return Promise.resolve(null);
      },
      committed: () => undefined,
    },
    media: {
      file: () => Promise.reject(new Error('there is no file')),
      look: {
        image: () => Promise.resolve(null),
        video: () => Promise.resolve(null),
        voice: () => Promise.resolve(null),
      },
      preview: () => Promise.resolve(null),
    },
    incoming: {
      fetch: () => Promise.reject(new Error('nothing is fetched here')),
      discard: () => Promise.resolve(),
    },
    publicUrl: () => Promise.resolve('http://gateway.test'),
    mediaWaitMs: 5_000,
    owner: 'me',
    onReceipt: () => Promise.resolve(),
    onIncoming: () => Promise.resolve(),
    random: () => 0,
    logger: createLogger('silent'),
    messageKey: Buffer.alloc(32, 1),
    whatsapp: {},
    timing: TIMING,
    fenceOf: () => fence,
    askOwner: () => Promise.reject(new Error('nobody else owns it')),
    pollOwnership: () => Promise.resolve(),
    pollMs: 30_000,
    onError: (error) => errors.push(error),
    onRemoved: () => undefined,
  };
  return {
    store,
    clock,
    bell,
    fence,
    events,
    errors,
    deps,
    session: () => findSession(store, 's1'),
    close: () => opened.close(),
  };
}
