import type { BinaryNode, proto } from '@whiskeysockets/baileys';
import { askAt, createAskAgain, senderCount } from '../../../gateway/src/whatsapp/askAgain.js';
import { createBaileysCaches } from '../../../gateway/src/whatsapp/caches.js';
import type { PhoneClient } from '../../../gateway/src/whatsapp/phoneRequest.js';
import type { Loop } from '../../../gateway/src/lib/loop.js';
import { eventually } from '../../support/eventually.js';
import { openBed, type Bed } from './bed.js';

const TIMING = { askPhoneMs: 2_000, askAfterLoginMs: 5_000, askAgainMs: 60_000 };
const STANZA = { id: 'A', from: '4915112345678@s.whatsapp.net', t: '1760000000' };

let bed: Bed;
let loop: Loop;
let since: number | null;
/** What senders were asked for: the id, and the count that Baileys finds before it adds one. */
let asked: string[];
/** What the own phone was asked for. */
let askedPhone: string[];
let fails: boolean;

beforeEach(async () => {
  bed = await openBed();
  since = bed.clock.now();
  asked = [];
  askedPhone = [];
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
    sendPeerDataOperationMessage({
      placeholderMessageResendRequest,
    }: proto.Message.IPeerDataOperationRequestMessage) {
      askedPhone.push(
        ...(placeholderMessageResendRequest ?? []).map(({ messageKey }) => messageKey?.id ?? ''),
      );
      return Promise.resolve('PDO');
    },
    authState: { creds: { me: { id: '4915550017001:3@s.whatsapp.net' } } } as PhoneClient['authState'],
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

const remember = (id: string, phoneOnly = false) =>
  bed.store.undecrypted.add('s1', { stanza: { ...STANZA, id }, firstSeenAt: bed.clock.now(), phoneOnly });

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
  await pass(60_000);
  await eventually('the fourth', () => asked.length === 4);
  // Senders answer up to five; the first is Baileys' own.
  expect(asked).toEqual(['A 1', 'A 2', 'A 3', 'A 4']);
  for (let minute = 0; minute < 5; minute += 1) await pass(60_000);
  expect(asked).toHaveLength(4);
  expect(askedPhone).toEqual(['A', 'A', 'A', 'A']);
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
  expect(asked).toEqual(['A 1', 'A 2']);
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
  await eventually('the request', () => askedPhone.length > 0);
  expect(asked).toEqual(['B 1']);
  expect(askedPhone).toEqual(['B']);
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
  expect(asked).toEqual(['A 1', 'B 1', 'A 2', 'B 2']);
  expect(askedPhone).toEqual(['A', 'B', 'A', 'B']);
});

test('the own phone is asked a moment after a message that cannot be decrypted, its sender later: Baileys has just asked it', async () => {
  start();
  await atRest();
  await remember('A');
  loop.wake();
  await pass(2_000);
  await eventually('the phone to be asked', () => askedPhone.length === 1);
  expect(asked).toEqual([]);
  await pass(60_000);
  await eventually('the sender to be asked', () => asked.length === 1);
  expect(asked).toEqual(['A 2']);
  expect(askedPhone).toEqual(['A', 'A']);
});

test('what was never encrypted for this device is asked for from the phone alone', async () => {
  await remember('A', true);
  bed.clock.advance(1);
  since = bed.clock.now();
  start();
  await pass(5_000);
  await pass(60_000);
  await eventually('two requests', () => askedPhone.length === 2);
  expect(asked).toEqual([]);
});

const MESSAGE = { stanza: STANZA, firstSeenAt: 1_000, phoneOnly: false, asked: 0, askedAt: null };

test('when a message is asked for', () => {
  expect(askAt(MESSAGE, 1_000, TIMING)).toBe(3_000);
  expect(askAt(MESSAGE, 1_001, TIMING)).toBe(6_001);
  expect(askAt({ ...MESSAGE, askedAt: 9_000 }, 8_000, TIMING)).toBe(69_000);
});

test('how often the sender has been asked', () => {
  expect(senderCount(MESSAGE, 1_000)).toBeNull();
  expect(senderCount(MESSAGE, 1_001)).toBe(2);
  expect(senderCount({ ...MESSAGE, asked: 3, askedAt: 9_000 }, 1_000)).toBe(5);
  expect(senderCount({ ...MESSAGE, phoneOnly: true }, 1_001)).toBeNull();
});
