/**
 * What each kind of fault can be told and limited to. A fault with a limit that can never apply would wait for ever and
 * its test would prove nothing, so it is refused.
 */
import type { FaultKind, FaultSpec } from './faults.js';

type Setting = Exclude<keyof FaultSpec, 'kind'>;

interface Rules {
  /** Beside `durationMs`, which every kind understands. */
  allowed: readonly Setting[];
  /** One of them at least. */
  needed?: readonly Setting[];
}

/** Before the handshake nobody knows who is calling. */
const beforeHandshake: Rules = { allowed: ['count'] };
/** Faults that last have no uses to count. */
const ofLink: Rules = { allowed: ['session'] };
const ofMessage = ['session', 'recipient', 'count'] as const;
const ofQuery = ['session', 'xmlns', 'count'] as const;
const ofFile = ['session', 'count'] as const;
const slowFile: Rules = { allowed: [...ofFile, 'delayMs', 'bytesPerSecond'] };

const RULES: Record<FaultKind, Rules> = {
  refuse_connection: { allowed: [] },
  refuse_upgrade: { allowed: ['count', 'code'] },
  reset_upgrade: beforeHandshake,
  hang_upgrade: beforeHandshake,
  hang_handshake: beforeHandshake,
  half_open: ofLink,
  latency: { allowed: ['session', 'delayMs'], needed: ['delayMs'] },
  bandwidth: { allowed: ['session', 'bytesPerSecond'], needed: ['bytesPerSecond'] },
  fail_login: { allowed: ['session', 'count', 'code'] },
  drop_ack: { allowed: ofMessage },
  delay_ack: { allowed: [...ofMessage, 'delayMs'] },
  refuse_message: { allowed: [...ofMessage, 'code'] },
  corrupt_message: { allowed: ofMessage },
  drop_retry: { allowed: ofMessage },
  drop_query: { allowed: ofQuery },
  delay_query: { allowed: [...ofQuery, 'delayMs'] },
  refuse_query: { allowed: [...ofQuery, 'code'] },
  fail_upload: { allowed: [...ofFile, 'code'] },
  slow_upload: slowFile,
  truncate_upload: { allowed: ofFile },
  fail_download: { allowed: [...ofFile, 'code'] },
  slow_download: slowFile,
  truncate_download: { allowed: ofFile },
};

/** Why the fault could never do what it says; undefined when it can. */
export function objectionTo(spec: FaultSpec): string | undefined {
  const { allowed, needed } = RULES[spec.kind];
  const given = (Object.keys(spec) as (keyof FaultSpec)[]).filter(
    (name): name is Setting => name !== 'kind' && spec[name] !== undefined,
  );
  const useless = given.filter((name) => name !== 'durationMs' && !allowed.includes(name));
  if (useless.length > 0) {
    const known = [...allowed, 'durationMs'].join(', ');
    return `${spec.kind} has no use for ${useless.join(', ')}; it understands ${known}`;
  }
  const missing = needed?.filter((name) => !given.includes(name)) ?? [];
  return missing.length > 0 ? `${spec.kind} needs ${missing.join(', ')}` : undefined;
}
