/**
 * Each reason to wait by itself: its code, its words and its end.
 */
import { DAY_MS, type CapUse } from '../../../gateway/src/domain/caps.js';
import {
  decide,
  NOTHING_SENT,
  type RecipientHistory,
  type SendingHistory,
} from '../../../gateway/src/domain/pacing.js';
import { resolvePolicy, type PolicyInput } from '../../../gateway/src/domain/policy.js';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const STRANGER: RecipientHistory = { isNew: true, isRefused: false, lastSentAt: null, lastReceivedAt: null };
const FRIEND: RecipientHistory = { isNew: false, isRefused: false, lastSentAt: null, lastReceivedAt: null };

const holdOf = (decision: ReturnType<typeof decide>) => (decision.send ? null : decision.hold);

describe('a reason to wait', () => {
  const ask = (
    input: PolicyInput,
    history: Partial<SendingHistory>,
    recipient: RecipientHistory | null = FRIEND,
  ) =>
    decide({
      policy: resolvePolicy({ preset: 'unpaced', ...input }),
      history: { ...NOTHING_SENT, ...history },
      recipient,
      now: NOW,
      random: 0,
    });
  const full = (name: CapUse['name'], more: Partial<CapUse> = {}): CapUse[] => [
    {
      name,
      track: name === 'newRecipients' ? 'new' : 'all',
      max: 5,
      perMs: DAY_MS,
      used: 5,
      freesAt: NOW + HOUR,
      ...more,
    },
  ];

  it.each<[string, PolicyInput, Partial<SendingHistory>, RecipientHistory, number, string]>([
    [
      'gap',
      { gapMs: { min: 5_000, max: 9_000 } },
      { lastSentAt: NOW - 1_000 },
      FRIEND,
      4_000,
      'held 4 s: gap of 5 s to 9 s between two messages',
    ],
    [
      'cooldown',
      { cooldown: { afterMessages: 20, minMs: 30_000, maxMs: 30_000 } },
      { lastSentAt: NOW, sinceCooldown: 20 },
      FRIEND,
      30_000,
      'held 30 s: pause of 30 s after 20 messages',
    ],
    [
      'minute_limit',
      { perMinute: 5 },
      { caps: full('minute') },
      FRIEND,
      HOUR,
      'held 60 min: 5 of 5 messages a minute used',
    ],
    [
      'hour_limit',
      { perHour: 5 },
      { caps: full('hour') },
      FRIEND,
      HOUR,
      'held 60 min: 5 of 5 messages an hour used',
    ],
    [
      'month_limit',
      { perMonth: 5 },
      { caps: full('month') },
      FRIEND,
      HOUR,
      'held 60 min: 5 of 5 messages in 30 days used',
    ],
    [
      'day_limit',
      { perDay: 5 },
      { caps: full('day', { freesAt: NOW + 5 * HOUR + 20 * MINUTE }) },
      FRIEND,
      5 * HOUR + 20 * MINUTE,
      'held 5 h 20 min: 5 of 5 messages a day used',
    ],
    [
      'new_recipients_limit',
      { newRecipientsPerDay: 5 },
      { caps: full('newRecipients') },
      STRANGER,
      HOUR,
      'held 60 min: 5 of 5 new recipients a day used',
    ],
    [
      'recipient_cooldown',
      { recipientCooldownMs: 60_000 },
      {},
      { ...FRIEND, lastSentAt: NOW - 22_000 },
      38_000,
      'held 38 s: this recipient is written to once in 60 s',
    ],
    [
      'identical_text',
      { identicalText: { max: 3, perMs: HOUR } },
      { identical: { freesAt: NOW + MINUTE } },
      FRIEND,
      MINUTE,
      'held 60 s: the same text goes to 3 recipients in 60 min',
    ],
    [
      'quiet_hours',
      { quietHours: { from: '22:00', to: '08:00', timeZone: 'UTC' } },
      {},
      FRIEND,
      8 * HOUR,
      'held 8 h: quiet hours from 22:00 to 08:00 (UTC)',
    ],
    [
      'whatsapp_restricted',
      {},
      {
        restriction: {
          kind: 'timelock',
          active: true,
          until: NOW + 3 * DAY_MS,
          reason: null,
          quota: null,
          since: NOW,
        },
      },
      STRANGER,
      3 * DAY_MS,
      'held 3 d: WhatsApp does not let this number start new chats at the moment',
    ],
  ])('%s', (code, policy, history, recipient, waitMs, message) => {
    expect(holdOf(ask(policy, history, recipient))).toEqual({ code, message, until: NOW + waitMs });
  });

  it('says how far the warm-up is, whatever holds', () => {
    const warmUp = { enabled: true, firstDay: 20, growth: 1.8, days: 6 };
    const history = {
      lastSentAt: NOW - 22_000,
      sinceCooldown: 20,
      warmUpSince: NOW - DAY_MS,
      caps: full('warmUp', { track: 'unprompted', max: 36, used: 14, freesAt: null }),
    };
    const cooldown = { afterMessages: 20, minMs: 60_000, maxMs: 60_000 };
    expect(holdOf(ask({ warmUp, cooldown }, history))?.message).toBe(
      'held 38 s: pause of 60 s after 20 messages; warm-up day 2, 14 of 36 used',
    );
    const caps = full('warmUp', { track: 'unprompted', max: 36, used: 36, freesAt: NOW + 2 * DAY_MS });
    const spent = holdOf(ask({ warmUp }, { ...history, caps }));
    expect(spent).toEqual({
      code: 'warm_up',
      message: 'held 24 h: warm-up day 2, 36 of 36 used',
      until: NOW + DAY_MS,
    });
  });

  it('new recipients wait for reasons that do not hold those who are known', () => {
    const restriction = {
      kind: 'refusal' as const,
      active: true,
      until: NOW + 1,
      reason: null,
      quota: null,
      since: 0,
    };
    expect(ask({}, { restriction }, STRANGER)).toMatchObject({ own: { allNew: true }, session: null });
    expect(ask({}, { restriction }, FRIEND).send).toBe(true);
    expect(ask({ newRecipientsPerDay: 5 }, { caps: full('newRecipients') }, FRIEND).send).toBe(true);
  });

  it('a reply has a gap of its own, no pause and no warm-up', () => {
    const policy: PolicyInput = { preset: 'conversation' };
    const history = { lastSentAt: NOW, sinceCooldown: 20, caps: full('warmUp', { track: 'unprompted' }) };
    const wrote = { ...FRIEND, lastReceivedAt: NOW - 23 * HOUR };
    expect(holdOf(ask(policy, history, wrote))).toMatchObject({ code: 'gap', until: NOW + 1_000 });
    const longAgo = { ...FRIEND, lastReceivedAt: NOW - 24 * HOUR };
    expect(holdOf(ask(policy, history, longAgo))).toMatchObject({ code: 'warm_up' });
  });
});
