/**
 * How far each message has come, from the receipts that clients and simulated people gave. Pure; used by screen.ts.
 */
import { linkedDevices, type Account } from '../directory/directory.js';
import type { Records } from '../records/records.js';

export const TICKS = ['sent', 'delivered', 'read', 'played'] as const;
export type Tick = (typeof TICKS)[number];

const LEVELS: Record<string, number> = { delivered: 1, inactive: 1, read: 2, played: 3 };
/** What tells an account's own devices, and nobody else, that something was read. */
const READ_SILENTLY = 'read-self';
const keyOf = (reader: string, waId: string): string => `${reader} ${waId}`;

export interface Ticks {
  /** How far a message of the account has come with this recipient. */
  of(message: { waId: string; fromDevice: number }, recipient: Account): Tick;
  /** Whether the account itself has read the message, on its phone or on a client. */
  hasRead(waId: string): boolean;
}

/** Everything known about the messages that the account sent and got. */
export function ticksOf(records: Records, account: Account): Ticks {
  const levels = new Map<string, number>();
  const readSilently = new Set<string>();
  for (const { waIds, from, to, type } of [...records.receipts.all(), ...records.given.all()]) {
    if (type === READ_SILENTLY && from === account.number) for (const waId of waIds) readSilently.add(waId);
    const level = LEVELS[type];
    if (level === undefined || (to !== account.number && from !== account.number)) continue;
    for (const waId of waIds) {
      const key = keyOf(from, waId);
      levels.set(key, Math.max(level, levels.get(key) ?? 0));
    }
  }
  /** Between two simulated phones no receipt travels: it has arrived once it was written. */
  const atOnce = (fromDevice: number, recipient: Account): number => {
    if (fromDevice !== 0 || linkedDevices(recipient).length > 0) return 0;
    return recipient.policy.read ? 2 : recipient.policy.delivered ? 1 : 0;
  };
  return {
    of: ({ waId, fromDevice }, recipient) =>
      TICKS[levels.get(keyOf(recipient.number, waId)) ?? atOnce(fromDevice, recipient)] ?? 'sent',
    hasRead: (waId) => readSilently.has(waId) || (levels.get(keyOf(account.number, waId)) ?? 0) >= 2,
  };
}
