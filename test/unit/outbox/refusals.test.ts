/**
 * A message that WhatsApp refuses for want of a chat (463): it waits, with all that wait for the same reason, and goes when
 * the restriction ends, never sooner and never for ever. On a real embedded database, with a clock that stands still.
 */
import type { Message } from '../../../gateway/src/domain/message.js';
import type { PolicyInput } from '../../../gateway/src/domain/policy.js';
import { refusalOf } from '../../../gateway/src/whatsapp/ackErrors.js';
import { eventually } from '../../support/eventually.js';
import { openBed, SECOND, text, type Bed } from './bed.js';
import { peopleOf, to } from './people.js';

const HOUR = 3_600_000;
const LOOSE: PolicyInput = { preset: 'unpaced' };

/** For want of a chat. */
const REFUSED = { kind: 'rejected' as const, ...refusalOf('463'), ackError: '463' };

let bed: Bed;
beforeEach(async () => {
  bed = await openBed();
});
afterEach(() => bed.close());

const { use, held, cameFrom, receive } = peopleOf(() => bed);

test('a refusal for want of a chat holds new contacts, also after a restart, and nobody who is known', async () => {
  await use({ ...LOOSE, gapMs: { min: 1, max: 1 } });
  bed.outbox.own(bed.fence);
  const known = await bed.post(to(1));
  await bed.reaches(known, 'sent');
  bed.sender.next(REFUSED);
  bed.clock.advance(10);
  const first = await bed.post(to(2));
  await held(first, 'whatsapp_restricted');
  expect(bed.events.filter(({ type }) => type === 'session.restricted')).toMatchObject([
    { data: { kind: 'refusal', active: true } },
  ]);
  const stranger = await bed.post(to(3));
  bed.clock.advance(10);
  await bed.reaches(await bed.post(to(1, 'again')), 'sent');
  expect((await held(stranger, 'whatsapp_restricted')).until).toBeGreaterThan(bed.clock.now());
  await bed.outbox.disown('s1');
  bed.outbox.own(bed.fence);
  bed.clock.advance(29 * 60 * SECOND);
  expect((await bed.outbox.get(stranger.id)).status).toBe('queued');
  expect(await bed.outbox.limits('s1')).toMatchObject({ restrictions: [{ kind: 'refusal', active: true }] });
  await eventually('the stranger', async () => {
    bed.clock.advance(60 * SECOND);
    return (await bed.outbox.get(stranger.id)).status === 'sent';
  });
  const { status, waId, attempts } = await bed.outbox.get(first.id);
  expect([status, waId, attempts]).toEqual(['sent', first.waId, 2]);
  expect(bed.texts()).toEqual(['1', '2', 'again', '2', '3']);
});

