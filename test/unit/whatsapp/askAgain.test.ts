import type { BinaryNode } from '@whiskeysockets/baileys';
import { askAt, createAskAgain } from '../../../gateway/src/whatsapp/askAgain.js';
import { createBaileysCaches } from '../../../gateway/src/whatsapp/caches.js';
import type { Loop } from '../../../gateway/src/lib/loop.js';
import { eventually } from '../../support/eventually.js';
import { openBed, type Bed } from './bed.js';

const TIMING = { askAfterLoginMs: 5_000, askAgainMs: 60_000 };
const STANZA = { id: 'A', from: '4915112345678@s.whatsapp.net', t: '1760000000' };

let bed: Bed;
let loop: Loop;
let since: number | null;
/** What was asked for: the id, and the count that Baileys finds before it adds one. */
let asked: string[];
let fails: boolean;

beforeEach(async () => {
  bed = await openBed();
  since = bed.clock.now();
  asked = [];
  fails = false;
});

afterEach(async () => {
  await loop.stop();
  await bed.close();
});

function start(): void {
  const caches = createBaileysCaches();
  const client = {
    async sendRetryRequest({ attrs }: BinaryNode) {
      const count = await caches.msgRetryCounterCache.get(`${attrs.id ?? ''}:${String(attrs.participant)}`);
      asked.push(`${attrs.id ?? ''} ${String(count)}`);
      if (fails) throw new Error('not now');
    },
  };
  const connected = () => (since === null ? null : { client, since });
  loop = createAskAgain({ ...bed.deps, fence: bed.fence, timing: TIMING, caches, connected });
}

/** The loop waits for its next turn. */
const atRest = (): Promise<unknown> => eventually('the loop to wait', () => bed.clock.pending() > 0);

async function pass(ms: number): Promise<void> {
  await atRest();
  bed.clock.advance(ms);
  loop.wake();
  await atRest();
}

const remember = (id: string) => bed.store.undecrypted.add('s1', { ...STANZA, id }, bed.clock.now());

test('a message of before the login is asked for when what was on its way has come, and then every while', async () => {
  await remember('A');
  bed.clock.advance(1);
  since = bed.clock.now();
  start();
  await pass(4_000);
  expect(asked).toEqual([]);
  await pass(1_000);
  await eventually('the first request', () => asked.length === 1);
  await pass(60_000);
  await eventually('the second', () => asked.length === 2);
  await pass(60_000);
  await eventually('the third', () => asked.length === 3);
  // Senders answer up to five; the first two are Baileys' own.
  expect(asked).toEqual(['A 2', 'A 3', 'A 4']);
  for (let minute = 0; minute < 5; minute += 1) await pass(60_000);
  expect(asked).toHaveLength(3);
});

test('after another login it is asked for again, and the count goes on', async () => {
  await remember('A');
  bed.clock.advance(1);
  since = bed.clock.now();
  start();
  await pass(5_000);
  await eventually('the first request', () => asked.length === 1);
  bed.clock.advance(1);
  since = bed.clock.now();
  bed.bell.ring('session:s1');
  await pass(5_000);
  await eventually('the second', () => asked.length === 2);
  expect(asked).toEqual(['A 2', 'A 3']);
});

test('nothing is asked for without a connection, nor what has come', async () => {
  await remember('A');
  await remember('B');
  since = null;
  start();
  await pass(120_000);
  expect(asked).toEqual([]);
  await bed.store.undecrypted.resolve('s1', ['A']);
  since = bed.clock.now();
  bed.bell.ring('session:s1');
  await pass(5_000);
  await eventually('the request', () => asked.length > 0);
  expect(asked).toEqual(['B 2']);
});

test('a request that fails is told and counted, and does not keep the others back', async () => {
  await remember('A');
  await remember('B');
  bed.clock.advance(1);
  since = bed.clock.now();
  fails = true;
  start();
  await pass(5_000);
  await eventually('both', () => asked.length === 2);
  await atRest();
  expect(bed.errors).toHaveLength(2);
  fails = false;
  await pass(60_000);
  await eventually('both again', () => asked.length === 4);
  expect(asked).toEqual(['A 2', 'B 2', 'A 3', 'B 3']);
});

test('what came after the login is asked for after a while: Baileys has just asked itself', () => {
  const message = { stanza: STANZA, firstSeenAt: 1_000, asked: 0, askedAt: null };
  expect(askAt(message, 1_000, TIMING)).toBe(61_000);
  expect(askAt(message, 1_001, TIMING)).toBe(6_001);
  expect(askAt({ ...message, askedAt: 9_000 }, 8_000, TIMING)).toBe(69_000);
});
