/**
 * Trouble on command: rules that the rest of the simulator asks about at the moment where each could bite.
 * A rule can be limited to a session, a recipient or a query kind, to a number of uses and to a time.
 */
import type { ChangeSignal } from '../records/changeSignal.js';

export const FAULT_KINDS = [
  'refuse_connection',
  'refuse_upgrade',
  'reset_upgrade',
  'hang_upgrade',
  'hang_handshake',
  'half_open',
  'latency',
  'bandwidth',
  'fail_login',
  'drop_ack',
  'delay_ack',
  'refuse_message',
  'corrupt_message',
  'drop_retry',
  'drop_query',
  'delay_query',
  'refuse_query',
  'fail_upload',
  'slow_upload',
  'truncate_upload',
  'fail_download',
  'slow_download',
  'truncate_download',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultSpec {
  kind: FaultKind;
  /** Number of the session's phone. */
  session?: string | undefined;
  /** Number (or group JID) that a message goes to. */
  recipient?: string | undefined;
  /** Namespace of the query, for the query faults. */
  xmlns?: string | undefined;
  /** HTTP status, failure reason, ack or query error code, as the kind demands. */
  code?: number | undefined;
  delayMs?: number | undefined;
  /** For `bandwidth`, in each direction. */
  bytesPerSecond?: number | undefined;
  /** Uses before the rule is spent; without it there is no limit. */
  count?: number | undefined;
  /** Milliseconds from now after which the rule is over; without it there is no end. */
  durationMs?: number | undefined;
}

export interface Fault extends FaultSpec {
  id: string;
  /** How often it has bitten. */
  uses: number;
  endsAt: number | undefined;
}

/** Where the question is asked; a rule's limits that are not known there do not match. */
export interface FaultScene {
  session?: string | undefined;
  recipient?: string | undefined;
  xmlns?: string | undefined;
}

export interface Faults {
  add(spec: FaultSpec): Fault;
  /** The first rule that applies, used up by one. */
  take(kind: FaultKind, scene?: FaultScene): Fault | undefined;
  /** The first rule that applies, not used up: for faults that last. */
  find(kind: FaultKind, scene?: FaultScene): Fault | undefined;
  remove(id: string): boolean;
  clear(): void;
  list(): Fault[];
  /** Calls back whenever rules were added or removed. */
  watch(callback: () => void): void;
}

/** No faults at first. */
export function createFaults(changes: ChangeSignal): Faults {
  let rules: Fault[] = [];
  let nextId = 1;
  const watchers: (() => void)[] = [];
  const announce = (): void => {
    for (const watcher of watchers) watcher();
  };

  const isOver = (rule: Fault): boolean =>
    (rule.count !== undefined && rule.uses >= rule.count) ||
    (rule.endsAt !== undefined && Date.now() >= rule.endsAt);
  const applies = (rule: Fault, kind: FaultKind, scene: FaultScene): boolean =>
    rule.kind === kind &&
    !isOver(rule) &&
    (rule.session === undefined || rule.session === scene.session) &&
    (rule.recipient === undefined || rule.recipient === scene.recipient) &&
    (rule.xmlns === undefined || rule.xmlns === scene.xmlns);

  return {
    add(spec) {
      const endsAt = spec.durationMs === undefined ? undefined : Date.now() + spec.durationMs;
      const rule: Fault = { ...spec, id: `fault-${nextId++}`, uses: 0, endsAt };
      rules = [...rules.filter((other) => !isOver(other)), rule];
      announce();
      return rule;
    },
    take(kind, scene = {}) {
      const rule = rules.find((candidate) => applies(candidate, kind, scene));
      if (rule) {
        rule.uses += 1;
        changes.notify();
      }
      return rule;
    },
    remove(id) {
      const before = rules.length;
      rules = rules.filter((rule) => rule.id !== id);
      announce();
      return rules.length < before;
    },
    clear() {
      rules = [];
      announce();
    },
    list: () => rules.filter((rule) => !isOver(rule)),
    find: (kind, scene = {}) => rules.find((candidate) => applies(candidate, kind, scene)),
    watch: (callback) => void watchers.push(callback),
  };
}
