/**
 * What WhatsApp holds against a number: the reach-out time-lock, the cap of new chats, a refusal (463) whose end nobody
 * told. While one is active nothing goes to people the number has no chat with. Pure.
 */
import type { NewEvent } from './event.js';

export const RESTRICTION_KINDS = ['timelock', 'capping', 'refusal'] as const;
export type RestrictionKind = (typeof RESTRICTION_KINDS)[number];

/** WhatsApp's number for a message to somebody whom the sender may not write to first. */
export const REACHOUT_REFUSED = '463';

export interface Restriction {
  kind: RestrictionKind;
  /** Whether it holds anything; a cap that is not reached is kept for its numbers. */
  active: boolean;
  /** When it ends, milliseconds since 1970; null: WhatsApp did not say. */
  until: number | null;
  /** WhatsApp's word for the cause. */
  reason: string | null;
  /** New chats that WhatsApp allows in its cycle, and those used; null: it did not say. */
  quota: { total: number; used: number } | null;
  since: number;
}

/** A refusal without a known end is waited out so long at first, and at most so long. */
const REFUSAL_MS = 30 * 60_000;
const LONGEST_REFUSAL_MS = 24 * 3_600_000;

/** WhatsApp's clock and ours differ a little, and a message too early makes a restriction longer. */
export const RESTRICTION_MARGIN_MS = 2_000;

/** A restriction without an end is asked about again after this time. */
const UNKNOWN_END_MS = 3_600_000;

const endOf = ({ until, since }: Restriction): number => until ?? since + UNKNOWN_END_MS;

/** The active restriction that ends last; null: none holds at the moment. */
export function activeRestriction(
  restrictions: readonly Restriction[],
  now: number,
): (Restriction & { until: number }) | null {
  const active = restrictions
    .filter((restriction) => restriction.active && endOf(restriction) > now)
    .map((restriction) => ({ ...restriction, until: endOf(restriction) }));
  return active.sort((a, b) => b.until - a.until)[0] ?? null;
}

/**
 * A refusal (463) whose end nobody told. The next one soon after the last was waited out is waited out twice as long,
 * since each try counts as one more reach-out.
 */
export function refusalAfter(before: Restriction | undefined, now: number): Restriction {
  const lastMs = before?.until == null ? 0 : before.until - before.since;
  const isSoon = before?.until != null && now - before.until < lastMs;
  const lengthMs = isSoon ? Math.min(LONGEST_REFUSAL_MS, 2 * lastMs) : REFUSAL_MS;
  return {
    kind: 'refusal',
    active: true,
    until: now + lengthMs,
    reason: REACHOUT_REFUSED,
    quota: null,
    since: now,
  };
}

/** In words, for a hold. */
export function describeRestriction({ kind, quota }: Restriction): string {
  if (kind === 'capping') {
    const used = quota && quota.total > 0 ? `, ${String(quota.used)} of ${String(quota.total)} used` : '';
    return `WhatsApp's limit of new chats for this number is reached${used}`;
  }
  if (kind === 'timelock') return 'WhatsApp does not let this number start new chats at the moment';
  return 'WhatsApp refused a message to a new chat (463)';
}

/** `session.restricted`: what holds now, or with `active: false` that it has ended. */
export const restrictionEvent = (sessionId: string, restriction: Restriction): NewEvent => ({
  type: 'session.restricted',
  sessionId,
  data: {
    kind: restriction.kind,
    active: restriction.active,
    until: restriction.until === null ? null : new Date(restriction.until).toISOString(),
    reason: restriction.reason,
    quota: restriction.quota,
    message: restriction.active ? describeRestriction(restriction) : 'the restriction has ended',
  },
});
