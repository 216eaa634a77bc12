/**
 * What limits a session: each cap with what is left of it, the next possible send, and why.
 */
import { resolvePolicy } from '../../../gateway/src/domain/policy.js';
import { openBed, SECOND, type Bed } from './bed.js';

const GAP = { min: 5 * SECOND, max: 9 * SECOND };

let bed: Bed;
beforeEach(async () => {
  bed = await openBed();
});
afterEach(() => bed.close());

it('null means no limit', async () => {
  expect(await bed.outbox.limits('s1')).toEqual({
    policy: resolvePolicy({ preset: 'unpaced' }),
    cooldown: null,
    perMinute: null,
    perHour: null,
    perDay: null,
    perMonth: null,
    newRecipientsPerDay: null,
    warmUp: null,
    restrictions: [],
    gap: { gapMs: null, lastSentAt: null },
    queue: { size: 0, max: null, left: null, paused: false },
    messagesToday: 0,
    nextSendAt: bed.clock.now(),
    hold: null,
  });
});

it('counts what waits, and the gap after the last message', async () => {
  await bed.store.sessions.update('s1', { policy: { preset: 'standard', queueMax: 3 } });
  bed.outbox.own(bed.fence);
  const sentAt = bed.clock.now();
  await bed.reaches(await bed.post(), 'sent');
  const until = sentAt + GAP.min;
  expect(await bed.outbox.limits('s1')).toMatchObject({
    gap: { gapMs: GAP, lastSentAt: sentAt },
    queue: { size: 0, max: 3, left: 3 },
    messagesToday: 1,
    perDay: { max: 500, used: 1, left: 499, freesAt: null },
    warmUp: { day: 1, days: 6, max: 20, used: 1, left: 19, freesAt: null },
    cooldown: { afterMessages: 20, used: 1 },
    nextSendAt: until,
    hold: { code: 'gap', until },
  });
  await bed.post();
  expect((await bed.outbox.limits('s1')).queue).toMatchObject({ size: 1, left: 2 });
});

it('a paused queue and a session without a connection have no next send, and say so', async () => {
  await bed.store.sessions.update('s1', { queuePaused: true });
  const paused = await bed.outbox.limits('s1');
  expect(paused).toMatchObject({ queue: { paused: true }, nextSendAt: null, hold: { code: 'paused' } });
  await bed.store.sessions.update('s1', { queuePaused: false });
  const reason = { code: 'connection_lost', message: 'It went silent.', action: 'Wait.' };
  await bed.store.sessions.setStatus('s1', { status: 'disconnected', reason, since: bed.clock.now() });
  expect(await bed.outbox.limits('s1')).toMatchObject({
    nextSendAt: null,
    hold: {
      code: 'session_not_connected',
      message: 'the session is disconnected: It went silent.',
      until: null,
    },
  });
});

it('a session that is not there has none', async () => {
  await expect(bed.outbox.limits('s2')).rejects.toMatchObject({ code: 'session_not_found' });
});
