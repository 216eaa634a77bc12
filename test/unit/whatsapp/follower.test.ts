import type { Connection } from '../../../gateway/src/whatsapp/connection.js';
import { FRESH } from '../../../gateway/src/whatsapp/course.js';
import { createFollower, type Life } from '../../../gateway/src/whatsapp/follower.js';
import { createReporter } from '../../../gateway/src/whatsapp/report.js';
import { eventually } from '../../support/eventually.js';
import { openBed, type Bed } from './bed.js';

let bed: Bed;
let life: Life;
let rings: number;

beforeEach(async () => {
  bed = await openBed();
  life = { connection: null, course: FRESH, gone: Promise.resolve() };
  rings = 0;
});

afterEach(() => bed.close());

const follow = () =>
  createFollower({
    deps: bed.deps,
    fence: bed.fence,
    life,
    report: createReporter(bed.deps, bed.fence),
    onError: bed.deps.onError,
    onGone: () => {
      rings += 1;
    },
  });

const ME = { phone: '4915550001001', lid: '99@lid', pushName: 'Me' };
const LOGGED_OUT = { code: 401, message: 'logged out' };

/** A connection whose keys are written when the test says so. */
function connectionThatStillWrites(write: () => Promise<void>): {
  connection: Connection;
  finish: () => void;
} {
  let finish = (): void => undefined;
  const saved = new Promise<void>((resolve) => {
    finish = resolve;
  }).then(write);
  const connection = { written: () => saved } as unknown as Connection;
  return { connection, finish: () => finish() };
}

test('a QR code, the pairing and the login are shown as they come', async () => {
  const listener = follow();
  listener.onQr('2@code');
  await eventually('the code', async () => (await bed.store.sessions.qr('s1'))?.qr === '2@code');
  expect((await bed.session()).status).toBe('qr');
  listener.onPaired();
  listener.onOpen(ME);
  await eventually('the login', async () => (await bed.session()).status === 'connected');
  expect(await bed.session()).toMatchObject(ME);
  expect(await bed.store.sessions.qr('s1')).toBeNull();
  expect(bed.events.map(({ type }) => type)).toEqual(['session.qr', 'session.connected']);
});

test('the login wakes the outbox', () => {
  let heard = 0;
  bed.bell.listen('outbox:s1', () => {
    heard += 1;
  });
  follow().onOpen(ME);
  expect(heard).toBe(1);
});

test('a lost connection is reported with its reason and tried again', async () => {
  const listener = follow();
  listener.onOpen(ME);
  listener.onClosed({ code: 408, message: 'the link went silent' });
  await life.gone;
  expect(await bed.session()).toMatchObject({
    status: 'disconnected',
    desired: 'started',
    reason: { code: 'connection_lost' },
  });
  expect(life.course.openAt).toBe(bed.clock.now() + 500);
  expect(rings).toBe(1);
});

test('what the last socket still writes does not bring forgotten credentials back', async () => {
  const { connection, finish } = connectionThatStillWrites(() =>
    bed.store.keyValues.setMany('s1', [{ key: 'session:a', value: Buffer.from('1') }]),
  );
  life.connection = connection;
  follow().onClosed(LOGGED_OUT);
  // A transaction that is asked for now, so that a wipe before the keys would have happened.
  await bed.store.transaction(() => Promise.resolve());
  finish();
  await life.gone;
  expect((await bed.session()).status).toBe('logged_out');
  expect(await bed.store.keyValues.getMany('s1', ['session:a'])).toEqual(new Map());
});

test('the next socket is not opened before the end of the last one is reported', async () => {
  const { connection, finish } = connectionThatStillWrites(() => Promise.resolve());
  life.connection = connection;
  follow().onClosed({ code: 515, message: 'restart required' });
  await bed.store.transaction(() => Promise.resolve());
  expect(rings).toBe(0);
  finish();
  await life.gone;
  await eventually('the wake', () => rings === 1);
});

test('a process that has lost the session reports nothing', async () => {
  await bed.store.leases.releaseAll();
  follow().onClosed(LOGGED_OUT);
  await life.gone;
  expect((await bed.session()).status).toBe('created');
  expect(bed.events).toEqual([]);
});
