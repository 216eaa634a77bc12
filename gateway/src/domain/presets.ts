/**
 * The presets: complete policies to start from. Pure values; docs/pacing.md has them as a table.
 */
import type { OptOutRules, Policy, WarmUp } from './policy.js';

export const PRESETS = ['standard', 'conversation', 'bulk', 'otp', 'unpaced'] as const;
export type Preset = (typeof PRESETS)[number];

const OPT_OUT: OptOutRules = {
  keywords: ['stop', 'stopp', 'unsubscribe', 'opt out', 'optout', 'abmelden', 'baja', 'parar', 'sair'],
  answer: null,
};

/** 20, 36, 65, 117, 210 and 378 messages on the first six days. */
const WARM_UP: WarmUp = { enabled: true, firstDay: 20, growth: 1.8, days: 6 };

const STANDARD: Policy = {
  preset: 'standard',
  gapMs: { min: 5_000, max: 9_000 },
  typing: { perCharacterMs: 40, minMs: 500, maxMs: 4_000 },
  cooldown: { afterMessages: 20, minMs: 30_000, maxMs: 60_000 },
  perMinute: null,
  perHour: null,
  perDay: 500,
  perMonth: null,
  newRecipientsPerDay: null,
  recipientCooldownMs: null,
  identicalText: null,
  onLimit: 'queue',
  queueMax: 100_000,
  warmUp: WARM_UP,
  quietHours: null,
  replyGapMs: null,
  checkRecipient: true,
  optOut: OPT_OUT,
};

export const PRESET_POLICIES: Record<Preset, Policy> = {
  standard: STANDARD,
  conversation: { ...STANDARD, preset: 'conversation', replyGapMs: { min: 1_000, max: 3_000 } },
  bulk: {
    ...STANDARD,
    preset: 'bulk',
    gapMs: { min: 8_000, max: 15_000 },
    cooldown: { afterMessages: 30, minMs: 120_000, maxMs: 300_000 },
    perHour: 150,
    perDay: 1_000,
    newRecipientsPerDay: 250,
  },
  otp: {
    ...STANDARD,
    preset: 'otp',
    gapMs: { min: 1_000, max: 2_000 },
    typing: null,
    cooldown: null,
    perMinute: 30,
    perDay: 1_000,
    recipientCooldownMs: 60_000,
    onLimit: 'reject',
    warmUp: { ...WARM_UP, enabled: false },
  },
  unpaced: {
    ...STANDARD,
    preset: 'unpaced',
    gapMs: null,
    typing: null,
    cooldown: null,
    perDay: null,
    queueMax: null,
    warmUp: { ...WARM_UP, enabled: false },
  },
};
