import type { Connection } from '../../../gateway/src/whatsapp/connection.js';
import { createReporter } from '../../../gateway/src/whatsapp/report.js';
import { createRequests } from '../../../gateway/src/whatsapp/requests.js';
import { openBed, type Bed } from './bed.js';

let bed: Bed;

beforeEach(async () => {
  bed = await openBed();
});

afterEach(() => bed.close());

interface FakeConnection extends Connection {
  calls: string[];
}

/** A connection that is open; `onClose` runs while it closes. */
function fakeConnection(onClose: () => Promise<unknown> = () => Promise.resolve()): FakeConnection {
  const calls: string[] = [];
  const session = {
    isOpen: () => true,
    pairingEndsAt: () => null,
    logout: () => {
      calls.push('logout');
      return Promise.resolve();
    },
  };
  return {
    calls,
    session: session as unknown as Connection['session'],
    auth: {} as Connection['auth'],
    written: () => Promise.resolve(),
    async close() {
      calls.push('close');
      await onClose();
    },
  };
}

const carryOut = (request: 'restart' | 'wipe' | 'logout' | 'remove', connection: Connection | null) =>
  createRequests({ ...bed.deps, fence: bed.fence, report: createReporter(bed.deps, bed.fence) })(
    request,
    connection,
  );

const ask = (request: 'restart' | 'wipe' | 'logout' | 'remove') =>
  bed.store.sessions.update('s1', { request });

const keep = (key: string) => bed.store.keyValues.setMany('s1', [{ key, value: Buffer.from('1') }]);
const isKept = async (key: string) => (await bed.store.keyValues.getMany('s1', [key])).has(key);

test('a restart closes the socket, keeps the credentials and lets the next one open at once', async () => {
  await ask('restart');
  await keep('creds');
  const connection = fakeConnection();
  const course = await carryOut('restart', connection);
  expect(connection.calls).toEqual(['close']);
  expect(course.openAt).toBe(0);
  expect((await bed.session()).request).toBeNull();
  expect(await isKept('creds')).toBe(true);
});

test('a wipe forgets the credentials', async () => {
  await ask('wipe');
  await keep('creds');
  await carryOut('wipe', null);
  expect((await bed.session()).request).toBeNull();
  expect(await isKept('creds')).toBe(false);
});

test('a logout unlinks the device, forgets the credentials and waits for the user', async () => {
  await ask('logout');
  await keep('creds');
  const connection = fakeConnection();
  const course = await carryOut('logout', connection);
  expect(connection.calls).toEqual(['logout', 'close']);
  expect(course.openAt).toBe(Infinity);
  expect(await bed.session()).toMatchObject({
    status: 'logged_out',
    desired: 'stopped',
    request: null,
    phone: null,
  });
  expect(await isKept('creds')).toBe(false);
  expect(bed.events.map(({ type }) => type)).toEqual(['session.logged_out']);
});

test('a removal takes the session with its keys', async () => {
  await ask('remove');
  await keep('creds');
  await carryOut('remove', fakeConnection());
  expect(await bed.store.sessions.find('s1')).toBeNull();
  expect(await isKept('creds')).toBe(false);
});

test.each(['restart', 'wipe', 'logout'] as const)(
  'a removal that is asked for during a %s is not forgotten',
  async (request) => {
    await ask(request);
    await carryOut(
      request,
      fakeConnection(() => ask('remove')),
    );
    expect((await bed.session()).request).toBe('remove');
  },
);

test('a process that has lost the session carries out nothing', async () => {
  await ask('wipe');
  await keep('creds');
  await bed.store.leases.releaseAll();
  await bed.store.leases.takeFree({ owner: 'another', now: bed.clock.now(), ttlMs: 60_000 });
  await expect(carryOut('wipe', null)).rejects.toThrow('owned by another process');
  expect(await isKept('creds')).toBe(true);
});