describe('a message that is itself refused for want of a chat', () => {
  const MINUTE = 60 * SECOND;
  const untilOf = async (message: Message) => (await held(message, 'whatsapp_restricted')).until ?? 0;

  test('waits with its reason, says so for all behind it, and goes when the restriction ends', async () => {
    bed.sender.next(REFUSED);
    bed.outbox.own(bed.fence);
    const first = await bed.post(to(2));
    const until = await untilOf(first);
    const behind = [await bed.post(to(2, 'more')), await bed.post(to(3))];
    for (const message of behind) expect(await untilOf(message)).toBe(until);
    const { status, error } = await bed.outbox.get(first.id);
    expect([status, error?.code, error?.retryable]).toEqual(['queued', 'reachout_restricted', true]);
    expect((await bed.outbox.describe(first)).hold?.message).toBe(
      'held 30 min: WhatsApp refused a message to a new chat (463)',
    );
    bed.clock.advance(30 * MINUTE);
    for (const message of [first, ...behind]) await bed.reaches(message, 'sent');
    expect(bed.texts().filter((body) => body !== '3')).toEqual(['2', '2', 'more']);
    expect((await bed.outbox.get(first.id)).error).toBeNull();
  });

  test('to somebody known waits as well, and a change of the policy or the link does not try it sooner', async () => {
    bed.outbox.own(bed.fence);
    await bed.reaches(await bed.post(to(1)), 'sent');
    bed.sender.next(REFUSED);
    const refused = await bed.post(to(1, 'again'));
    const until = await untilOf(refused);
    for (let ring = 0; ring < 5; ring += 1) {
      bed.bell.ring('session:s1');
      await bed.reaches(
        await bed.post({ ...to(9), to: '123456789012@g.us', ...text(`round ${String(ring)}`) }),
        'sent',
      );
    }
    expect(bed.texts().filter((body) => body === 'again')).toHaveLength(1);
    expect(await untilOf(refused)).toBe(until);
    bed.clock.advance(30 * MINUTE);
    await bed.reaches(refused, 'sent');
  });

  test('goes at once when the person writes', async () => {
    bed.sender.next(REFUSED);
    bed.outbox.own(bed.fence);
    const refused = await bed.post(to(2));
    await untilOf(refused);
    bed.clock.advance(SECOND);
    await receive(cameFrom(2, 'Hello?'));
    bed.bell.ring('outbox:s1');
    await bed.reaches(refused, 'sent');
  });

  test('is tried eight times, ever later, and fails then; nobody is tried in between', async () => {
    bed.sender.next(REFUSED);
    bed.outbox.own(bed.fence);
    const refused = await bed.post(to(2));
    const waits: number[] = [];
    for (let attempt = 1; attempt < 8; attempt += 1) {
      const now = bed.clock.now();
      const until = await eventually(`refusal ${String(attempt)}`, async () => {
        const { attempts, hold } = await bed.outbox.get(refused.id);
        return attempts === attempt && hold?.until;
      });
      waits.push((until - now) / MINUTE);
      bed.clock.advance(until - now - 1);
      await bed.reaches(await bed.post({ to: '123456789012@g.us', ...text('tick') }), 'sent');
      expect((await bed.outbox.get(refused.id)).attempts).toBe(attempt);
      bed.sender.next(REFUSED);
      bed.clock.advance(1);
    }
    const failed = await bed.reaches(refused, 'failed');
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1440]);
    expect([failed.attempts, failed.error?.code]).toEqual([8, 'reachout_restricted']);
    expect(failed.error?.message).toMatch(/retry this one when/);
    expect(new Set(bed.sender.sent.filter(({ id }) => id === refused.id).map(({ waId }) => waId)).size).toBe(
      1,
    );
  });

  test('expires when its time runs out while it waits, and can be cancelled', async () => {
    bed.sender.next(REFUSED);
    bed.outbox.own(bed.fence);
    const brief = await bed.post({ ...to(2), expiresAt: bed.clock.now() + MINUTE });
    const other = await bed.post(to(3));
    await untilOf(brief);
    await untilOf(other);
    await bed.outbox.cancel(other.id);
    bed.clock.advance(MINUTE);
    await bed.reaches(brief, 'expired');
    bed.clock.advance(HOUR);
    await bed.reaches(await bed.post(to(4)), 'sent');
    expect(bed.texts()).toEqual(['2', '4']);
  });

  test('waits for the end that WhatsApp tells, be it a time-lock or its cap of new chats', async () => {
    for (const [n, kind] of [
      [2, 'timelock'],
      [3, 'capping'],
    ] as const) {
      const since = bed.clock.now();
      const until = since + 5 * HOUR;
      bed.outbox.own(bed.fence);
      await bed.reaches(await bed.post(to(1)), 'sent');
      // Told while the message is on its way: the line has not heard of it when it claims that.
      await bed.store.restrictions.save('s1', {
        kind,
        active: true,
        until,
        reason: null,
        quota: null,
        since,
      });
      bed.sender.next(REFUSED);
      const refused = await bed.post(to(n));
      await eventually('the refusal', async () => (await bed.outbox.get(refused.id)).error !== null);
      expect(bed.texts().at(-1)).toBe(String(n));
      expect(await untilOf(refused)).toBe(until);
      bed.clock.advance(5 * HOUR);
      await bed.reaches(refused, 'sent');
      await bed.outbox.disown('s1');
    }
  });
});
