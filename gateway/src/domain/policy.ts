/**
 * How fast a session may send: the policy's fields, the presets, and how what a user gives becomes a whole policy.
 * Pure; `pacing` decides with it, PATCH /v1/sessions/{id} changes it.
 */
import type { FieldError } from './error.js';
import { PRESET_POLICIES, type Preset } from './presets.js';

export interface Range {
  min: number;
  max: number;
}

/** How long the recipient sees somebody typing before a text arrives. */
export interface Typing {
  perCharacterMs: number;
  minMs: number;
  maxMs: number;
}

/** A longer pause after so many messages in a row. */
export interface Cooldown {
  afterMessages: number;
  minMs: number;
  maxMs: number;
}

/** A new number writes to few strangers at first: `firstDay` messages on its first day, `growth` times as many each day. */
export interface WarmUp {
  enabled: boolean;
  firstDay: number;
  growth: number;
  /** Days until the warm-up is over. */
  days: number;
}

/** Local times of day, `HH:MM`; from the later to the earlier one over midnight. */
export interface QuietHours {
  from: string;
  to: string;
  /** IANA name. */
  timeZone: string;
}

/** At most `max` messages with one text in `perMs`. */
export interface IdenticalText {
  max: number;
  perMs: number;
}

export interface OptOutRules {
  /** A direct message that says nothing but one of these puts its sender on the opt-out list. */
  keywords: string[];
  /** What is answered then, once; null: nothing. */
  answer: string | null;
}

/** A complete policy. Null means no limit. */
export interface Policy {
  preset: Preset;
  /** Milliseconds between two messages of the session, drawn anew for each message. */
  gapMs: Range | null;
  typing: Typing | null;
  cooldown: Cooldown | null;
  /** Messages in any 60 seconds, 60 minutes, 24 hours, 30 days. */
  perMinute: number | null;
  perHour: number | null;
  perDay: number | null;
  perMonth: number | null;
  /** First messages to people who never wrote and were never written to, in any 24 hours. */
  newRecipientsPerDay: number | null;
  /** Between two messages to one recipient. */
  recipientCooldownMs: number | null;
  identicalText: IdenticalText | null;
  /** What becomes of a message that a cap stands against: it waits, or is refused with 429 when it is posted. */
  onLimit: 'queue' | 'reject';
  /** Messages that may wait in the session's queue; one more is refused with queue_full. */
  queueMax: number | null;
  warmUp: WarmUp;
  quietHours: QuietHours | null;
  /** Replies to somebody who wrote within 24 hours go ahead of others, with this gap; null: like all others. */
  replyGapMs: Range | null;
  /** Ask WhatsApp whether the number exists before a message is accepted. */
  checkRecipient: boolean;
  optOut: OptOutRules;
}

type PartOf<T> = { [K in keyof T]?: T[K] | undefined };

/** What a user may give: a preset, and the fields that differ from it. */
export type PolicyInput = PartOf<Omit<Policy, 'typing' | 'warmUp' | 'optOut'>> & {
  /** True: as usual; false and null: none. */
  typing?: boolean | PartOf<Typing> | null | undefined;
  warmUp?: PartOf<WarmUp> | undefined;
  optOut?: PartOf<OptOutRules> | undefined;
};

export const USUAL_TYPING: Typing = { perCharacterMs: 40, minMs: 500, maxMs: 4_000 };

/** Fields that a user left out say nothing. */
function given<T extends object>(part: T | null | undefined): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(part ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function typingOf(input: PolicyInput['typing'], preset: Typing | null): Typing | null {
  if (input === undefined) return preset;
  if (input === false || input === null) return null;
  return { ...(preset ?? USUAL_TYPING), ...(input === true ? {} : given(input)) };
}

/** The complete policy for what a user gave: the preset's values, overridden field by field. */
export function resolvePolicy(input: PolicyInput | null): Policy {
  const preset = PRESET_POLICIES[input?.preset ?? 'standard'];
  const { typing, warmUp, optOut, ...plain } = input ?? {};
  return {
    ...preset,
    ...given(plain),
    typing: typingOf(typing, preset.typing),
    warmUp: { ...preset.warmUp, ...given(warmUp) },
    optOut: { ...preset.optOut, ...given(optOut) },
  };
}

/**
 * What a change makes of what a user gave before: named fields replace theirs, others stay. Naming a preset begins from
 * that preset, and null from the default one.
 */
export function mergePolicy(before: PolicyInput | null, change: PolicyInput | null): PolicyInput | null {
  if (change === null || before === null || change.preset !== undefined) return change;
  const { typing, warmUp, optOut, ...plain } = change;
  const merged: PolicyInput = { ...before, ...given(plain) };
  if (typing !== undefined) {
    const parts = (input: PolicyInput['typing']) => (typeof input === 'object' ? given(input) : {});
    const isPartial = typeof typing === 'object' && typing !== null;
    merged.typing = isPartial ? { ...parts(before.typing), ...parts(typing) } : typing;
  }
  if (warmUp) merged.warmUp = { ...before.warmUp, ...given(warmUp) };
  if (optOut) merged.optOut = { ...before.optOut, ...given(optOut) };
  return merged;
}

const LOOSE_GAP_MS = 500;
const LOOSE_PER_MINUTE = 120;

/** Whether a policy sends (almost) without any gap, which only an admin may choose: numbers are banned for it. */
export const isUnpaced = (input: PolicyInput | null): boolean => {
  const { gapMs, perMinute } = resolvePolicy(input);
  const isShort = gapMs === null || (gapMs.min + gapMs.max) / 2 < LOOSE_GAP_MS;
  return isShort && (perMinute === null || perMinute > LOOSE_PER_MINUTE);
};

/** Whether a policy limits anything that is counted; when not, nothing has to be counted. */
export function isCounted(policy: Policy): boolean {
  const { gapMs, cooldown, warmUp, identicalText, recipientCooldownMs, newRecipientsPerDay, replyGapMs } =
    policy;
  const limits = [gapMs, cooldown, identicalText, recipientCooldownMs, newRecipientsPerDay, replyGapMs];
  const caps = [policy.perMinute, policy.perHour, policy.perDay, policy.perMonth];
  return warmUp.enabled || [...limits, ...caps].some((limit) => limit !== null);
}

/** What is to be counted afterwards when one policy takes the place of another, because it was not counted until now. */
export function newlyCounted(
  before: PolicyInput | null,
  after: PolicyInput | null,
): { sendings: boolean; textsOfMs: number | null } {
  const [old, now] = [resolvePolicy(before), resolvePolicy(after)];
  return {
    sendings: isCounted(now) && !isCounted(old),
    textsOfMs: old.identicalText === null ? (now.identicalText?.perMs ?? null) : null,
  };
}

/** What does not fit together once a policy is whole; empty when all does. */
export function policyErrors(input: PolicyInput | null): FieldError[] {
  const { typing } = resolvePolicy(input);
  if (typing === null || typing.minMs <= typing.maxMs) return [];
  return [
    { path: 'policy.typing.maxMs', message: `must not be smaller than minMs, which is ${typing.minMs}` },
  ];
}
