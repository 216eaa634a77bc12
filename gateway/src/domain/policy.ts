/**
 * How fast a session may send: the policy's fields and the presets.
 * Pure; `pacing` decides with it, PATCH /v1/sessions/{id} changes it.
 */
export const PRESETS = ['standard', 'unpaced'] as const;
export type Preset = (typeof PRESETS)[number];

export interface Range {
  min: number;
  max: number;
}

/** A complete policy. Null means no limit. */
export interface Policy {
  preset: Preset;
  /** Milliseconds between two messages of the session, drawn anew for each message. */
  gapMs: Range | null;
  /** Messages that may wait in the session's queue; one more is refused with queue_full. */
  queueMax: number | null;
  /** Ask WhatsApp whether the number exists before a message is accepted. */
  checkRecipient: boolean;
}

/** What a user may give: a preset, and the fields that differ from it. */
export type PolicyInput = Partial<Policy>;

const PRESET_POLICIES: Record<Preset, Policy> = {
  standard: {
    preset: 'standard',
    gapMs: { min: 5_000, max: 9_000 },
    queueMax: 100_000,
    checkRecipient: true,
  },
  unpaced: { preset: 'unpaced', gapMs: null, queueMax: null, checkRecipient: true },
};

/** The complete policy for what a user gave: the preset's values, overridden field by field. */
export function resolvePolicy(input: PolicyInput | null): Policy {
  const preset = PRESET_POLICIES[input?.preset ?? 'standard'];
  return { ...preset, ...input };
}

/** Whether a policy sends without any gap, which only an admin may choose: numbers are banned for it. */
export const isUnpaced = (input: PolicyInput | null): boolean => {
  const { gapMs } = resolvePolicy(input);
  return gapMs === null || gapMs.max === 0;
};
