import type { BinaryNode } from '@whiskeysockets/baileys';
import type { SendOutcome } from '../../../gateway/src/domain/message.js';
import { createAcks } from '../../../gateway/src/whatsapp/acks.js';
import {
  afterDisconnect,
  connectedCourse,
  FRESH,
  opening,
  showQr,
  type Course,
} from '../../../gateway/src/whatsapp/course.js';
import { judgeDisconnect, PAIRING_ROUNDS } from '../../../gateway/src/whatsapp/disconnect.js';
import { readReceipt } from '../../../gateway/src/whatsapp/receipts.js';
import { createFakeClock } from '../../support/fakeClock.js';

const AT = { now: 1_000_000, random: 0, steadyMs: 60_000 };
const CONNECTED = connectedCourse(FRESH, AT.now);
const SILENT = { code: 408, message: 'the link went silent' };
const NO_SCAN = { code: 408, message: 'QR refs attempts ended' };

describe('what a disconnect means', () => {
  test.each([
    [401, 'logged_out', 'logged_out', 'stay', true],
    [403, 'banned', 'banned', 'stay', false],
    [405, 'disconnected', 'client_outdated', 'reconnect_slowly', false],
    [408, 'disconnected', 'connection_lost', 'reconnect', false],
    [411, 'logged_out', 'multi_device_off', 'stay', true],
    [428, 'disconnected', 'connection_closed', 'reconnect', false],
    [440, 'stopped', 'replaced', 'stay', false],
    [500, 'disconnected', 'stream_error', 'reconnect', false],
    [503, 'disconnected', 'service_unavailable', 'reconnect', false],
    [598, 'disconnected', 'deaf', 'reconnect', false],
    [515, 'connecting', undefined, 'restart', false],
    [999, 'disconnected', 'disconnected', 'reconnect', false],
  ])('%i', (...row) => {
    const [code, status, reason, next, wipe] = row;
    const verdict = judgeDisconnect({ code, message: 'closed' }, 1);
    expect(verdict).toMatchObject({ status, next, wipe });
    expect(verdict.reason?.code).toBe(reason);
    if (verdict.reason) expect(verdict.reason.action).not.toBe('');
  });

  test('codes that nobody scanned are shown anew, until the rounds are over', () => {
    expect(judgeDisconnect(NO_SCAN, PAIRING_ROUNDS - 1).next).toBe('pair_again');
    expect(judgeDisconnect(NO_SCAN, PAIRING_ROUNDS)).toMatchObject({
      status: 'stopped',
      next: 'stay',
      reason: { code: 'qr_timeout' },
    });
  });
});

