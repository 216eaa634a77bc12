/**
 * The desk that the phone page shows: who there is, codes that devices show to be linked, and up to a few phones.
 * A hash stands for the whole, so that a page can wait until it looks different from what it has.
 */
import { createHash } from 'node:crypto';
import { linkedDevices, type Account } from '../directory/directory.js';
import type { WaitingClient } from '../pairing/pairing.js';
import type { World } from '../world.js';
import { screenOf, type Screen } from './screen.js';

export interface Person {
  number: string;
  name: string;
  kind: 'phone' | 'contact';
  linkedDevices: number;
}

/** A device that waits to be linked. */
export interface ShownCode {
  id: string;
  platform: string;
  /** What shows it; null while nobody has held its QR code in front of the phones. */
  label: string | null;
  qr: string | null;
  /** The number for which it shows a pairing code. */
  codeFor: string | null;
}

export interface Desk {
  /** Phones first, then contacts, each in the order in which they were made. */
  people: Person[];
  /** All of them; `people` holds at most a hundred. */
  peopleCount: number;
  codes: ShownCode[];
  /** In the order asked for; null for numbers that do not exist. */
  screens: (Screen | null)[];
}

export interface DeskRequest {
  /** Numbers, and the chat that is open on each. */
  open: { number: string; chat: string | null }[];
  /** Part of a name or number. */
  search: string;
}

const PEOPLE_LIMIT = 100;

const toPerson = (account: Account): Person => ({
  number: account.number,
  name: account.name,
  kind: account.kind,
  linkedDevices: linkedDevices(account).length,
});

const toCode = ({ connection, registration, shown, codeRequest }: WaitingClient): ShownCode => ({
  id: connection.id,
  platform: registration.platform,
  label: shown?.label ?? null,
  qr: shown?.qr ?? null,
  codeFor: codeRequest?.number ?? null,
});

/** The desk as it is now. */
export function deskOf(world: World, waiting: WaitingClient[], { open, search }: DeskRequest): Desk {
  const wanted = search.trim().toLowerCase();
  const found = world.directory
    .all()
    .filter(({ name, number }) => name.toLowerCase().includes(wanted) || number.includes(wanted));
  const rank = ({ kind }: Account): number => (kind === 'phone' ? 0 : 1);
  return {
    people: found
      .sort((a, b) => rank(a) - rank(b))
      .slice(0, PEOPLE_LIMIT)
      .map(toPerson),
    peopleCount: found.length,
    codes: waiting.map(toCode),
    screens: open.map(({ number, chat }) => {
      const account = world.directory.byNumber(number);
      return account ? screenOf(world, account, chat) : null;
    }),
  };
}

/** A short text that differs when the desk does. */
export const tagOf = (desk: Desk): string =>
  createHash('sha256').update(JSON.stringify(desk)).digest('base64url').slice(0, 16);
