/**
 * A session that counts nothing for a while and one that counts always send the same: whenever both have limits, both have
 * used the same of them. Driven at random over days, with restarts and people who write.
 */
import fc from 'fast-check';
import type { PolicyInput } from '../../../gateway/src/domain/policy.js';
import type { Fence } from '../../../gateway/src/domain/session.js';
import { createPolicyChange } from '../../../gateway/src/whatsapp/policyChange.js';
import { openBed, SECOND, text, type Bed } from './bed.js';

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const FREE: PolicyInput = { preset: 'unpaced' };
/** So high that nothing is ever held by them. */
const COUNTED: PolicyInput = { preset: 'unpaced', perMinute: 100_000 };
const LIMITS: PolicyInput = {
  ...COUNTED,
  newRecipientsPerDay: 100_000,
  perHour: 100_000,
  perDay: 100_000,
  perMonth: 100_000,
  recipientCooldownMs: 1,
  identicalText: { max: 2, perMs: 24 * HOUR },
  warmUp: { enabled: true, firstDay: 100_000, growth: 1, days: 30 },
};
const GROUP = '123456789012@g.us';
const chatOf = (person: number): string => (person === 0 ? GROUP : `4915100000${String(100 + person)}`);
const jidOf = (person: number): string => (person === 0 ? GROUP : `${chatOf(person)}@s.whatsapp.net`);

type Step =
  | { kind: 'send'; person: number; body: number }
  | { kind: 'hear'; person: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'switch' }
  | { kind: 'restart' };

const person = fc.integer({ min: 0, max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      person,
      body: fc.integer({ min: 0, max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hear' as const), person }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20 * HOUR }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'switch' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

async function historyOf({ db, store }: Bed, sessionId: string) {
  const counters = await store.sendings.counters({ sessionId, test: false });
  const sendings = await db
    .selectFrom('sendings')
    .select(['track', 'n', 'at'])
    .where('session_id', '=', sessionId)
    .orderBy('track')
    .orderBy('n')
    .execute();
  const contacts = await db
    .selectFrom('contacts')
    .select(['chat_jid', 'first_sent_at', 'last_sent_at', 'last_received_at'])
    .where('session_id', '=', sessionId)
    .orderBy('chat_jid')
    .execute();
  const texts = await db
    .selectFrom('text_sendings')
    .select(['text_hash', 'at'])
    .where('session_id', '=', sessionId)
    .orderBy('text_hash')
    .orderBy('at')
    .execute();
  return { counters, sendings, contacts, texts };
}

async function drive(steps: Step[], bed: Bed): Promise<void> {
  const change = createPolicyChange(bed);
  const fences = new Map<string, Fence>([
    ['s1', bed.fence],
    ['always', await bed.addSession('always', COUNTED)],
  ]);
  const own = () => [...fences.values()].forEach((fence) => bed.outbox.own(fence));
  own();
  /** Whether one that is heard tells when it was written to before: only the last time is known. */
  let free = true;
  const hears = steps.some(({ kind }) => kind === 'hear');
  const compare = async (): Promise<void> => {
    const [one, always] = [await historyOf(bed, 's1'), await historyOf(bed, 'always')];
    const of = ({ sendings }: typeof one, track: string) => sendings.filter((row) => row.track === track);
    expect(of(one, 'all')).toEqual(of(always, 'all'));
    expect(one.contacts).toEqual(always.contacts);
    for (const track of ['unprompted', 'new']) {
      if (!hears) expect(of(one, track)).toEqual(of(always, track));
      // Where the messages do not tell, what counts for more.
      expect(of(one, track).length).toBeGreaterThanOrEqual(of(always, track).length);
    }
    const { lastSentAt, warmUpSince } = always.counters;
    expect(one.counters).toMatchObject({ lastSentAt, warmUpSince, sent: { all: always.counters.sent.all } });
  };
  for (const next of steps) {
    if (next.kind === 'wait') bed.clock.advance(next.ms);
    if (next.kind === 'hear' && next.person > 0) {
      for (const sessionId of fences.keys())
        await bed.store.contacts.received({ sessionId, test: false }, jidOf(next.person), bed.clock.now());
    }
    if (next.kind === 'send') {
      bed.clock.advance(1);
      for (const sessionId of fences.keys()) {
        const posted = await bed.post({
          sessionId,
          to: chatOf(next.person),
          ...text(`text ${String(next.body)}`),
        });
        await bed.reaches(posted, 'sent');
      }
    }
    if (next.kind === 'restart') {
      for (const sessionId of fences.keys()) await bed.outbox.disown(sessionId);
      own();
    }
    if (next.kind === 'switch') {
      free = !free;
      await change('s1', {}, free ? FREE : COUNTED);
      bed.bell.ring('session:s1');
      if (!free) await compare();
    }
  }
  for (const sessionId of fences.keys()) await change(sessionId, {}, LIMITS);
  await compare();
  // Neither has counted texts until now.
  expect((await historyOf(bed, 's1')).texts).toEqual((await historyOf(bed, 'always')).texts);
}

test('whatever was sent while nothing was counted is in the history when limits come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const bed = await openBed({ pollMs: 100 * 24 * HOUR });
      try {
        await drive(steps, bed);
        expect(bed.errors).toEqual([]);
      } finally {
        await bed.close();
      }
    }),
    { numRuns: 25 },
  );
}, 300_000);