describe('the course of a session', () => {
  test('the wait grows with each failure', () => {
    let course: Course = CONNECTED;
    const waits = [];
    for (let failure = 0; failure < 8; failure += 1) {
      course = afterDisconnect(course, SILENT, AT).course;
      waits.push(course.openAt - AT.now);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test('a link that breaks right after each login does not reconnect each second', () => {
    let course: Course = FRESH;
    const waits = [];
    for (let login = 0; login < 6; login += 1) {
      course = afterDisconnect(connectedCourse(course, AT.now - 100), SILENT, AT).course;
      waits.push(course.openAt - AT.now);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000]);
    const held = afterDisconnect(connectedCourse(course, AT.now - AT.steadyMs), SILENT, AT).course;
    expect(held.openAt - AT.now).toBe(500);
  });

  test('the new connection that a pairing asks for is no failure', () => {
    const { course } = afterDisconnect(FRESH, { code: 515, message: '' }, AT);
    expect(course.failures).toBe(0);
  });

  test.each([
    [401, Infinity],
    [405, AT.now + 600_000],
    [515, 0],
  ])('after %i the next socket opens at %d', (code, openAt) => {
    expect(afterDisconnect(CONNECTED, { code, message: '' }, AT).course.openAt).toBe(openAt);
  });

  test('only a loss is worth an event', () => {
    expect(afterDisconnect(CONNECTED, SILENT, AT).lost).toBe(true);
    expect(afterDisconnect(FRESH, SILENT, AT).lost).toBe(false);
    expect(afterDisconnect(FRESH, { code: 401, message: '' }, AT).lost).toBe(true);
    // Comes back by itself only when its cause is cured, so its user is told, once.
    const refused = afterDisconnect(FRESH, { code: 405, message: '' }, AT);
    expect(refused.lost).toBe(true);
    expect(afterDisconnect(refused.course, { code: 405, message: '' }, AT).lost).toBe(false);
    const lastRound = { ...FRESH, pairingRounds: PAIRING_ROUNDS - 1 };
    expect(afterDisconnect(lastRound, NO_SCAN, AT).lost).toBe(false);
  });

  test('QR codes are counted over the rounds of a pairing; the first of a socket lives longer', () => {
    const first = showQr(FRESH, 'a', 0);
    const second = showQr(first.course, 'b', 0);
    expect([first.code, second.code]).toEqual([
      { qr: 'a', attempt: 1, expiresAt: 60_000 },
      { qr: 'b', attempt: 2, expiresAt: 20_000 },
    ]);
    const again = opening(afterDisconnect(second.course, NO_SCAN, AT).course);
    expect(showQr(again, 'c', 0).code).toEqual({ qr: 'c', attempt: 3, expiresAt: 60_000 });
    expect(again.pairingRounds).toBe(1);
  });
});

describe('acknowledgements', () => {
  const clock = createFakeClock();
  const acks = createAcks(clock);

  test('an ack accepts, one with an error rejects, each its own message', async () => {
    const good = acks.expect('A');
    const bad = acks.expect('B');
    acks.receive({ id: 'B', error: '463' });
    acks.receive({ id: 'A' });
    expect(await good.outcome).toEqual({ kind: 'accepted' });
    expect(await bad.outcome).toMatchObject({ kind: 'rejected', code: 'reachout_restricted' });
  });

  test.each([
    ['429', 'whatsapp_rate_limited', true],
    ['404', 'recipient_not_on_whatsapp', false],
    ['777', 'whatsapp_777', false],
  ])('error %s', async (error, code, retryable) => {
    const { outcome } = acks.expect('A');
    acks.receive({ id: 'A', error });
    expect(await outcome).toMatchObject({ kind: 'rejected', code, retryable });
  });

  test('no ack within 15 seconds is unknown; one that comes later changes nothing', async () => {
    const { outcome } = acks.expect('A');
    clock.advance(14_999);
    expect(clock.pending()).toBe(1);
    clock.advance(1);
    acks.receive({ id: 'A' });
    expect(await outcome).toEqual({ kind: 'unknown', reason: 'no_acknowledgement' });
  });

  test('a lost link leaves all that wait unknown', async () => {
    const waiting = [acks.expect('A'), acks.expect('B')];
    acks.abandon();
    const lost: SendOutcome = { kind: 'unknown', reason: 'disconnected' };
    expect(await Promise.all(waiting.map(({ outcome }) => outcome))).toEqual([lost, lost]);
    expect(clock.pending()).toBe(0);
  });

  test('acks for what nobody waits for are ignored', () => {
    acks.receive({ id: 'unknown' });
    acks.receive({});
    expect(clock.pending()).toBe(0);
  });
});

describe('receipts', () => {
  const own = ['4915550001001@s.whatsapp.net', '99@lid'];
  const stanza = (attrs: Record<string, string>, ids: string[] = []): BinaryNode => ({
    tag: 'receipt',
    attrs: { id: 'A', from: '4915112345678@s.whatsapp.net', ...attrs },
    content: [{ tag: 'list', attrs: {}, content: ids.map((id) => ({ tag: 'item', attrs: { id } })) }],
  });

  test.each([
    [{}, 'delivered'],
    [{ type: 'delivery' }, 'delivered'],
    [{ type: 'read' }, 'read'],
    [{ type: 'played' }, 'played'],
    [{ from: '1203@g.us', participant: '77:3@lid', type: 'read' }, 'read'],
  ])('%j is %s', (attrs: Record<string, string>, status) => {
    expect(readReceipt(stanza(attrs), own)).toMatchObject({ waIds: ['A'], status });
  });

  test.each([
    [{ type: 'retry' }],
    [{ type: 'sender' }],
    [{ type: 'read-self' }],
    [{ from: '4915550001001:7@s.whatsapp.net' }],
    [{ from: '1203@g.us', participant: '99:2@lid' }],
  ])('%j says nothing about the recipient', (attrs: Record<string, string>) => {
    expect(readReceipt(stanza(attrs), own)).toBeNull();
  });

  test('one receipt lists many messages', () => {
    expect(readReceipt(stanza({ type: 'read' }, ['B', 'C']), own)?.waIds).toEqual(['A', 'B', 'C']);
  });
});
